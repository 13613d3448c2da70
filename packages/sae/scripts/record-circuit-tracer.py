"""Records files that circuit-tracer writes, and what it computes with them: src/fixtures/circuit-tracer.json.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12
    venv/bin/pip install --no-deps circuit-tracer==0.5.0
    venv/bin/python packages/sae/scripts/record-circuit-tracer.py

Transcoders of one layer with ReLU, with thresholds, and with a skip connection; a layer of a cross-layer transcoder, of
which only the activations mean something.
"""
import base64
import importlib.util
import json
import pathlib
import sys
import tempfile
import types

import torch

# Only its transcoders are needed; the __init__ files import the models that they are used with.
home = pathlib.Path(importlib.util.find_spec("circuit_tracer").origin).parent
for name in ("circuit_tracer", "circuit_tracer.transcoder", "circuit_tracer.utils"):
    module = types.ModuleType(name)
    module.__path__ = [str(home.joinpath(*name.split(".")[1:]))]
    module.get_default_device = lambda: torch.device("cpu")
    sys.modules[name] = module
from circuit_tracer.transcoder.activation_functions import JumpReLU  # noqa: E402
from circuit_tracer.transcoder.cross_layer_transcoder import CrossLayerTranscoder  # noqa: E402
from circuit_tracer.transcoder.single_layer_transcoder import SingleLayerTranscoder, TranscoderSet  # noqa: E402

D, D_SAE, ROWS, LAYERS = 5, 9, 6, 3
torch.manual_seed(17)


def grid(*shape, scale=1.0):
    return (torch.randn(*shape) * scale * 32).round() / 32


X = grid(ROWS, D) + 0.5
CONFIG = "model_name: Qwen/Qwen3-0.6B\nmodel_kind: {}\nfeature_input_hook: mlp.hook_in\nfeature_output_hook: hook_mlp_out\n"


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().double().flatten().tolist()]


def fill(module):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(torch.randint(4, 24, parameter.shape) / 32 if "threshold" in name else grid(*parameter.shape, scale=0.5))
    return module


def read(folder, names, kind):
    files = {name: base64.b64encode((folder / name).read_bytes()).decode() for name in names}
    return {**files, "config.yaml": base64.b64encode(CONFIG.format(kind).encode()).decode()}


def transcoder(name, activation, skip):
    module = fill(SingleLayerTranscoder(D, D_SAE, activation, 0, skip_connection=skip, dtype=torch.float32))
    folder = pathlib.Path(tempfile.mkdtemp())
    TranscoderSet({0: module}, "mlp.hook_in", "hook_mlp_out").to_safetensors(str(folder))
    return {"name": name, "file": "layer_0.safetensors", "files": read(folder, ["layer_0.safetensors"], "transcoder_set"), "codes": numbers(module.encode(X)), "out": numbers(module(X))}


def clt(name, activation):
    module = fill(CrossLayerTranscoder(LAYERS, D_SAE, D, activation_function=activation, lazy_decoder=False, dtype=torch.float32))
    folder = pathlib.Path(tempfile.mkdtemp())
    module.to_safetensors(str(folder))
    return {"name": name, "file": "W_enc_1.safetensors", "files": read(folder, ["W_enc_1.safetensors", "W_dec_1.safetensors"], "cross_layer_transcoder"), "codes": numbers(module.encode_layer(X, 1)), "out": None}


cases = [
    transcoder("a transcoder", torch.nn.functional.relu, False),
    transcoder("a transcoder with thresholds", JumpReLU(torch.zeros(D_SAE)), False),
    transcoder("a skip transcoder", torch.nn.functional.relu, True),
    transcoder("a skip transcoder with thresholds", JumpReLU(torch.zeros(D_SAE)), True),
    clt("a layer of a cross-layer transcoder", "relu"),
    clt("a layer of a cross-layer transcoder with thresholds", "jump_relu"),
]
document = {"recordedWith": f"circuit-tracer 0.5.0, torch {torch.__version__}", "x": numbers(X), "cases": cases}
path = pathlib.Path(__file__).parent.parent / "src/fixtures/circuit-tracer.json"
lines = ",\n".join(f" {json.dumps(key)}: " + ("[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if key == "cases" else json.dumps(value)) for key, value in document.items())
path.write_text("{\n" + lines + "\n}\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
