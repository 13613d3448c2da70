"""Writes fixtures/architectures: a tiny random model of every family, and what TransformerLens and transformers make of it.

pip install torch==2.13.0 transformers==5.24.0 safetensors==0.8.0 transformer-lens==3.9.0
python packages/model/scripts/make-architecture-goldens.py [name …]

TransformerLens 3.9 is the last series with HookedTransformer, whose hook points are meant here. Its float64 pass is what is
written down. transformers reads the same folder; it keeps rotary tables and RMSNorm in float32, so that its float64 pass
differs by some 1e-7: the script stops where a logit or a residual differs by more than 1e-5, and notes the largest one.

Per model: config.json, model.safetensors, tokenizer.json, golden.json (ids and greedy continuation) and golden.safetensors.gz:
every hook point by its name, `logits`; `edit:NAME`, the last token's logits when the value at NAME is multiplied by 1.5;
`gradient:NAME`, that of the mean next-token loss.
"""

import gzip
import json
import logging
import pathlib
import shutil
import sys

import torch
import transformer_lens.pretrained.weight_conversions as conversions
import transformers
from goldens.architectures import ARCHITECTURES, CONTEXT, HEADS, VOCABULARY, WIDTH
from safetensors.torch import save, save_file
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformers import AutoConfig, AutoModelForCausalLM

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "architectures"
LENGTH, NEW_TOKENS = 10, 20
TRANSFORMER_LENS = "3.9.0"
CONVERSIONS = {
    "GPT2LMHeadModel": "gpt2", "GPTNeoXForCausalLM": "neox", "GPTNeoForCausalLM": "neo", "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "mistral", "Qwen2ForCausalLM": "qwen2", "Qwen3ForCausalLM": "qwen3", "GemmaForCausalLM": "gemma",
    "Gemma2ForCausalLM": "gemma",
}
transformers.utils.logging.disable_progress_bar()
logging.disable(logging.WARNING)
transformers.utils.logging.set_verbosity_error()


def tokenizer_file():
    """GPT-2's kind of tokenizer over 40 pieces; ids 0 and 1 are BOS and EOS."""
    pieces = ["<|bos|>", "<|eos|>", *"abcdefghijklmnopqrstuvwxyz", "Ġ", "Ċ", ".", ",", "Ġa", "Ġt", "he", "Ġthe", "in", "an", "er", "re"]
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": pieces[i], **special} for i in (0, 1)],
        "normalizer": None, "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "",
                  "fuse_unk": False, "byte_fallback": False, "vocab": {piece: i for i, piece in enumerate(pieces)},
                  "merges": ["Ġ a", "Ġ t", "h e", "Ġt he", "i n", "a n", "e r", "r e"]},
    }


def randomise(model, storage, unit_offset, embedding, seed):
    """Nothing is 0 or 1: a gain or bias that is forgotten must show. Rounded to what the file will hold."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
        if parameter.ndim == 1:
            gain = "norm" in name or "ln_" in name
            value = 0.3 * noise + (1 if gain and name.endswith("weight") and not unit_offset else 0)
        elif "embed" in name or "wte" in name or "wpe" in name or "lm_head" in name:
            value = embedding * noise
        else:
            value = 1.2 * noise / WIDTH**0.5
        parameter.data = value.to(storage).double()


def write_folder(folder, spec, seed):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({**spec["config"], "torch_dtype": str(spec["storage"]).removeprefix("torch.")}, indent=1) + "\n")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_file(), ensure_ascii=False) + "\n", "utf-8")
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), dtype=torch.float64)
    randomise(model, spec["storage"], spec.get("unit_offset", False), spec.get("embedding", 0.5), seed)
    rename = spec.get("rename", lambda name: name)
    tensors = {rename(name): value.data.to(spec["storage"]).contiguous() for name, value in model.named_parameters()}
    save_file({**tensors, **spec.get("spare", dict)()}, folder / "model.safetensors", {"format": "pt"})


def hooked_transformer(model, spec):
    architecture = spec["config"]["architectures"][0]
    base = {"n_layers": 2, "d_model": WIDTH, "n_heads": HEADS, "d_head": WIDTH // HEADS, "n_ctx": CONTEXT, "d_vocab": VOCABULARY,
            "eps": 1e-5, "normalization_type": "LN", "dtype": torch.float64, "device": "cpu", "original_architecture": architecture}
    config = HookedTransformerConfig(**{**base, **spec["tl"]})
    weights = getattr(conversions, f"convert_{CONVERSIONS[architecture]}_weights")(model, config)
    hooked = HookedTransformer(config)
    unknown = hooked.load_state_dict({name: value.double() for name, value in weights.items()}, strict=False).unexpected_keys
    biases = {"unembed.b_U", *(f"blocks.{layer}.attn.{b}" for layer in range(config.n_layers) for b in ("b_O", "_b_K", "_b_V", "b_Q", "b_K", "b_V"))}
    assert not set(unknown) - biases, unknown
    if architecture == "LlamaForCausalLM" and spec["config"].get("attention_bias"):
        add_attention_biases(hooked, model)  # TransformerLens's conversion of Llama knows of none.
    return hooked.eval()


def add_attention_biases(hooked, model):
    for block, layer in zip(hooked.blocks, model.model.layers):
        attention = layer.self_attn
        block.attn.b_Q.data = attention.q_proj.bias.data.view(block.attn.b_Q.shape)
        block.attn._b_K.data = attention.k_proj.bias.data.view(block.attn._b_K.shape)
        block.attn._b_V.data = attention.v_proj.bias.data.view(block.attn._b_V.shape)
        block.attn.b_O.data = attention.o_proj.bias.data


def greedy(logits_of, ids):
    """The continuation, and how far the likeliest token is ahead of the second at its closest."""
    row, margin = list(ids), float("inf")
    for _ in range(NEW_TOKENS):
        best = logits_of(torch.tensor([row]))[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        row.append(best.indices[0].item())
    return row[len(ids):], margin


def loss_of(logits, ids):
    return torch.nn.functional.cross_entropy(logits[0, :-1], ids[0, 1:])


def golden_of(hooked, ids):
    arrays = {}
    # Those of the unembedding are younger than the list of hook points that users know.
    logits, cache = hooked.run_with_cache(ids, names_filter=lambda name: not name.startswith("unembed."))
    arrays["logits"] = logits
    for name, value in cache.items():
        if ".q_norm." in name or ".k_norm." in name:  # [positions * heads, …] there
            value = value.view(1, LENGTH, -1, value.shape[-1])
        # What equals another: the residual stream between blocks.
        if not (name.endswith("hook_resid_pre") and not name.startswith("blocks.0.")):
            arrays[name] = value
        if name.startswith(("blocks.0.", "hook_", "ln_final")):
            arrays[f"edit:{name}"] = edited(hooked, ids, name)
    return {**arrays, **optional_hooks(hooked, ids), **gradients(hooked, ids)}


def edited(hooked, ids, name):
    return hooked.run_with_hooks(ids, fwd_hooks=[(name, lambda value, hook: value * 1.5)])[0, -1]


def optional_hooks(hooked, ids):
    """Those that TransformerLens only has when asked, in the last block but one."""
    arrays, block = {}, f"blocks.{hooked.cfg.n_layers - 2}"
    for name, switch in [("attn.hook_result", hooked.set_use_attn_result), ("hook_mlp_in", hooked.set_use_hook_mlp_in),
                         ("hook_q_input", hooked.set_use_split_qkv_input), ("hook_k_input", hooked.set_use_split_qkv_input),
                         ("hook_v_input", hooked.set_use_split_qkv_input), ("hook_attn_in", hooked.set_use_attn_in)]:
        if name == "hook_attn_in" and hooked.cfg.n_key_value_heads is not None:
            continue  # TransformerLens fails: keys and values have fewer heads
        switch(True)
        hook = f"{block}.{name}"
        arrays.update(hooked.run_with_cache(ids, names_filter=hook)[1].items())
        arrays[f"edit:{hook}"] = edited(hooked, ids, hook)
        switch(False)
    return arrays


def gradients(hooked, ids):
    kept = {}

    def keep(value, hook):
        value.retain_grad()
        kept[hook.name] = value
        return value

    with torch.enable_grad():
        logits = hooked.run_with_hooks(ids, fwd_hooks=[(f"blocks.{layer}.hook_resid_pre", keep) for layer in (0, 1)])
        loss_of(logits, ids).backward()
    return {f"gradient:{name}": value.grad for name, value in kept.items()}


@torch.no_grad()
def make(name, spec):
    folder = FIXTURES / name
    for seed in range(1, 200):
        shutil.rmtree(folder, ignore_errors=True)
        write_folder(folder, spec, seed)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval()
        generator = torch.Generator().manual_seed(seed)
        ids = torch.cat([torch.zeros(1, 1, dtype=torch.long), torch.randint(2, VOCABULARY, (1, LENGTH - 1), generator=generator)], 1)
        written, margin = greedy(lambda row: model(row).logits, ids[0].tolist())
        # A continuation that tells: it neither ends nor goes round in a small circle, and rounding does not change it.
        if margin > 0.02 and len(set(written)) >= 6 and not {0, 1} & set(written):
            break
    else:
        raise RuntimeError(f"{name}: no seed gives a continuation that tells")
    hooked = hooked_transformer(model, spec)
    arrays = golden_of(hooked, ids)
    theirs = model(ids, output_hidden_states=True)
    residuals = [arrays["blocks.0.hook_resid_pre"], *(arrays[f"blocks.{layer}.hook_resid_post"] for layer in range(hooked.cfg.n_layers - 1))]
    pairs = [(theirs.logits, arrays["logits"]), *zip(theirs.hidden_states, residuals)]
    difference = max((a - b).abs().max().item() for a, b in pairs)
    assert difference < 1e-5, f"{name}: TransformerLens and transformers differ by {difference}"
    assert greedy(hooked, ids[0].tolist())[0] == written
    packed = save({key: value.detach().float().contiguous() for key, value in arrays.items()})
    (folder / "golden.safetensors.gz").write_bytes(gzip.compress(packed, 9, mtime=0))
    golden = {
        "madeBy": f"transformer-lens {TRANSFORMER_LENS}, transformers {transformers.__version__}, torch {torch.__version__}, float64",
        "seed": seed, "ids": ids[0].tolist(), "greedy": written, "greedyMargin": round(margin, 4),
        "transformersDifference": float(f"{difference:.2g}"),
        "loss": loss_of(arrays["logits"], ids).item(),
    }
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{name}: {size} bytes, seed {seed}, margin {margin:.3f}, transformers differs by {difference:.1e}, greedy {written}")


for chosen in sys.argv[1:] or ARCHITECTURES:
    make(chosen, ARCHITECTURES[chosen])
