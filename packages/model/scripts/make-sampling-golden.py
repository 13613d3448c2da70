"""Writes fixtures/sampling-golden.json: which tokens transformers lets be drawn, and with what probability.

pip install torch==2.13.0 transformers==5.24.0
python packages/model/scripts/make-sampling-golden.py

float64. Penalties are subtracted by OpenAI's formula, which transformers does not have: logit − count · frequency − (count > 0) · presence.
"""

import json
import pathlib

import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "sampling-golden.json"
generator = torch.Generator().manual_seed(4)
CASES = [
    {"temperature": 1.0}, {"temperature": 0.5}, {"temperature": 1.0, "topK": 1}, {"temperature": 1.7, "topK": 5},
    {"temperature": 1.0, "topP": 0.9}, {"temperature": 1.0, "topP": 0.05}, {"temperature": 0.7, "topK": 12, "topP": 0.8},
    {"temperature": 3.0, "topP": 0.999}, {"temperature": 1.0, "topK": 1000},
]


def case(options):
    logits = (torch.randn(1, 40, generator=generator) * 2).float()
    scores = TemperatureLogitsWarper(options["temperature"])(None, logits.double())
    if "topK" in options:
        scores = TopKLogitsWarper(min(options["topK"], 40))(None, scores)
    if "topP" in options:
        scores = TopPLogitsWarper(options["topP"])(None, scores)
    return {"options": options, "logits": logits[0].tolist(), "probabilities": scores.softmax(-1)[0].tolist()}


FIXTURE.write_text(json.dumps([case(options) for options in CASES]) + "\n", "utf-8")
