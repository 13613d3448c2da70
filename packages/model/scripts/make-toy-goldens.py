"""Writes fixtures/toy: small models of TransformerLens as its users keep them, and its float64 pass over two rows.

pip install torch==2.13.0 safetensors==0.8.0 transformer-lens==3.9.0
python packages/model/scripts/make-toy-goldens.py

Per model: model.pt (torch.save of the state dict), config.json (`cfg.to_dict()`), golden.safetensors.gz (ids, logits and every
hook point).
"""

import gzip
import json
import pathlib

import torch
from safetensors.torch import save
from transformer_lens import HookedTransformer, HookedTransformerConfig

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "toy"
COMMON = {"n_layers": 2, "d_model": 12, "n_ctx": 8, "d_head": 4, "n_heads": 2, "d_vocab": 9, "device": "cpu", "seed": 3}
MODELS = {
    "attention-only": {**COMMON, "attn_only": True, "normalization_type": None},
    "local-rotary": {
        **COMMON, "act_fn": "relu", "d_mlp": 10, "normalization_type": "LN", "positional_embedding_type": "rotary", "rotary_dim": 2,
        "rotary_adjacent_pairs": True, "n_heads": 4, "n_key_value_heads": 2, "use_local_attn": True, "window_size": 3,
        "attn_types": ["global", "local"], "attn_scale": 3.0, "attn_scores_soft_cap": 5.0, "output_logits_soft_cap": 6.0,
        "parallel_attn_mlp": True,
    },
}


@torch.no_grad()
def make(name, fields):
    folder = FIXTURES / name
    folder.mkdir(parents=True, exist_ok=True)
    model = HookedTransformer(HookedTransformerConfig(**fields))
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) * 0.5 + (1 if parameter.ndim == 1 else 0)
    torch.save(model.state_dict(), folder / "model.pt")
    config = {"architectures": ["HookedTransformer"], **model.cfg.to_dict()}
    (folder / "config.json").write_text(json.dumps(config, default=str, indent=1) + "\n")
    ids = torch.randint(0, 9, (2, 8), generator=generator)
    logits, cache = model.double().run_with_cache(ids)
    arrays = {"ids": ids.int(), "logits": logits.float(), **{key: value.float().contiguous() for key, value in cache.items()}}
    (folder / "golden.safetensors.gz").write_bytes(gzip.compress(save(arrays), 9, mtime=0))
    print(name, list(model.state_dict()), config)


for name, fields in MODELS.items():
    make(name, fields)
