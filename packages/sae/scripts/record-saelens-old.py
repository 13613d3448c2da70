"""Records what an old sae-lens (2 to 5) writes and computes: src/fixtures/saelens-<version>.json. Beside torch 2.13:

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12
    for version in 5.11.0 3.23.4 2.1.3; do
      venv/bin/pip install --no-deps --target old-$version sae-lens==$version
      PYTHONHASHSEED=0 PYTHONPATH=old-$version venv/bin/python packages/sae/scripts/record-saelens-old.py
    done

files  what save_model writes, and what that SAE makes of the input; 2 writes the whole config of its run beside the weights
runs   LanguageModelSAERunnerConfig.to_dict() of whole training runs (5 only: older ones look up data sets for them)
"""
import base64
import importlib.metadata
import json
import pathlib
import sys
import tempfile

import torch

for path in sys.path:
    found = list(pathlib.Path(path or ".").glob("sae_lens-*.dist-info"))
    if found:
        version = importlib.metadata.PathDistribution(found[0]).version
        break

if version.startswith("2"):
    from sae_lens.training.config import LanguageModelSAERunnerConfig
    from sae_lens.training.sparse_autoencoder import SparseAutoencoder
else:
    from sae_lens import SAE, SAEConfig

D_IN, D_SAE, ROWS = 6, 10, 8
torch.manual_seed(11)


def grid(*shape, scale=1.0):
    return (torch.randn(*shape) * scale * 32).round() / 32


X = grid(ROWS, D_IN) + 0.25
BASE = {
    "architecture": "standard", "d_in": D_IN, "d_sae": D_SAE, "activation_fn_str": "relu", "apply_b_dec_to_input": True,
    "finetuning_scaling_factor": False, "context_size": 16, "model_name": "stories-260k", "hook_name": "blocks.2.hook_resid_post",
    "hook_layer": 2, "hook_head_index": None, "prepend_bos": True, "dataset_path": "roneneldan/TinyStories",
    "dataset_trust_remote_code": True, "normalize_activations": "none", "dtype": "float32", "device": "cpu",
    "sae_lens_training_version": version,
}
CASES = {
    "standard": {},
    "standard, b_dec not subtracted": {"apply_b_dec_to_input": False},
    "standard, tanh-relu": {"activation_fn_str": "tanh-relu"},
    "standard, layer_norm": {"normalize_activations": "layer_norm"},
    "standard, finetuned": {"finetuning_scaling_factor": True},
    "standard, centred": {"model_from_pretrained_kwargs": {"center_writing_weights": True}},
    "standard that is topk": {"activation_fn_str": "topk", "activation_fn_kwargs": {"k": 3}},
    "topk": {"architecture": "topk", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 3}},
    "gated": {"architecture": "gated"},
    "jumprelu": {"architecture": "jumprelu"},
    "hook_z": {"hook_name": "blocks.2.attn.hook_z"},
}


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


# What 2 calls the fields, and the options that it has.
OLD = {
    "d_in": D_IN, "d_sae": None, "expansion_factor": 2, "context_size": 16, "model_name": "stories-260k", "hook_point": "blocks.2.hook_resid_post",
    "hook_point_layer": 2, "dataset_path": "roneneldan/TinyStories", "is_dataset_tokenized": False, "log_to_wandb": False, "verbose": False,
    "dtype": "torch.float32", "b_dec_init_method": "zeros", "normalize_sae_decoder": False, "checkpoint_path": "checkpoints",
}
OLD_CASES = {
    "standard": {},
    "standard, b_dec not subtracted": {"apply_b_dec_to_input": False},
    "standard, tanh-relu": {"activation_fn": "tanh-relu"},
    "standard, finetuned": {},
    "standard, centred": {"model_from_pretrained_kwargs": {"center_writing_weights": True}},
}


def sae_of(options):
    if not version.startswith("2"):
        return SAE(SAEConfig(**{**BASE, **options}))
    import wandb

    wandb.util.generate_id = lambda: "run"
    return SparseAutoencoder(LanguageModelSAERunnerConfig(**{**OLD, **options}))


def record(name, options):
    if version.startswith("3") and options.get("architecture") == "topk":
        return None  # 3 has no such architecture
    sae = sae_of(options)
    with torch.no_grad():
        for parameter_name, parameter in sae.named_parameters():
            if parameter_name == "scaling_factor" and "finetuned" not in name:
                continue
            values = grid(*parameter.shape, scale=0.5)
            parameter.copy_(values.abs() if parameter_name in ("threshold", "scaling_factor") else values)
    with tempfile.TemporaryDirectory() as folder:
        sae.save_model(folder)
        files = {file: base64.b64encode((pathlib.Path(folder) / file).read_bytes()).decode() for file in ("cfg.json", "sae_weights.safetensors")}
    x = X - X.mean(-1, keepdim=True) if "centred" in name else X
    if name == "hook_z":
        x = x.reshape(1, ROWS, 2, 3)
    with torch.no_grad():
        codes = sae.encode(x)
        out = sae.decode(codes)
    return {"name": name, "files": files, "codes": numbers(codes), "out": numbers(out)}


def runs():
    import wandb
    from sae_lens import LanguageModelSAERunnerConfig

    wandb.util.generate_id = lambda: "run"  # newer versions of wandb have it elsewhere
    common = {
        "model_name": "stories-260k", "hook_name": "blocks.2.hook_resid_post", "hook_layer": 2, "d_in": 64, "expansion_factor": 8,
        "dataset_path": "roneneldan/TinyStories", "context_size": 64, "training_tokens": 1_000_000, "train_batch_size_tokens": 1024,
        "lr": 4e-4, "lr_warm_up_steps": 100, "lr_decay_steps": 200, "l1_warm_up_steps": 50, "seed": 7, "log_to_wandb": False, "verbose": False,
        "checkpoint_path": "checkpoints", "run_name": "a run", "device": "cpu",
    }
    for options in [
        {"l1_coefficient": 2, "use_ghost_grads": True, "b_dec_init_method": "mean"},
        {"architecture": "gated", "l1_coefficient": 3, "normalize_sae_decoder": False, "decoder_heuristic_init": True, "scale_sparsity_penalty_by_decoder_norm": True, "init_encoder_as_decoder_transpose": True},
        {"architecture": "topk", "activation_fn": "topk", "activation_fn_kwargs": {"k": 16}, "normalize_activations": "expected_average_only_in"},
        {"architecture": "jumprelu", "l1_coefficient": 4, "jumprelu_bandwidth": 0.02, "jumprelu_init_threshold": 0.03, "normalize_sae_decoder": False},
    ]:
        yield json.loads(json.dumps(LanguageModelSAERunnerConfig(**{**common, **options}).to_dict(), default=str))


found = [record(name, options) for name, options in (OLD_CASES if version.startswith("2") else CASES).items()]
content = {
    "recordedWith": f"sae-lens {version}, torch {torch.__version__}",
    "x": numbers(X),
    "files": [case for case in found if case],
    "runs": list(runs()) if version.startswith("5") else [],
}
path = pathlib.Path(__file__).parent.parent / f"src/fixtures/saelens-{version}.json"
lines = ",\n".join(f" {json.dumps(key)}: " + ("[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if key in ("files", "runs") and value else json.dumps(value)) for key, value in content.items())
path.write_text("{\n" + lines + "\n}\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
