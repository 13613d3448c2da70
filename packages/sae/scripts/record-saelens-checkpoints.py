"""Records checkpoints that sae-lens's own trainer writes, and what it makes of the same SAEs when they are finished:
src/fixtures/saelens-checkpoints.json.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12
    PYTHONHASHSEED=0 venv/bin/python packages/sae/scripts/record-saelens-checkpoints.py

checkpoints  a folder of SAETrainer.save_checkpoint after four steps, inputs scaled by a factor in some; codes and outputs
             of the SAE that save_inference_model makes of it, the factor folded in
refused      files of architectures that are not read here
"""
import base64
import json
import pathlib
import tempfile

import torch
from sae_lens import saes
from sae_lens.config import LoggingConfig, SAETrainerConfig
from sae_lens.saes.sae import SAE, SAEMetadata
from sae_lens.training.sae_trainer import SAETrainer

D_IN, D_SAE, BATCH, STEPS = 5, 9, 8, 4
torch.manual_seed(3)


def grid(*shape, scale=1.0):
    return (torch.randn(*shape) * scale * 32).round() / 32


X = grid(BATCH, D_IN) + 0.5
BATCHES = [grid(BATCH, D_IN) + 0.5 for _ in range(STEPS)]
METADATA = SAEMetadata(model_name="stories-260k", hook_name="blocks.2.hook_resid_post", context_size=16, prepend_bos=True)
BASE = {"d_in": D_IN, "d_sae": D_SAE, "metadata": METADATA}
SCALED = {"normalize_activations": "expected_average_only_in"}
CASES = [
    ("standard", saes.StandardTrainingSAE, saes.StandardTrainingSAEConfig, {"l1_coefficient": 0.1}, None),
    ("standard, scaled", saes.StandardTrainingSAE, saes.StandardTrainingSAEConfig, {"l1_coefficient": 0.1, **SCALED}, 1.75),
    ("gated, scaled", saes.GatedTrainingSAE, saes.GatedTrainingSAEConfig, {"l1_coefficient": 0.1, **SCALED}, 0.5),
    ("topk", saes.TopKTrainingSAE, saes.TopKTrainingSAEConfig, {"k": 3}, None),
    ("topk, scaled", saes.TopKTrainingSAE, saes.TopKTrainingSAEConfig, {"k": 3, **SCALED}, 1.75),
    ("batchtopk, scaled", saes.BatchTopKTrainingSAE, saes.BatchTopKTrainingSAEConfig, {"k": 2.5, "topk_threshold_lr": 0.3, **SCALED}, 1.75),
    ("matryoshka_batchtopk", saes.MatryoshkaBatchTopKTrainingSAE, saes.MatryoshkaBatchTopKTrainingSAEConfig, {"k": 2.5, "topk_threshold_lr": 0.3, "matryoshka_widths": [3, 6, 9]}, None),
    ("jumprelu, scaled", saes.JumpReLUTrainingSAE, saes.JumpReLUTrainingSAEConfig, {"l0_coefficient": 0.1, "jumprelu_bandwidth": 0.5, **SCALED}, 1.75),
]


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


def encoded(folder, names):
    return {name: base64.b64encode((pathlib.Path(folder) / name).read_bytes()).decode() for name in names}


def checkpoint(name, cls, config, options, factor):
    sae = cls(config(**BASE, **options))
    with torch.no_grad():
        for parameter in sae.parameters():
            parameter.add_(grid(*parameter.shape, scale=0.2).abs() if "threshold" in name else grid(*parameter.shape, scale=0.2))
    trainer = SAETrainer(
        SAETrainerConfig(
            total_training_samples=STEPS * BATCH, train_batch_size_samples=BATCH, lr=0.02, lr_end=0.002,
            checkpoint_path=None, logger=LoggingConfig(log_to_wandb=False),
        ),
        sae, iter(BATCHES),
    )
    trainer.activation_scaler.scaling_factor = factor
    for batch in BATCHES:
        trainer.step(batch)
        trainer.n_training_steps += 1
    with tempfile.TemporaryDirectory() as folder:
        trainer.save_checkpoint("c", folder)
        written = sorted(path.name for path in (pathlib.Path(folder) / "c").iterdir())
        files = encoded(f"{folder}/c", [file for file in written if not file.endswith(".pt")])
        if factor is not None:
            sae.fold_activation_norm_scaling_factor(factor)
        sae.save_inference_model(f"{folder}/done")
        done = SAE.load_from_disk(f"{folder}/done")
    with torch.no_grad():
        return {"name": name, "written": written, "files": files, "finished": done.cfg.architecture(), "codes": numbers(done.encode(X)), "out": numbers(done(X))}


def refused():
    for architecture, sae in [
        ("temporal", saes.TemporalSAE(saes.TemporalSAEConfig(**{**BASE, "d_sae": 12}, n_heads=2, n_attn_layers=1, bottleneck_factor=2))),
        ("matching_pursuit", saes.MatchingPursuitSAE(saes.MatchingPursuitSAEConfig(**BASE))),
    ]:
        with tempfile.TemporaryDirectory() as folder:
            sae.save_model(folder)
            yield {"name": architecture, "files": encoded(folder, ["cfg.json", "sae_weights.safetensors"])}
    whitened = saes.StandardSAE(saes.StandardSAEConfig(**BASE, normalize_activations="covariance_whitening"))
    with tempfile.TemporaryDirectory() as folder:
        whitened.save_model(folder)
        yield {"name": "covariance_whitening", "files": encoded(folder, ["cfg.json", "sae_weights.safetensors"])}


record = {
    "recordedWith": f"sae-lens {__import__('sae_lens').__version__}, torch {torch.__version__}",
    "x": numbers(X),
    "checkpoints": [checkpoint(*case) for case in CASES],
    "refused": list(refused()),
}
path = pathlib.Path(__file__).parent.parent / "src/fixtures/saelens-checkpoints.json"
lines = ",\n".join(f" {json.dumps(key)}: " + ("[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if key in ("checkpoints", "refused") else json.dumps(value)) for key, value in record.items())
path.write_text("{\n" + lines + "\n}\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
