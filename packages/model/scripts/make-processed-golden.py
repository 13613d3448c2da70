"""Writes fixtures/processed.safetensors.gz: what TransformerLens's weight processing makes of two of fixtures/architectures.

pip install torch==2.13.0 transformers==5.24.0 safetensors==0.8.0 transformer-lens==3.9.0
python packages/model/scripts/make-processed-golden.py

gpt2 with all four steps, qwen2 (RMSNorm, biases, grouped heads) with those that RMSNorm allows. In float64; names are
MODEL:NAME, of hook points and of weights as TransformerLens shapes them.
"""

import gzip
import json
import pathlib

import torch
import transformer_lens.pretrained.weight_conversions as conversions
from goldens.architectures import ARCHITECTURES, CONTEXT, HEADS, VOCABULARY, WIDTH
from safetensors.torch import save
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformers import AutoModelForCausalLM

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
MODELS = {
    "gpt2": (conversions.convert_gpt2_weights, True),
    "qwen2": (conversions.convert_qwen2_weights, False),
}
HOOKS = ["hook_embed", "blocks.0.hook_resid_mid", "blocks.0.attn.hook_v", "blocks.0.attn.hook_z", "blocks.0.mlp.hook_pre",
         "blocks.1.ln2.hook_normalized", "blocks.1.hook_resid_post"]
WEIGHTS = ["unembed.W_U", "unembed.b_U", "blocks.1.attn.W_Q", "blocks.1.attn.b_Q", "blocks.0.attn.b_O", "blocks.0.mlp.W_in"]


@torch.no_grad()
def arrays_of(name, convert, has_layer_norm):
    folder = FIXTURES / "architectures" / name
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval()
    base = {"n_layers": 2, "d_model": WIDTH, "n_heads": HEADS, "d_head": WIDTH // HEADS, "n_ctx": CONTEXT, "d_vocab": VOCABULARY,
            "eps": 1e-5, "normalization_type": "LN", "dtype": torch.float64, "device": "cpu",
            "original_architecture": ARCHITECTURES[name]["config"]["architectures"][0]}
    hooked = HookedTransformer(HookedTransformerConfig(**{**base, **ARCHITECTURES[name]["tl"]}))
    weights = {key: value.double() for key, value in convert(model, hooked.cfg).items()}
    hooked.load_and_process_state_dict(
        weights, fold_ln=True, center_writing_weights=has_layer_norm, center_unembed=True, fold_value_biases=True)
    hooked.eval()
    ids = torch.tensor([json.loads((folder / "golden.json").read_text())["ids"]])
    logits, cache = hooked.run_with_cache(ids)
    state = hooked.state_dict()
    return {"logits": logits, **{hook: cache[hook] for hook in HOOKS}, **{key: state[key] for key in WEIGHTS}}


arrays = {f"{name}:{key}": value.float().contiguous() for name, how in MODELS.items() for key, value in arrays_of(name, *how).items()}
(FIXTURES / "processed.safetensors.gz").write_bytes(gzip.compress(save(arrays), 9, mtime=0))
print({key: tuple(value.shape) for key, value in arrays.items()})
