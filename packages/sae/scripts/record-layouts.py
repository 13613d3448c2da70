"""Records what other programs make of SAE files in their own layouts: src/fixtures/layouts.json.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12 natsort simple-parsing einops safetensors
    venv/bin/pip install --no-deps dictionary-learning==0.1.0 eai-sparsify==1.3.3
    venv/bin/python packages/sae/scripts/record-layouts.py

dictionary_learning and sparsify write their files and encode and decode themselves, and so does sae-lens for the layout of
connor_rob and for abstopk. By hand, in float64, are only: sparsify's `signed`, which its present version no longer has
(abs().topk, then the values with their sign), openai/sparse_autoencoder, which is no package (formula of its model.py), and a
mean beside a state dict.
"""
import base64
import contextlib
import io
import json
import pathlib
import sys
import tempfile
from unittest import mock

import torch

# Only their trainers' data pipelines need these.
for name in ("datasets", "wandb", "nnsight", "zstandard", "schedulefree"):
    try:
        __import__(name)
    except ImportError:
        sys.modules[name] = mock.MagicMock(name=name)

with contextlib.redirect_stdout(io.StringIO()):
    from dictionary_learning import dictionary as dl
    from dictionary_learning.trainers import BatchTopKTrainer, GatedSAETrainer, JumpReluTrainer, StandardTrainer, TopKTrainer
    from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKTrainer
    from sparsify.config import SparseCoderConfig
    from sparsify.sparse_coder import SparseCoder
from sae_lens import saes
from sae_lens.loading import pretrained_sae_loaders as loaders

D_IN, D_SAE, ROWS = 6, 12, 5
torch.manual_seed(30)


def grid(*shape, scale=1.0):
    """32nds, which every precision holds exactly."""
    return (torch.randn(*shape) * scale * 32).round() / 32


X = grid(ROWS, D_IN) + 0.5


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().double().flatten().tolist()]


def encoded(folder):
    return {str(path.relative_to(folder)): base64.b64encode(path.read_bytes()).decode() for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


def randomise(module):
    """Every weight and bias, at the scale that it has: zeros would hide that one is not used."""
    with torch.no_grad():
        for name, tensor in module.named_parameters():
            is_bias = tensor.dim() == 1
            tensor.copy_(grid(*tensor.shape, scale=0.3 if is_bias else 0.5))
            if name == "threshold":
                tensor.copy_(tensor.abs())


def case(name, folder, codes, out, **more):
    return {"name": name, "files": encoded(folder), "codes": numbers(codes), "out": numbers(out), **more}


def dictionary_learning():
    common = {"steps": 10_000, "activation_dim": D_IN, "dict_size": D_SAE, "layer": 3, "lm_name": "EleutherAI/pythia-70m-deduped", "device": "cpu", "submodule_name": "resid_post_layer_3"}
    trainers = {
        "AutoEncoder": lambda: StandardTrainer(**common),
        "GatedAutoEncoder": lambda: GatedSAETrainer(**common),
        "JumpReluAutoEncoder": lambda: JumpReluTrainer(**common),
        "AutoEncoderTopK": lambda: TopKTrainer(**common, k=3),
        "BatchTopKSAE": lambda: BatchTopKTrainer(**common, k=3),
        "MatryoshkaBatchTopKSAE": lambda: MatryoshkaBatchTopKTrainer(**common, k=3, group_fractions=[0.25, 0.25, 0.5]),
    }
    buffer = {"d_submodule": D_IN, "io": "out", "n_ctxs": 64, "ctx_len": 256, "refresh_batch_size": 8, "out_batch_size": 16, "device": "cpu"}
    for name, make in trainers.items():
        trainer = make()
        sae = trainer.ae
        randomise(sae)
        if name.endswith("TopKSAE"):
            sae.threshold.fill_(0.40625)
        config = {"trainer": trainer.config, "buffer": buffer}
        assert config["trainer"]["dict_class"] == name, config
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            torch.save(sae.state_dict(), f"{folder}/ae.pt")
            pathlib.Path(folder, "config.json").write_text(json.dumps(config, indent=4))
            codes = sae.encode(X)
            yield case(name, folder, codes, sae.decode(codes), layout="dictionary-learning")
    new = dl.AutoEncoderNew(D_IN, D_SAE)
    randomise(new)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        torch.save(new.state_dict(), f"{folder}/ae.pt")
        codes = new.encode(X)
        yield case("AutoEncoderNew, its state dict alone", folder, codes, new.decode(codes), layout="dictionary-learning")


def sparsify():
    kinds = {
        "SAE": {},
        "SAE, decoder not normalised, by expansion factor": {"normalize_decoder": False, "num_latents": 0, "expansion_factor": 2},
        "SAE that skips": {"skip_connection": True},
        "transcoder": {"transcode": True},
        "skip transcoder": {"transcode": True, "skip_connection": True},
    }
    for name, options in kinds.items():
        sae = SparseCoder(D_IN, SparseCoderConfig(**{"num_latents": D_SAE, "k": 3, **options}))
        randomise(sae)
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            module = "layers.2.mlp" if options.get("transcode") else "layers.2"
            sae.save_to_disk(f"{folder}/{module}")
            run = {"model": "EleutherAI/pythia-70m", "dataset": "EleutherAI/the_pile_deduplicated", "split": "train", "ctx_len": 512}
            pathlib.Path(folder, "config.json").write_text(json.dumps(run))
            encoding = sae.encode(X)
            codes = torch.zeros(ROWS, D_SAE).scatter_(1, encoding.top_indices, encoding.top_acts)
            yield case(f"sparsify: {name}", folder, codes, sae(X, dead_mask=None).sae_out, layout="sparsify", path=module)
    signed = SparseCoder(D_IN, SparseCoderConfig(num_latents=D_SAE, k=3))
    randomise(signed)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        signed.save_to_disk(f"{folder}/layers.2")
        config = pathlib.Path(folder, "layers.2/cfg.json")
        config.write_text(json.dumps({**json.loads(config.read_text()), "signed": True}))
        signed.double()
        x = X.double()
        latents = (x - signed.b_dec) @ signed.encoder.weight.T + signed.encoder.bias
        indices = latents.abs().topk(3).indices
        codes = torch.zeros_like(latents).scatter_(1, indices, latents.gather(1, indices))
        yield case("sparsify: signed", folder, codes, codes @ signed.W_dec + signed.b_dec, layout="sparsify", path="layers.2")


def openai():
    for activation in ("TopK", "ReLU"):
        state = {
            "pre_bias": grid(D_IN, scale=0.3), "latent_bias": grid(D_SAE, scale=0.3),
            "encoder.weight": grid(D_SAE, D_IN, scale=0.5), "decoder.weight": grid(D_IN, D_SAE, scale=0.5),
            "stats_last_nonzero": torch.zeros(D_SAE, dtype=torch.long), "latents_activation_frequency": torch.ones(D_SAE),
            "latents_mean_square": torch.zeros(D_SAE), "activation": activation,
        }
        if activation == "TopK":
            state["activation_state_dict"] = {"k": 3, "postact_fn": "ReLU"}
        x = X.double()
        mean, deviation = 0.0, 1.0
        if activation == "TopK":
            mean = x.mean(-1, keepdim=True)
            deviation = (x - mean).std(-1, keepdim=True)
            x = (x - mean) / (deviation + 1e-5)
        z = (x - state["pre_bias"].double()) @ state["encoder.weight"].double().T + state["latent_bias"].double()
        codes = torch.relu(z)
        if activation == "TopK":
            top = z.topk(3)
            codes = torch.zeros_like(z).scatter_(1, top.indices, torch.relu(top.values))
        out = (codes @ state["decoder.weight"].double().T + state["pre_bias"].double()) * deviation + mean
        with tempfile.TemporaryDirectory() as folder:
            version = "resid_post_attn_v5_32k" if activation == "TopK" else "mlp_post_act"
            path = pathlib.Path(folder, version, "autoencoders")
            path.mkdir(parents=True)
            torch.save(state, path / "8.pt")
            yield case(f"openai: {activation}", folder, codes, out, layout="openai", path=f"{version}/autoencoders/8.pt")


def connor_rob():
    state = {"W_enc": grid(D_IN, D_SAE, scale=0.5), "b_enc": grid(D_SAE, scale=0.3), "W_dec": grid(D_SAE, D_IN, scale=0.5), "b_dec": grid(D_IN, scale=0.3)}
    settings = {"act_size": D_IN, "dict_size": D_SAE, "act_name": "blocks.5.attn.hook_z", "seed": 49, "l1_coeff": 1.8}
    with tempfile.TemporaryDirectory() as folder:
        torch.save(state, f"{folder}/gpt2-small_L5_Hcat_z.pt")
        pathlib.Path(folder, "gpt2-small_L5_Hcat_z_cfg.json").write_text(json.dumps(settings))
        loaders.hf_hub_download = lambda repo_id, filename, **_: f"{folder}/{filename}"
        read, weights, _ = loaders.connor_rob_hook_z_huggingface_loader("-", "gpt2-small_L5_Hcat_z.pt")
        sae = saes.StandardSAE(saes.StandardSAEConfig(d_in=read["d_in"], d_sae=read["d_sae"], apply_b_dec_to_input=read["apply_b_dec_to_input"]))
        sae.load_state_dict(weights)
        with torch.no_grad():
            yield case("connor_rob", folder, sae.encode(X), sae(X), layout="connor-rob", path="gpt2-small_L5_Hcat_z.pt", read={name: read[name] for name in ("model_name", "hook_name", "context_size", "reshape_activations")})


def plain():
    """A state dict wrapped with the mean that was subtracted from inputs, as some people save it. By hand, in float64."""
    for subtracts in (True, False):
        state = {"W_enc": grid(D_IN, D_SAE, scale=0.5), "b_enc": grid(D_SAE, scale=0.3), "W_dec": grid(D_SAE, D_IN, scale=0.5), "b_dec": grid(D_IN, scale=0.3)}
        mean = grid(D_IN)
        W_enc, b_enc, W_dec, b_dec = (tensor.double() for tensor in state.values())
        x = X.double() - mean
        codes = torch.relu((x - b_dec if subtracts else x) @ W_enc + b_enc)
        with tempfile.TemporaryDirectory() as folder:
            torch.save({"state_dict": state, "cfg": {"lr": 3e-4}, "act_mean": mean, "final_loss": 0.2}, f"{folder}/sae.pt")
            yield case(f"plain, input mean, b_dec {'' if subtracts else 'not '}subtracted", folder, codes, codes @ W_dec + b_dec + mean, layout="plain", hints={"subtractDecoderBias": subtracts})


def abstopk():
    sae = saes.AbsTopKSAE(saes.AbsTopKSAEConfig(d_in=D_IN, d_sae=D_SAE, k=3))
    randomise(sae)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        sae.save_model(folder)
        yield case("sae-lens: abstopk", folder, sae.encode(X), sae(X), layout="saelens")


record = {
    "recordedWith": f"dictionary-learning 0.1.0, eai-sparsify 1.3.3, sae-lens {__import__('sae_lens').__version__}, torch {torch.__version__}",
    "x": numbers(X),
    "cases": [*dictionary_learning(), *sparsify(), *openai(), *connor_rob(), *plain(), *abstopk()],
}
path = pathlib.Path(__file__).parent.parent / "src/fixtures/layouts.json"
cases = ",\n  ".join(map(json.dumps, record["cases"]))
path.write_text("{\n" + f' "recordedWith": {json.dumps(record["recordedWith"])},\n "x": {json.dumps(record["x"])},\n "cases": [\n  {cases}\n ]\n' + "}\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
