"""Records event files as TensorBoard's own package writes and reads them, for src/logging/tensorboard/tensorboard.test.ts.

    python -m venv venv && venv/bin/pip install tensorboard==2.20.0
    venv/bin/python packages/sae/scripts/record-tensorboard.py

Two files of one run: the second goes on from step 50, so that what the first has of step 75 is void.
"""
import base64
import json
import pathlib
import tempfile

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def scalars(values):
    return Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])


def event(seconds, step, content):
    if content == "version":
        return Event(wall_time=seconds, step=step, file_version="brain.Event:2")
    if content == "restart":
        return Event(wall_time=seconds, step=step, session_log=SessionLog(status=SessionLog.START))
    return Event(wall_time=seconds, step=step, summary=scalars(content))


files = [
    [
        [1700000000.25, 0, "version"],
        [1700000000.25, 1, "restart"],
        [1700000001.5, 25, {"losses/mse_loss": 0.5, "metrics/l0": 8.0}],
        [1700000002.5, 50, {"losses/mse_loss": 0.25, "metrics/l0": 7.75}],
        [1700000003.5, 75, {"losses/mse_loss": 99.0, "metrics/l0": 0.0}],
    ],
    [
        [1700000010.0, 0, "version"],
        [1700000010.0, 51, "restart"],
        [1700000011.0, 75, {"losses/mse_loss": 0.125, "metrics/l0": 7.5}],
        [1700000012.0, 5000000000, {"evaluation/é": -1.5e-7}],
    ],
]
recorded = []
with tempfile.TemporaryDirectory() as folder:
    for number, events in enumerate(files):
        path = pathlib.Path(folder, f"events.out.tfevents.170000000{number}.host")
        with open(path, "wb") as file:
            writer = RecordWriter(file)
            for seconds, step, content in events:
                writer.write(event(seconds, step, content).SerializeToString())
            writer.flush()
        recorded.append({"events": events, "bytes": base64.b64encode(path.read_bytes()).decode()})
    accumulator = EventAccumulator(folder)
    accumulator.Reload()
    read = {
        tag: [[scalar.step, scalar.value] for scalar in accumulator.Scalars(tag)]
        for tag in accumulator.Tags()["scalars"]
    }

out = pathlib.Path(__file__).parent / "../src/logging/tensorboard/golden.json"
out.write_text(json.dumps({"files": recorded, "read": read}, indent=1, ensure_ascii=False) + "\n")
