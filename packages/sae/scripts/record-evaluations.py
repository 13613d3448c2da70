"""Records what sae-lens's own evals.run_evals measures of SAEs in the bundled model: src/fixtures/saelens-evaluations.json.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12 tabulate && venv/bin/pip install --no-deps sae-bench==0.6.0
    venv/bin/python packages/sae/scripts/record-evaluations.py

In float64, in TransformerLens. The SAEs' weights follow from the formulas of `weights` below, which evaluations.fixture.ts
has too; the text is the bundled held-out one, each document between BOS and EOS, cut into rows. Measures of SAEBench that
sae-lens lacks (`misc`, the similarities) are what sae_bench makes of the same numbers. Mean ablation is of neither: the
same functions of sae-lens are run with its ablation hook's zeros replaced by the mean of the tokens that count.
"""
import json
import pathlib

import torch
import transformer_lens.pretrained.weight_conversions as conversions
from pydantic import TypeAdapter
from sae_bench.evals.core.eval_output import CoreEvalOutput
from sae_bench.evals.core.main import calculate_max_cosine_sim, calculate_misc_metrics
from sae_lens import evals, saes
from sae_lens.saes.sae import SAEMetadata
from sae_lens.training.activation_scaler import ActivationScaler
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
MODEL = REPOSITORY / "packages/sample-data/data/models/stories-260k"
TEXT = REPOSITORY / "packages/sample-data/data/text/tinystories-validation.txt"
ROWS, LENGTH, D, D_SAE = 12, 32, 64, 128
BOS, EOS = 1, 2


def bundled_model():
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float64, attn_implementation="eager").eval()
    config = HookedTransformerConfig(
        n_layers=5, d_model=D, n_heads=8, n_key_value_heads=4, d_head=8, d_mlp=172, n_ctx=512, d_vocab=512, act_fn="silu",
        normalization_type="RMS", final_rms=True, gated_mlp=True, positional_embedding_type="rotary", rotary_dim=8, rotary_base=10000,
        rotary_adjacent_pairs=False, eps=1e-5, dtype=torch.float64, device="cpu", original_architecture="LlamaForCausalLM",
    )
    hooked = HookedTransformer(config)
    hooked.load_state_dict({k: v.double() for k, v in conversions.convert_llama_weights(model, config).items()}, strict=False)
    hooked.tokenizer = PreTrainedTokenizerFast.from_pretrained(MODEL)
    ids = torch.tensor([[BOS, 10, 20, 30]])
    assert torch.allclose(hooked(ids), model(ids).logits, atol=1e-4), "the model is another one in TransformerLens"
    return hooked.eval()


def contexts(tokenizer):
    documents = TEXT.read_text("utf-8").split("\n\n")
    stream = [id for text in documents[:40] for id in [BOS, *tokenizer(text, add_special_tokens=False)["input_ids"], EOS]]
    return torch.tensor(stream[: ROWS * LENGTH]).view(ROWS, LENGTH)


def noise(rows, columns, salt):
    """Halves of 64ths between -1 and 1, the same everywhere."""
    i, j = torch.arange(rows)[:, None], torch.arange(columns)[None, :]
    return ((i * 37 + j * 101 + i * j * 13 + salt * 7) % 64 * 2 - 63) / 64


def weights():
    """x is about relu(x) - relu(-x); latents 5, 70 and 71 never fire."""
    identity = torch.cat([torch.eye(D), -torch.eye(D)])
    b_enc = -1 / 16 + noise(1, D_SAE, 3)[0] / 8
    b_enc[[5, 70, 71]] = -1000
    return {
        "W_enc": identity.T * 7 / 8 + noise(D, D_SAE, 1) / 16,
        "W_dec": identity * 7 / 8 + noise(D_SAE, D, 2) / 16,
        "b_enc": b_enc, "b_gate": b_enc, "b_dec": noise(1, D, 4)[0] / 4,
        "b_mag": noise(1, D_SAE, 5)[0] / 8, "r_mag": noise(1, D_SAE, 6)[0] / 4,
        "threshold": (noise(1, D_SAE, 7)[0] + 1) / 4,
    }


CLASSES = {
    "standard": (saes.StandardSAE, saes.StandardSAEConfig), "topk": (saes.TopKSAE, saes.TopKSAEConfig),
    "jumprelu": (saes.JumpReLUSAE, saes.JumpReLUSAEConfig), "gated": (saes.GatedSAE, saes.GatedSAEConfig),
}
CASES = [
    ("standard", "blocks.2.hook_resid_post", {}, [BOS, EOS], ROWS),
    ("standard", "blocks.2.hook_resid_post", {}, [BOS, EOS], 3),
    ("topk", "blocks.3.hook_resid_pre", {"k": 16}, [], ROWS),
    ("jumprelu", "blocks.1.attn.hook_z", {"reshape_activations": "hook_z"}, [BOS], ROWS),
    ("gated", "blocks.3.hook_mlp_out", {}, [BOS], ROWS),
    ("standard", "blocks.4.hook_resid_post", {"normalize_activations": "layer_norm", "apply_b_dec_to_input": False}, [BOS], ROWS),
]
FEATURES = ["feature_density", "consistent_activation_heuristic", "encoder_norm", "encoder_decoder_cosine_sim", "encoder_bias",
            "max_encoder_cosine_sim", "max_decoder_cosine_sim"]


class Store:
    """What run_evals asks of an ActivationsStore: rows of tokens, again from the first when it has had them all."""

    def __init__(self, ids, batch):
        self.ids, self.store_batch_size_prompts, self.context_size, self.at = ids, batch, ids.shape[1], 0

    def get_batch_tokens(self, batch):
        rows = self.ids[self.at : self.at + batch]
        self.at = (self.at + batch) % len(self.ids)
        return rows

    def reset_input_dataset(self):
        self.at = 0


def mean_ablation(model, sae, ids, ignored):
    """run_evals's CE loss and KL, with the mean where it has zeros and only at tokens that count."""
    hook = sae.cfg.metadata.hook_name
    keep = ~torch.isin(ids, torch.tensor(ignored))
    x = model.run_with_cache(ids, names_filter=[hook])[1][hook]
    mean = x[keep].mean(0)
    out = {}
    for name, value in (("zeros", torch.zeros_like(mean)), ("mean", mean)):
        replace = lambda x, hook, value=value: torch.where(keep.view(*keep.shape, *[1] * (x.ndim - 2)), value, x)
        logits, loss = model.run_with_hooks(ids, return_type="both", loss_per_token=True, fwd_hooks=[(hook, replace)])
        kl = evals._kl(model(ids), logits)
        out[name] = {"ce_loss": loss[keep[:, :-1]].mean().item(), "kl_div": kl[keep].mean().item()}
    return out


@torch.no_grad()
def record(model, ids, architecture, hook, options, ignored, batch):
    cls, config = CLASSES[architecture]
    metadata = SAEMetadata(model_name="stories-260k", hook_name=hook, context_size=LENGTH, prepend_bos=True)
    sae = cls(config(d_in=D, d_sae=D_SAE, dtype="float64", metadata=metadata, **options))
    for name, parameter in sae.named_parameters():
        parameter.copy_(weights()[name].double())
    settings = evals.get_eval_everything_config(batch, n_eval_reconstruction_batches=ROWS // batch, n_eval_sparsity_variance_batches=ROWS // batch)
    metrics, features = evals.run_evals(sae, Store(ids, batch), model, ActivationScaler(), settings, exclude_special_tokens=ignored)
    features["max_encoder_cosine_sim"] = calculate_max_cosine_sim(sae.W_enc).tolist()
    features["max_decoder_cosine_sim"] = calculate_max_cosine_sim(sae.W_dec.T).tolist()
    features.setdefault("encoder_bias", sae.b_mag.tolist() if architecture == "gated" else None)
    misc = calculate_misc_metrics(features)
    number = lambda value: None if value != value else float(f"{value:.9g}")
    return {
        "architecture": architecture, "hookPoint": hook, "options": options, "excludedTokens": ignored, "batch": batch,
        "metrics": {group: {k: number(v) for k, v in values.items()} for group, values in metrics.items()},
        "misc": {k: number(v) for k, v in misc.items()},
        "ablation": mean_ablation(model, sae, ids, ignored),
        # NaN, of a latent that never fires, is null.
        "features": {name: [number(v) for v in features[name]] for name in FEATURES} if batch == ROWS else None,
    }


def saebench_core():
    """The fields and types of SAEBench's core results: "" is the outermost object, `a.b[]` an entry of a list in it."""
    schema = TypeAdapter(CoreEvalOutput).json_schema()
    found = {}

    def visit(path, node):
        node = {**node, **schema["$defs"].get(node.get("$ref", "").removeprefix("#/$defs/"), {})}
        if "properties" in node:
            found[path] = {}
            for name, child in node["properties"].items():
                found[path][name] = visit(f"{path}.{name}".lstrip("."), child)
            return "object"
        if node.get("type") == "array":
            visit(f"{path}[]", node["items"])
        return node.get("type") or "|".join(option.get("type", "any") for option in node.get("anyOf", [{}]))

    visit("", schema)
    return found


model = bundled_model()
ids = contexts(model.tokenizer)
recording = {
    "recordedWith": f"sae-lens {__import__('sae_lens').__version__}, sae-bench 0.6.0, transformer-lens 3.9.0, torch {torch.__version__}",
    "contexts": ids.tolist(), "dIn": D, "dSae": D_SAE,
    "saebenchCore": saebench_core(),
    "cases": [record(model, ids, *case) for case in CASES],
}
path = REPOSITORY / "packages/sae/src/fixtures/saelens-evaluations.json"
cases = ",\n  ".join(json.dumps(case) for case in recording.pop("cases"))
path.write_text(json.dumps(recording)[:-1] + f',\n "cases": [\n  {cases}\n ]}}\n')
print(f"wrote {path}, {path.stat().st_size} bytes")
