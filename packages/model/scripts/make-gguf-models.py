"""Writes fixtures/gguf from fixtures/architectures as llama.cpp's convert_hf_to_gguf.py would:
pip install torch==2.13.0 transformers==5.24.0 gguf==0.19.0 safetensors==0.8.0 sentencepiece==0.2.3

The goldens of those folders are then the goldens of these files. Where transformers reads a GGUF file completely (it knows no
rope_freqs tensor, no YaRN, no window and no head width of Qwen3 in one), this script also checks that it finds the same model in it.
"""

import json
import math
import pathlib

import numpy as np
import sentencepiece
import torch
from gguf import GGMLQuantizationType as T
from gguf import GGUFWriter, RopeScalingType
from gguf.quants import quantize
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
OUT = FIXTURES / "gguf"
OUT.mkdir(exist_ok=True)

BLOCK = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
OTHER = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}


def gguf_name(name):
    if name in OTHER:
        return OTHER[name]
    _, _, layer, rest = name.split(".", 3)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{BLOCK[part]}.{kind}"


def interleave_halves(weights, heads):
    """Rows of each head: 0, half, 1, half + 1 … (LlamaModel.permute)."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def llama3_factors(config, head_dim):
    scaling = config["rope_scaling"]
    context, low, high = (scaling[key] for key in ("original_max_position_embeddings", "low_freq_factor", "high_freq_factor"))
    factors = []
    for i in range(0, head_dim, 2):
        wavelength = 2 * math.pi * config["rope_theta"] ** (i / head_dim)
        if wavelength < context / high:
            factors.append(1)
        elif wavelength > context / low:
            factors.append(scaling["factor"])
        else:
            smooth = (context / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / scaling["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def write(name, arch, bf16):
    folder = FIXTURES / "architectures" / name
    config = json.loads((folder / "config.json").read_text())
    tensors = {key: value.float().numpy() for key, value in load_file(folder / "model.safetensors").items() if "rotary_emb" not in key}
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    writer = GGUFWriter(OUT / f"{name}.gguf", arch)
    writer.add_license("apache-2.0")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config.get("rope_theta", 10000.0))
    if config.get("head_dim"):
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    writer.add_rope_dimension_count(head_dim)
    scaling = config.get("rope_scaling") or {}
    if scaling.get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_factors(config, head_dim))
    if scaling.get("rope_type") == "yarn":
        writer.add_rope_scaling_type(RopeScalingType.YARN)
        writer.add_rope_scaling_factor(scaling["factor"])
        writer.add_rope_scaling_orig_ctx_len(scaling["original_max_position_embeddings"])
        writer.add_rope_scaling_yarn_beta_fast(scaling["beta_fast"])
        writer.add_rope_scaling_yarn_beta_slow(scaling["beta_slow"])
    if name == "mistral":
        writer.add_sliding_window(config["sliding_window"])
    add_byte_level(writer, folder)
    for key, value in tensors.items():
        for part, count in (("q_proj", heads), ("k_proj", kv_heads)):
            if part in key and arch == "llama":
                value = interleave_halves(value, count)
        if bf16 and value.ndim == 2:
            writer.add_tensor(gguf_name(key), quantize(value, T.BF16), raw_dtype=T.BF16)
        else:
            writer.add_tensor(gguf_name(key), np.ascontiguousarray(value))
    close(writer)
    if name in ("llama-2", "qwen2"):
        ids = torch.tensor([json.loads((folder / "golden.json").read_text())["ids"]])
        ours, theirs = (
            AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, **options).double()(ids).logits
            for source, options in ((folder, {}), (OUT, {"gguf_file": f"{name}.gguf"}))
        )
        difference = (ours - theirs).abs().max().item()
        print(name, difference)
        assert difference < 1e-6


def add_byte_level(writer, folder):
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    special = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    tokens = sorted({**vocabulary, **special}.items(), key=lambda item: item[1])
    assert [id for _, id in tokens] == list(range(len(tokens)))
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in tokenizer["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([token for token, _ in tokens])
    writer.add_token_types([3 if token in special else 1 for token, _ in tokens])
    writer.add_token_merges(merges or ["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)


def write_sentencepiece():
    """The vocabulary of fixtures/tokenizers/sentencepiece-llama.model, and no tensors."""
    model = sentencepiece.SentencePieceProcessor(str(FIXTURES / "tokenizers" / "sentencepiece-llama.model"))
    ids = range(model.vocab_size())

    def kind(id):
        kinds = ((model.is_unknown, 2), (model.is_control, 3), (model.is_unused, 5), (model.is_byte, 6))
        return next((kind for test, kind in kinds if test(id)), 1)

    writer = GGUFWriter(OUT / "sentencepiece-llama.gguf", "llama")
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([model.id_to_piece(id) for id in ids])
    writer.add_token_scores([model.get_score(id) for id in ids])
    writer.add_token_types([kind(id) for id in ids])
    writer.add_bos_token_id(model.bos_id())
    writer.add_eos_token_id(model.eos_id())
    close(writer)


def close(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


for name, arch in [("llama-2", "llama"), ("llama-3", "llama"), ("llama-yarn", "llama"), ("mistral", "llama"), ("qwen2", "qwen2"), ("qwen3", "qwen3")]:
    write(name, arch, bf16=name != "llama-3")
write_sentencepiece()
