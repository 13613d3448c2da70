"""Writes fixtures/rotary-golden.json: frequencies of scaled rotary positions as transformers' modeling_rope_utils gives them.

pip install torch==2.13.0 transformers==5.24.0
python packages/model/scripts/make-rotary-golden.py

transformers computes them in float32.
"""

import json
import pathlib

import torch
import transformers
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "rotary-golden.json"
SIZES = {"hidden_size": 64, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 32, "vocab_size": 40, "intermediate_size": 24,
         "num_hidden_layers": 2, "rms_norm_eps": 1e-5}
CASES = {
    "Llama 3.1": {"rope_theta": 500000.0, "max_position_embeddings": 131072, "rope_scaling": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}},
    "linear": {"rope_theta": 10000.0, "max_position_embeddings": 8192, "rope_scaling": {"type": "linear", "factor": 4.0}},
    "dynamic, within the context": {"rope_theta": 10000.0, "max_position_embeddings": 4096, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}},
    "YaRN as Qwen2.5's": {"rope_theta": 1000000.0, "max_position_embeddings": 131072, "rope_scaling": {
        "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}},
    "YaRN with mscale": {"rope_theta": 10000.0, "max_position_embeddings": 16384, "rope_scaling": {
        "rope_type": "yarn", "factor": 40.0, "mscale": 1.0, "mscale_all_dim": 0.7, "beta_fast": 16, "beta_slow": 2,
        "original_max_position_embeddings": 4096}},
    "YaRN without truncation": {"rope_theta": 150000.0, "max_position_embeddings": 131072, "rope_scaling": {
        "rope_type": "yarn", "factor": 32.0, "truncate": False, "original_max_position_embeddings": 4096}},
}


def case(name, fields):
    config = LlamaConfig(**SIZES, **fields)
    kind = fields["rope_scaling"].get("rope_type") or fields["rope_scaling"]["type"]
    frequencies, factor = ROPE_INIT_FUNCTIONS[kind](config, torch.device("cpu"))
    json_config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", **SIZES, **fields}
    return {"name": name, "config": json_config, "frequencies": [float(f"{x:.8g}") for x in frequencies.tolist()], "attentionFactor": float(factor)}


golden = {"madeBy": f"transformers {transformers.__version__}", "cases": [case(*item) for item in CASES.items()]}
FIXTURE.write_text(json.dumps(golden) + "\n")
print([(c["name"], c["attentionFactor"]) for c in golden["cases"]])
