"""Writes fixtures/hugging-face-golden.json: the bundled model as Hugging Face's own code reads it.

pip install torch==2.13.0 transformers==5.24.0 tokenizers==0.23.3 safetensors==0.8.0
python packages/model/scripts/make-hugging-face-golden.py

float32 on CPU. `sha256` is over the ids as little-endian int32.
"""

import hashlib
import json
import pathlib

import numpy as np
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

PACKAGES = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = PACKAGES / "sample-data" / "data" / "models" / "stories-260k"
TEXT = PACKAGES / "sample-data" / "data" / "text"
FIXTURE = PACKAGES / "model" / "fixtures" / "hugging-face-golden.json"

TOKENIZED = [
    "", " ", "  two  spaces ", "Once upon a time", "\n", "line one\nline two\n\n", "tab\there", "naïve café 1234",
    "“curly” ‘quotes’ — dash…", "日本語 and emoji 👩‍🚀🎈", "<0x0A> <unk> <s>", "a</s>b", "▁mark", "\u00a0no-break", "!!!???",
]
PROMPTS = ["Once upon a time", "Lily and Tom went to the park.", "One day, a big", "naïve café 1234"]

tokenizer = AutoTokenizer.from_pretrained(MODEL)
model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()
numbers = lambda tensor: [float(f"{x:.8g}") for x in tensor.flatten().tolist()]


def pass_of(text):
    ids = tokenizer(text).input_ids
    with torch.no_grad():
        out = model(torch.tensor([ids]), output_hidden_states=True)
        written = model.generate(torch.tensor([ids]), max_new_tokens=40, do_sample=False, pad_token_id=0)[0, len(ids):]
    # hidden_states[L] is blocks.L.hook_resid_pre; the last entry has the final norm applied.
    return {
        "text": text,
        "ids": ids,
        "lastLogits": numbers(out.logits[0, -1]),
        "lastResidPre": [numbers(h[0, -1]) for h in out.hidden_states[:-1]],
        "lastNormed": numbers(out.hidden_states[-1][0, -1]),
        "greedy": written.tolist(),
        "decoded": tokenizer.decode(written, skip_special_tokens=True),
    }


def story_ids():
    stories = [s.strip() for s in (TEXT / "tinystories-train-a.txt").read_text("utf-8").split("<|endoftext|>")]
    ids = [i for story in stories if story for i in tokenizer(story, add_special_tokens=False).input_ids]
    return {"count": len(ids), "sha256": hashlib.sha256(np.array(ids, "<i4").tobytes()).hexdigest()}


def held_out_loss():
    """Mean loss in nats of the first 256 tokens, BOS included, of the first 60 documents of the validation excerpt."""
    text = (TEXT / "tinystories-validation.txt").read_text("utf-8")
    stories = text.replace("\n\nOnce upon a time", "\0Once upon a time").split("\0")[:60]
    losses = []
    for story in stories:
        ids = torch.tensor([tokenizer(story.strip()).input_ids[:256]])
        with torch.no_grad():
            logits = model(ids).logits[0, :-1].double()
        losses.append(torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none"))
    losses = torch.cat(losses)
    return {"documents": len(stories), "tokens": len(losses), "loss": losses.mean().item()}


golden = {
    "madeBy": f"transformers {transformers.__version__}, torch {torch.__version__}",
    "tokenized": [{"text": text, "ids": tokenizer(text).input_ids} for text in TOKENIZED],
    "stories": story_ids(),
    "heldOut": held_out_loss(),
    "passes": [pass_of(text) for text in PROMPTS],
}
FIXTURE.write_text(json.dumps(golden, ensure_ascii=False, indent=None) + "\n", "utf-8")
print(golden["madeBy"], golden["stories"], golden["heldOut"], [p["decoded"] for p in golden["passes"]])
