"""Records what OpenMOSS's own program computes for SAEs in the layouts of Llama Scope: src/fixtures/openmoss.json.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12
    venv/bin/pip install --no-deps llamascopium==2.0.0b34
    venv/bin/python packages/sae/scripts/record-openmoss.py

Decoder rows have norms other than 1, where sae-lens's reading of the thresholds differs. Llama Scope's one threshold was
found with the scale of inputs folded in ("inference"), which is how the program uses such an SAE; its activations are then
divided by that scale, which is undone here. R1's thresholds were trained on scaled inputs ("dataset-wise").
"""
import base64
import importlib.util
import json
import math
import pathlib
import sys
import tempfile
import types
import warnings

import torch
from safetensors.torch import save_file

# Only its models are needed; its __init__ imports what serves and trains them.
for name in ("llamascopium", "llamascopium.models"):
    module = types.ModuleType(name)
    root = pathlib.Path(importlib.util.find_spec("llamascopium").origin).parent if name == "llamascopium" else pathlib.Path(sys.modules["llamascopium"].__path__[0]) / "models"
    module.__path__ = [str(root)]
    sys.modules[name] = module
warnings.simplefilter("ignore")
from llamascopium.models.sae import SAEConfig, SparseAutoEncoder  # noqa: E402

D, D_SAE, ROWS = 6, 12, 7
torch.manual_seed(12)


def grid(*shape, scale=1.0):
    return (torch.randn(*shape) * scale * 32).round() / 32


X = grid(ROWS, D) + 0.5
W_E, b_E, W_D, b_D = grid(D, D_SAE, scale=0.6), grid(D_SAE, scale=0.2), grid(D_SAE, D, scale=0.7), grid(D, scale=0.3)
LOGARITHMS = grid(D_SAE, scale=0.5) - 0.5
LINEAR = {"encoder.weight": W_E.T.contiguous(), "encoder.bias": b_E, "decoder.weight": W_D.T.contiguous(), "decoder.bias": b_D}
COMMON = {"use_decoder_bias": True, "act_fn": "jumprelu", "norm_activation": "dataset-wise", "sparsity_include_decoder_norm": True, "use_glu_encoder": False, "d_model": D}


def program(hooks, norms, log_threshold):
    config = SAEConfig(hook_point_in=hooks[0], hook_point_out=hooks[1], expansion_factor=D_SAE / D, dtype=torch.float32, device="cpu", **{key: value for key, value in COMMON.items() if key != "use_glu_encoder"})
    sae = SparseAutoEncoder(config)
    with torch.no_grad():
        for parameter, value in ((sae.W_E, W_E), (sae.b_E, b_E), (sae.W_D, W_D), (sae.b_D, b_D)):
            parameter.copy_(value)
        sae.activation_function.log_jumprelu_threshold.copy_(log_threshold)
    sae.set_dataset_average_activation_norm(dict(zip(hooks, norms)))
    return sae


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().double().flatten().tolist()]


def files(**contents):
    folder = pathlib.Path(tempfile.mkdtemp())
    out = {}
    for name, content in contents.items():
        path = folder / "file"
        path.write_text(json.dumps(content)) if name.endswith("json") else save_file(content, path)
        out[name] = base64.b64encode(path.read_bytes()).decode()
    return out


def llama_scope(name, hooks, norms):
    threshold, scale = 0.1875, math.sqrt(D) / norms[0]
    sae = program(hooks, norms, torch.full((D_SAE,), threshold).log())
    sae.standardize_parameters_of_dataset_norm()
    with torch.no_grad():
        acts = sae.encode(X)
        out = sae.decode(acts)
    hyperparams = {**COMMON, "hook_point_in": hooks[0], "hook_point_out": hooks[1], "d_sae": D_SAE, "jump_relu_threshold": threshold, "dataset_average_activation_norm": {"in": norms[0], "out": norms[1]}}
    written = files(**{"hyperparams.json": hyperparams, "checkpoints/final.safetensors": LINEAR})
    return {"name": name, "files": written, "codes": numbers(acts * scale), "out": numbers(out)}


def r1(name, hook, norm):
    sae = program((hook, hook), (norm, norm), LOGARITHMS)
    scale = math.sqrt(D) / norm
    with torch.no_grad():
        acts = sae.encode(sae.normalize_activations({hook: X})[hook])
        out = sae.decode(acts) / scale
    tensors = {**LINEAR, "log_jumprelu_threshold": LOGARITHMS, f"dataset_average_activation_norm.{hook}": torch.tensor(norm)}
    written = files(**{"config.json": {**COMMON, "sae_type": "sae", "hook_point_in": hook, "hook_point_out": hook, "expansion_factor": 2}, "sae_weights.safetensors": tensors})
    return {"name": name, "files": written, "codes": numbers(acts), "out": numbers(out)}


cases = [
    llama_scope("Llama Scope", ("blocks.9.hook_resid_post",) * 2, (1.5, 1.5)),
    llama_scope("a transcoder of Llama Scope", ("blocks.9.ln2.hook_normalized", "blocks.9.hook_mlp_out"), (2.5, 0.75)),
    r1("R1", "blocks.7.hook_resid_post", 1.25),
]
for case in cases:
    assert 0.1 < sum(value > 0 for value in case["codes"]) / len(case["codes"]) < 0.6, case["name"]
document = {"recordedWith": f"llamascopium 2.0.0b34, torch {torch.__version__}", "x": numbers(X), "cases": cases}
path = pathlib.Path(__file__).parent.parent / "src/fixtures/openmoss.json"
lines = ",\n".join(f" {json.dumps(key)}: " + ("[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if key == "cases" else json.dumps(value)) for key, value in document.items())
path.write_text("{\n" + lines + "\n}\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
