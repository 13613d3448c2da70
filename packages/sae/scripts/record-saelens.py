"""Records what sae-lens itself computes, for the tests beside the code: src/fixtures/saelens.json.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12
    venv/bin/python packages/sae/scripts/record-saelens.py

passes        one forward and backward pass of every training class (float64): codes, reconstruction, losses, gradients
trajectories  ten steps of sae-lens's own trainer (Adam, clipping, schedules, dead latents) from the same start
files         what save_inference_model writes (float32, one bfloat16), and what the loaded SAE makes of the same input
legacy        configs of SAELens 5 and older, as sae-lens reads them
runs          configs of whole training runs, as sae-lens writes them to runner_cfg.json
Starting numbers are 32nds, so that both sides start from the same ones whatever their precision.
"""
import base64
import json
import pathlib
import tempfile

import torch
from sae_lens import saes
from sae_lens.config import LanguageModelSAERunnerConfig, LoggingConfig, SAETrainerConfig
from sae_lens.loading.pretrained_sae_loaders import handle_config_defaulting
from sae_lens.saes.sae import SAE, SAEMetadata, TrainStepInput
from sae_lens.training.sae_trainer import SAETrainer

D_IN, D_OUT, D_SAE, BATCH, STEPS = 5, 3, 12, 8, 10
RATE, WARM_UP, DECAY, COEFFICIENT_WARM_UP = 0.01, 4, 4, 3
DEAD = [3, 7, 11]
torch.manual_seed(5)


def grid(*shape, scale=1.0):
    return (torch.randn(*shape, dtype=torch.float64) * scale * 32).round() / 32


X = grid(BATCH, D_IN) + 0.5
BATCHES = [grid(BATCH, D_IN) + 0.5 for _ in range(STEPS)]
b_enc = grid(D_SAE, scale=0.1)
b_enc[DEAD] -= 4  # these stop firing, so that the auxiliary losses have something to do
START = {
    "W_enc": grid(D_IN, D_SAE, scale=0.6),
    "W_dec": grid(D_SAE, D_IN, scale=0.5),
    "b_dec": grid(D_IN, scale=0.3),
    "b_enc": b_enc,
    "b_gate": b_enc.clone(),
    "b_mag": grid(D_SAE, scale=0.3),
    "r_mag": grid(D_SAE, scale=0.4),
    "threshold": torch.randint(1, 12, (D_SAE,), dtype=torch.float64) / 32,
    "W_skip": grid(D_OUT, D_IN, scale=0.3),
    "W_dec_out": grid(D_SAE, D_OUT, scale=0.5),
    "b_dec_out": grid(D_OUT, scale=0.3),
}

TRAINING = {
    "standard": (saes.StandardTrainingSAE, saes.StandardTrainingSAEConfig),
    "gated": (saes.GatedTrainingSAE, saes.GatedTrainingSAEConfig),
    "topk": (saes.TopKTrainingSAE, saes.TopKTrainingSAEConfig),
    "batchtopk": (saes.BatchTopKTrainingSAE, saes.BatchTopKTrainingSAEConfig),
    "matryoshka_batchtopk": (saes.MatryoshkaBatchTopKTrainingSAE, saes.MatryoshkaBatchTopKTrainingSAEConfig),
    "jumprelu": (saes.JumpReLUTrainingSAE, saes.JumpReLUTrainingSAEConfig),
}
L1 = {"l1_coefficient": 0.5, "l1_warm_up_steps": COEFFICIENT_WARM_UP}
L0 = {"l0_coefficient": 0.25, "l0_warm_up_steps": COEFFICIENT_WARM_UP, "jumprelu_bandwidth": 0.5}
WIDTHS = {"k": 2.3, "matryoshka_widths": [4, 9, 12]}
PASSES = [
    ("standard", {**L1}),
    ("standard", {**L1, "apply_b_dec_to_input": False, "lp_norm": 2.0}),
    ("standard", {**L1, "lp_norm": 0.5}),
    ("standard", {**L1, "normalize_activations": "layer_norm"}),
    ("gated", {**L1}),
    ("gated", {**L1, "apply_b_dec_to_input": False}),
    ("topk", {"k": 3, "rescale_acts_by_decoder_norm": False, "aux_loss_coefficient": 0.25}),
    ("topk", {"k": 4, "rescale_acts_by_decoder_norm": True}),
    ("batchtopk", {"k": 2.3, "aux_loss_coefficient": 0.5}),
    ("batchtopk", {"k": 3, "rescale_acts_by_decoder_norm": False}),
    ("matryoshka_batchtopk", {**WIDTHS}),
    ("matryoshka_batchtopk", {**WIDTHS, "use_matryoshka_aux_loss": True, "aux_loss_coefficient": 0.5}),
    ("matryoshka_batchtopk", {**WIDTHS, "rescale_acts_by_decoder_norm": False, "use_matryoshka_aux_loss": True}),
    ("jumprelu", {**L0}),
    ("jumprelu", {**L0, "jumprelu_sparsity_loss_mode": "tanh", "pre_act_loss_coefficient": 0.01}),
    ("jumprelu", {**L0, "jumprelu_sparsity_loss_mode": "quadratic", "target_l0": 3.0}),
    ("jumprelu", {**L0, "jumprelu_ste_to_input": True}),
]
TRAJECTORIES = [PASSES[i] for i in (0, 4, 6, 7, 8, 10, 11, 13, 14)]
METADATA = {"model_name": "stories-260k", "hook_name": "blocks.2.hook_resid_post", "context_size": 16, "prepend_bos": True}


def start(module):
    """The start of each parameter that the module has."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            wide = START.get(f"{name}_out") if name in ("W_dec", "b_dec") and getattr(module.cfg, "d_out", 0) else None
            parameter.copy_(START[name] if wide is None else wide)
    return module


def training(architecture, options, dtype="float64"):
    cls, config = TRAINING[architecture]
    metadata = SAEMetadata(**METADATA)
    return start(cls(config(d_in=D_IN, d_sae=D_SAE, dtype=dtype, metadata=metadata, **options)))


def numbers(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().double().flatten().tolist()]


def record_pass(architecture, options, dead):
    sae = training(architecture, options)
    mask = torch.zeros(D_SAE, dtype=torch.bool)
    mask[dead] = True
    coefficients = {"l1": 0.5, "l0": 0.25}
    out = sae.training_forward_pass(TrainStepInput(X, coefficients, mask, 0, False))
    out.loss.backward()
    return {
        "architecture": architecture, "options": options, "dead": dead, "coefficient": coefficients.get("l0" if architecture == "jumprelu" else "l1"),
        "codes": numbers(out.feature_acts), "reconstruction": numbers(out.sae_out), "loss": out.loss.item(),
        "losses": {name: value.item() for name, value in out.losses.items()},
        "gradients": {name: numbers(p.grad) for name, p in sae.named_parameters()},
    }


def record_trajectory(architecture, options):
    sae = training(architecture, options)
    config = SAETrainerConfig(
        total_training_samples=STEPS * BATCH, train_batch_size_samples=BATCH, lr=RATE, lr_end=RATE / 10,
        lr_warm_up_steps=WARM_UP, lr_decay_steps=DECAY, dead_feature_window=2,
    )
    trainer = SAETrainer(config, sae, iter(BATCHES))
    steps = []
    for batch in BATCHES:
        before = {"learningRate": trainer.optimizer.param_groups[0]["lr"], "dead": trainer.dead_neurons.nonzero().flatten().tolist(), **{"coefficient": s.value for s in trainer.coefficient_schedulers.values()}}
        out = trainer.step(batch)
        trainer.n_training_steps += 1
        steps.append({**before, "losses": {name: value.item() for name, value in out.losses.items()}})
    end = {name: numbers(p) for name, p in sae.named_parameters()}
    threshold = {"topk_threshold": sae.topk_threshold.item()} if hasattr(sae, "topk_threshold") else {}
    return {"architecture": architecture, "options": options, "steps": steps, "end": end, **threshold}


def record_file(name, sae, save, shape=(BATCH, D_IN), input_dtype=torch.float32):
    with tempfile.TemporaryDirectory() as folder:
        save(folder)
        read = lambda file: base64.b64encode((pathlib.Path(folder) / file).read_bytes()).decode()
        files = {file: read(file) for file in ("cfg.json", "sae_weights.safetensors")}
        loaded = SAE.load_from_disk(folder)
    x = X.to(input_dtype).reshape(shape)
    with torch.no_grad():
        codes = loaded.encode(x)
        out = loaded(x)
    return {"name": name, "files": files, "codes": numbers(codes), "out": numbers(out)}


def files():
    for architecture, options in [PASSES[i] for i in (0, 4, 6, 7, 8, 10, 13)]:
        sae = training(architecture, options, "float32")
        if hasattr(sae, "topk_threshold"):
            sae.topk_threshold = torch.tensor(0.75, dtype=torch.double)
        yield record_file(f"trained {architecture}{' rescaled' if options.get('rescale_acts_by_decoder_norm') else ''}", sae, sae.save_inference_model)
    metadata = SAEMetadata(**METADATA)
    base = {"d_in": D_IN, "d_sae": D_SAE, "metadata": metadata}
    for name, cls, config, options in [
        ("standard, layer_norm", saes.StandardSAE, saes.StandardSAEConfig, {"normalize_activations": "layer_norm"}),
        ("standard, constant_norm_rescale", saes.StandardSAE, saes.StandardSAEConfig, {"normalize_activations": "constant_norm_rescale"}),
        ("topk, rescaled, untrained", saes.TopKSAE, saes.TopKSAEConfig, {"k": 3, "rescale_acts_by_decoder_norm": True}),
        ("jumprelu, b_dec not subtracted", saes.JumpReLUSAE, saes.JumpReLUSAEConfig, {"apply_b_dec_to_input": False}),
        ("transcoder", saes.Transcoder, saes.TranscoderConfig, {"d_out": D_OUT, "apply_b_dec_to_input": False}),
        ("skip_transcoder", saes.SkipTranscoder, saes.SkipTranscoderConfig, {"d_out": D_OUT, "apply_b_dec_to_input": False}),
        ("jumprelu_transcoder", saes.JumpReLUTranscoder, saes.JumpReLUTranscoderConfig, {"d_out": D_OUT, "apply_b_dec_to_input": False}),
        ("jumprelu_skip_transcoder", saes.JumpReLUSkipTranscoder, saes.JumpReLUSkipTranscoderConfig, {"d_out": D_OUT, "apply_b_dec_to_input": False}),
    ]:
        sae = start(cls(config(**base, **options)))
        yield record_file(name, sae, sae.save_model)
    half = start(saes.JumpReLUSAE(saes.JumpReLUSAEConfig(**base, dtype="bfloat16")))
    yield record_file("jumprelu, bfloat16", half, half.save_model, input_dtype=torch.bfloat16)
    heads = SAEMetadata(**{**METADATA, "hook_name": "blocks.2.attn.hook_z"})
    torch.manual_seed(9)
    z = saes.StandardSAE(saes.StandardSAEConfig(d_in=4, d_sae=6, reshape_activations="hook_z", metadata=heads))
    with torch.no_grad():
        for p in z.parameters():
            p.copy_(grid(*p.shape, scale=0.5))
    yield {**record_file("standard, hook_z", z, z.save_model, shape=(2, 5, 2, 2)), "heads": 2}


FLAT = {
    "d_in": 768, "d_sae": 24576, "dtype": "torch.float32", "device": "mps", "model_name": "gpt2-small", "context_size": 128,
    "hook_name": "blocks.8.hook_resid_pre", "hook_layer": 8, "hook_head_index": None, "dataset_path": "Skylion007/openwebtext",
    "activation_fn_str": "relu", "activation_fn_kwargs": {}, "apply_b_dec_to_input": True, "finetuning_scaling_factor": False,
    "sae_lens_training_version": "5.3.0", "prepend_bos": True, "dataset_trust_remote_code": True, "normalize_activations": "none",
    "neuronpedia_id": "gpt2-small/8-res-jb", "model_from_pretrained_kwargs": {"center_writing_weights": True}, "seqpos_slice": [None],
}
RENAMED = {"hook_name": "hook_point", "hook_layer": "hook_point_layer", "hook_head_index": "hook_point_head_index"}
OLDEST = {RENAMED.get(k, k): v for k, v in FLAT.items() if k in ("d_in", "d_sae", "dtype", "device", "model_name", "context_size", "hook_name", "hook_layer", "hook_head_index", "dataset_path")}
LEGACY = {
    "SAELens 5": {"architecture": "standard", **FLAT},
    "SAELens 5 gated": {"architecture": "gated", **FLAT},
    "SAELens 5 jumprelu": {"architecture": "jumprelu", **FLAT},
    "TopK that calls itself standard": {"architecture": "standard", **FLAT, "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 32}, "normalize_activations": "layer_norm"},
    "mats_sae_training": OLDEST,
    "normalize_activations true": {**OLDEST, "normalize_activations": True},
    "normalize_activations false": {**OLDEST, "normalize_activations": False},
    "normalize_activations null": {**OLDEST, "normalize_activations": None},
    "hook_z": {**FLAT, "hook_name": "blocks.5.attn.hook_z"},
}

def runs():
    for i in (0, 4, 6, 8, 11, 14):
        architecture, options = PASSES[i]
        sae = TRAINING[architecture][1](d_in=64, d_sae=512, normalize_activations="expected_average_only_in", **{**options, **({"matryoshka_widths": [64, 512]} if "matryoshka_widths" in options else {})})
        config = LanguageModelSAERunnerConfig(
            sae=sae, model_name="stories-260k", hook_name="blocks.2.hook_resid_post", dataset_path="roneneldan/TinyStories",
            context_size=64, training_tokens=1_000_000, train_batch_size_tokens=1024, lr=4e-4, lr_warm_up_steps=100, lr_decay_steps=200,
            lr_scheduler_name="cosineannealing", adam_beta1=0.5, n_checkpoints=3, seed=7, exclude_special_tokens=True, verbose=False,
            logger=LoggingConfig(log_to_wandb=False, wandb_id="fixed"),
        )
        yield config.to_dict()


record = {
    "recordedWith": f"sae-lens {__import__('sae_lens').__version__}, torch {torch.__version__}",
    "dIn": D_IN, "dOut": D_OUT, "dSae": D_SAE, "batch": BATCH,
    "schedule": {"learningRate": RATE, "warmUp": WARM_UP, "decay": DECAY, "coefficientWarmUp": COEFFICIENT_WARM_UP},
    "x": numbers(X), "batches": [numbers(batch) for batch in BATCHES],
    "start": {name: numbers(value) for name, value in START.items()},
    "passes": [record_pass(*case, dead) for case in PASSES for dead in ([DEAD, []] if "k" in case[1] else [DEAD])],
    "trajectories": [record_trajectory(*case) for case in TRAJECTORIES],
    "files": list(files()),
    "legacy": [{"name": name, "file": json.dumps(cfg), "read": handle_config_defaulting(json.loads(json.dumps(cfg)))} for name, cfg in LEGACY.items()],
    "runs": list(runs()),
}
path = pathlib.Path(__file__).parent.parent / "src/fixtures/saelens.json"
# One case a line: readable enough, and small.
lines = ",\n".join(f" {json.dumps(key)}: " + ("[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if isinstance(value, list) and value and not isinstance(value[0], float) else json.dumps(value)) for key, value in record.items())
path.write_text("{\n" + lines + "\n}\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
