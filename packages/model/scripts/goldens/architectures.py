"""The tiny models of fixtures/architectures: config.json as the hub's repositories write it, and the same for TransformerLens.

`tl` says what TransformerLens is told beyond `base`; `storage` is the dtype of the weights in model.safetensors, `rename`
turns transformers' present tensor names into those of the hub's files, `spare` makes the tensors that old files carry.
"""

import math

import torch

CONTEXT, VOCABULARY, WIDTH, HEADS = 32, 40, 16, 4
tokens = {"bos_token_id": 0, "eos_token_id": 1, "vocab_size": VOCABULARY}
llama_like = {
    "hidden_size": WIDTH, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": HEADS,
    "num_key_value_heads": 2, "max_position_embeddings": CONTEXT, "rms_norm_eps": 1e-5, "hidden_act": "silu", **tokens,
}
rms = {"normalization_type": "RMS", "final_rms": True, "gated_mlp": True, "positional_embedding_type": "rotary",
       "rotary_adjacent_pairs": False, "eps": 1e-5, "d_mlp": 24, "n_key_value_heads": 2, "act_fn": "silu"}


def causal_masks(name, dtype):
    """Buffers of the attention, which older files carry beside the weights."""
    mask = torch.tril(torch.ones(CONTEXT, CONTEXT)).view(1, 1, CONTEXT, CONTEXT).to(dtype)
    return {name.format(0): mask, name.format(1): mask.clone()}


ARCHITECTURES = {
    # As openai-community/gpt2: no "transformer." before the names, masks among the weights.
    "gpt2": dict(
        config={"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new", "n_ctx": CONTEXT,
                "n_embd": WIDTH, "n_head": HEADS, "n_layer": 2, "n_positions": CONTEXT, "layer_norm_epsilon": 1e-5, **tokens},
        tl={"act_fn": "gelu_new", "d_mlp": 64}, storage=torch.float32,
        rename=lambda name: name.removeprefix("transformer."),
        spare=lambda: causal_masks("h.{}.attn.bias", torch.float32),
    ),
    # As EleutherAI/pythia-70m: parallel blocks, a quarter of each head rotates, BOS is id 0.
    "pythia": dict(
        config={"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "hidden_act": "gelu", "hidden_size": 32,
                "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": HEADS, "layer_norm_eps": 1e-5,
                "max_position_embeddings": CONTEXT, "rotary_emb_base": 10000, "rotary_pct": 0.25, "tie_word_embeddings": False,
                "use_parallel_residual": True, **tokens},
        tl={"d_model": 32, "d_head": 8, "act_fn": "gelu", "d_mlp": 24, "parallel_attn_mlp": True,
            "positional_embedding_type": "rotary", "rotary_adjacent_pairs": False, "rotary_dim": 2},
        storage=torch.float16, rename=lambda name: name.replace("lm_head", "embed_out"),
        spare=lambda: {**causal_masks("gpt_neox.layers.{}.attention.bias", torch.bool),
                       "gpt_neox.layers.0.attention.masked_bias": torch.tensor(-1e9),
                       "gpt_neox.layers.0.attention.rotary_emb.inv_freq": torch.ones(1)},
    ),
    "gpt-neox-sequential": dict(
        config={"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "hidden_act": "gelu_fast", "hidden_size": WIDTH,
                "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": HEADS, "layer_norm_eps": 1e-4,
                "max_position_embeddings": CONTEXT, "rotary_emb_base": 5000, "rotary_pct": 1.0, "tie_word_embeddings": False,
                "use_parallel_residual": False, **tokens},
        tl={"eps": 1e-4, "act_fn": "gelu_fast", "d_mlp": 24, "positional_embedding_type": "rotary", "rotary_adjacent_pairs": False,
            "rotary_dim": 4, "rotary_base": 5000},
        storage=torch.float16, rename=lambda name: name.replace("lm_head", "embed_out"),
    ),
    # As roneneldan/TinyStories-33M: no scale, no biases of queries, keys and values, every second layer sees a window.
    "gpt-neo": dict(
        config={"architectures": ["GPTNeoForCausalLM"], "model_type": "gpt_neo", "activation_function": "gelu_new",
                "attention_layers": ["global", "local"], "attention_types": [[["global", "local"], 1]], "hidden_size": WIDTH,
                "intermediate_size": None, "layer_norm_epsilon": 1e-5, "max_position_embeddings": CONTEXT, "num_heads": HEADS,
                "num_layers": 2, "window_size": 5, **tokens},
        tl={"act_fn": "gelu_new", "d_mlp": 64, "use_attn_scale": False, "use_local_attn": True, "window_size": 5,
            "attn_types": ["global", "local"]},
        storage=torch.float16,
        spare=lambda: {**causal_masks("transformer.h.{}.attn.attention.bias", torch.uint8),
                       "transformer.h.0.attn.attention.masked_bias": torch.tensor(-1e9)},
    ),
    "llama-2": dict(
        config={**llama_like, "architectures": ["LlamaForCausalLM"], "model_type": "llama", "num_key_value_heads": HEADS,
                "rope_scaling": None, "tie_word_embeddings": False},
        tl={**rms, "n_key_value_heads": None, "rotary_dim": 4}, storage=torch.bfloat16,
        spare=lambda: {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(2)},
    ),
    # As meta-llama/Llama-3.2-1B: the frequencies of long waves are stretched.
    "llama-3": dict(
        config={**llama_like, "architectures": ["LlamaForCausalLM"], "model_type": "llama", "rope_theta": 50.0,
                "rope_scaling": {"factor": 4.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                                 "original_max_position_embeddings": 32, "rope_type": "llama3"},
                "head_dim": 8, "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False},
        tl={**rms, "d_head": 8, "rotary_dim": 8, "rotary_base": 50.0, "use_NTK_by_parts_rope": True, "NTK_by_parts_factor": 4.0,
            "NTK_by_parts_low_freq_factor": 1.0, "NTK_by_parts_high_freq_factor": 4.0, "NTK_original_ctx_len": 32},
        storage=torch.bfloat16,
    ),
    # YaRN, and biases in the attention.
    "llama-yarn": dict(
        config={**llama_like, "architectures": ["LlamaForCausalLM"], "model_type": "llama", "rope_theta": 100.0, "head_dim": 8,
                "rope_scaling": {"factor": 4.0, "beta_fast": 2.0, "beta_slow": 0.5, "original_max_position_embeddings": 10,
                                 "rope_type": "yarn"},
                "tie_word_embeddings": False, "attention_bias": True, "mlp_bias": False},
        tl={**rms, "d_head": 8, "rotary_dim": 8, "rotary_base": 100.0, "use_yarn_rope": True, "yarn_factor": 4.0, "yarn_beta_fast": 2.0,
            "yarn_beta_slow": 0.5, "yarn_original_max_position_embeddings": 10,
            "yarn_attention_factor": 0.1 * math.log(4.0) + 1.0},
        storage=torch.bfloat16,
    ),
    # As mistralai/Mistral-7B-v0.1, with a window shorter than the text.
    "mistral": dict(
        config={**llama_like, "architectures": ["MistralForCausalLM"], "model_type": "mistral", "rope_theta": 10000.0,
                "sliding_window": 5, "tie_word_embeddings": False},
        tl={**rms, "rotary_dim": 4, "use_local_attn": True, "window_size": 5, "attn_types": ["local", "local"]},
        storage=torch.bfloat16,
    ),
    # As Qwen/Qwen2.5-0.5B: a window is written down, but not used.
    "qwen2": dict(
        config={**llama_like, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "rope_theta": 1000000.0,
                "rms_norm_eps": 1e-6, "sliding_window": 5, "use_sliding_window": False, "max_window_layers": 1,
                "tie_word_embeddings": True},
        tl={**rms, "eps": 1e-6, "rotary_dim": 4, "rotary_base": 1000000}, storage=torch.bfloat16,
    ),
    "qwen2-window": dict(
        config={**llama_like, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "rope_theta": 10000.0,
                "rms_norm_eps": 1e-6, "sliding_window": 5, "use_sliding_window": True, "max_window_layers": 1,
                "tie_word_embeddings": False},
        tl={**rms, "eps": 1e-6, "rotary_dim": 4, "use_local_attn": True, "window_size": 5, "attn_types": ["global", "local"]},
        storage=torch.bfloat16,
    ),
    # As Qwen/Qwen3-0.6B: heads wider than d_model / heads, their queries and keys normalised.
    "qwen3": dict(
        config={**llama_like, "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "rope_theta": 1000000,
                "rope_scaling": None, "head_dim": 6, "rms_norm_eps": 1e-6, "attention_bias": False, "sliding_window": None,
                "use_sliding_window": False, "max_window_layers": 2, "tie_word_embeddings": True},
        tl={**rms, "eps": 1e-6, "d_head": 6, "rotary_dim": 6, "rotary_base": 1000000, "use_qk_norm": True}, storage=torch.bfloat16,
    ),
    # As google/gemma-2b: "gelu" means the tanh form, all heads share one key and value, the unembedding is the embedding.
    "gemma": dict(
        config={**llama_like, "architectures": ["GemmaForCausalLM"], "model_type": "gemma", "hidden_act": "gelu", "head_dim": 8,
                "num_key_value_heads": 1, "rms_norm_eps": 1e-6, "rope_theta": 10000.0},
        tl={**rms, "eps": 1e-6, "act_fn": "gelu_pytorch_tanh", "d_head": 8, "n_key_value_heads": 1, "rotary_dim": 8},
        storage=torch.bfloat16, unit_offset=True, embedding=0.12,
    ),
    # As google/gemma-2-2b, with a window shorter than the text and soft caps that bite.
    "gemma-2": dict(
        config={**llama_like, "architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "num_hidden_layers": 3,
                "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh", "head_dim": 8, "rms_norm_eps": 1e-6,
                "attn_logit_softcapping": 1.5, "final_logit_softcapping": 3.0, "query_pre_attn_scalar": 5, "rope_theta": 10000.0,
                "sliding_window": 5, "attention_bias": False},
        tl={**rms, "eps": 1e-6, "act_fn": "gelu_pytorch_tanh", "d_head": 8, "n_layers": 3, "rotary_dim": 8, "use_local_attn": True,
            "window_size": 5, "attn_types": ["local", "global", "local"], "attn_scores_soft_cap": 1.5,
            "output_logits_soft_cap": 3.0, "attn_scale": math.sqrt(5), "use_normalization_before_and_after": True},
        storage=torch.bfloat16, unit_offset=True, embedding=0.12,
    ),
}
