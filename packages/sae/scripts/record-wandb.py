"""Sends an offline run that we wrote through wandb's own `wandb sync` to a stub of its server on the loopback, and records what
arrived, for src/logging/wandb/wandb.test.ts.

    python -m venv venv && venv/bin/pip install wandb==0.31.0
    npx tsx packages/sae/scripts/write-wandb-example.ts /tmp/example
    venv/bin/python packages/sae/scripts/record-wandb.py /tmp/example/wandb/offline-run-*
"""
import gzip
import hashlib
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

run = pathlib.Path(sys.argv[1])
rows, mutations, uploads = [], [], {}


class Stub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def do_GET(self):
        self.reply({})

    def do_PUT(self):
        uploads[self.path.split("/")[-1]] = len(self.body())
        self.reply({})

    def do_POST(self):
        body = self.body()
        if self.path == "/graphql":
            return self.graphql(json.loads(body))
        if self.path.endswith("/file_stream"):
            history = json.loads(body).get("files", {}).get("wandb-history.jsonl")
            if history:
                rows[history["offset"] :] = [json.loads(line) for line in history["content"]]
        self.reply({})

    def graphql(self, request):
        query, variables = request["query"], request["variables"]
        if "upsertBucket" in query:
            mutations.append(variables)
            project = {"id": "p", "name": "saes", "entity": {"id": "e", "name": "me"}}
            bucket = {"id": "cnVu", "name": variables["name"], "displayName": variables["displayName"], "config": "{}"}
            return self.reply({"data": {"upsertBucket": {"bucket": {**bucket, "project": project}, "inserted": True}}})
        if "createRunFiles" in query:
            root = f"http://127.0.0.1:{server.server_port}/up/"
            files = [{"name": name, "uploadUrl": root + name} for name in variables["files"]]
            return self.reply({"data": {"createRunFiles": {"runID": "cnVu", "uploadHeaders": [], "files": files}}})
        self.reply({"data": {}})


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = {
    **os.environ,
    "WANDB_BASE_URL": f"http://127.0.0.1:{server.server_port}",
    "WANDB_API_KEY": "0" * 40,
    "WANDB_ERROR_REPORTING": "false",
}
wandb = pathlib.Path(sys.executable).parent / "wandb"
subprocess.run([wandb, "sync", "--yes", run], check=True, env=environment)

[file] = run.glob("*.wandb")
config = json.loads(mutations[0]["config"])
keep = lambda row: {name: value for name, value in sorted(row.items())}
out = pathlib.Path(__file__).parent / "../src/logging/wandb/synced.json"
record = {
    "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    "run": {name: mutations[0][name] for name in ("name", "project", "displayName", "host")},
    "config": {"k": config["k"], "noteLength": len(config["note"]["value"])},
    "rows": len(rows),
    "steps": [row["_step"] for row in rows[:3]] + [row["_step"] for row in rows[-2:]],
    "first": keep(rows[0]),
    "last": keep(rows[-1]),
}
out.write_text(json.dumps(record, indent=2) + "\n")
print(out.read_text())
