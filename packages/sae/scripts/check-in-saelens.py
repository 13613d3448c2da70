"""Reads SAEs that this project wrote with the real sae-lens and records what it makes of them:
src/fixtures/read-by-saelens.json, with the hashes of the files, so that a test fails when the files change.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12
    npx tsx packages/sae/scripts/write-examples.ts examples
    venv/bin/python packages/sae/scripts/check-in-saelens.py examples
"""
import hashlib
import json
import pathlib
import sys
import tempfile

import torch
from sae_lens.saes.sae import SAE, TrainingSAE

folder = pathlib.Path(sys.argv[1])
given = json.loads((folder / "examples.json").read_text())
X = torch.tensor(given["x"], dtype=torch.float32).reshape(-1, given["dIn"])


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


def load(path, training):
    """The SAE in float32 and the class that its file is read as. load_state_dict is strict: it raises on a tensor that is missing or too many."""
    name = type((TrainingSAE if training else SAE).load_from_disk(path)).__name__
    if not training:
        return SAE.load_from_disk(path, dtype="float32"), name
    # A batch decides in training; what sae-lens would save and use is what can be compared.
    with tempfile.TemporaryDirectory() as saved:
        TrainingSAE.load_from_disk(path).save_inference_model(saved)
        return SAE.load_from_disk(saved), name


def read(example):
    path = folder / example["folder"]
    record = {"name": example["name"], "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(path.iterdir())}}
    try:
        sae, name = load(path, example["training"])
    except KeyError as error:  # an architecture that it does not know
        return {**record, "class": f"refused: {error.args[0]}", "codes": [], "out": []}
    x = X
    if example["centred"]:  # sae-lens leaves centring to the model
        x = x - x.mean(-1, keepdim=True)
    if example["heads"]:
        x = x.reshape(2, -1, example["heads"], x.shape[-1] // example["heads"])
    with torch.no_grad():
        codes = sae.encode(x)
        out = sae(x)
    return {**record, "class": name, "codes": numbers(codes), "out": numbers(out)}


record = {
    "recordedWith": f"sae-lens {__import__('sae_lens').__version__}, torch {torch.__version__}",
    "cases": [read(example) for example in given["examples"]],
}
path = pathlib.Path(__file__).parent.parent / "src/fixtures/read-by-saelens.json"
cases = ",\n".join(f"  {json.dumps(case)}" for case in record["cases"])
path.write_text(f'{{\n "recordedWith": {json.dumps(record["recordedWith"])},\n "cases": [\n{cases}\n ]\n}}\n')
print(f"wrote {path}, {path.stat().st_size} bytes")
