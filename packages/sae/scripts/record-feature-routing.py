"""Records the prompts on which the authors of feature-routing measured its SAE, and what they published of it:
fixtures/saes/feature-routing.json.

    python -m venv venv && venv/bin/pip install numpy
    venv/bin/python packages/sae/scripts/record-feature-routing.py

Their recipe (sehajr-singhs/transformer-residual-stream-verification, MIT: src/sae.py, src/task.py, results/baseline.json):
20,000 prompts of numpy's default_rng(7), residual streams of 2,048 prompts at a time stacked as (embedding, after block 0,
after block 1), and of all that the first 8,192 rows. So every number is of the stream before block 0, at the five positions
of the first 1,639 prompts. Latents count above 1e-6.
"""
import json
import pathlib

import numpy as np

ROWS, POSITIONS = 8192, 5
rng = np.random.default_rng(7)
slots = rng.integers(0, 8, size=(20_000, 4))
selectors = 8 + rng.integers(0, 4, size=20_000)
prompts = np.concatenate([slots, selectors[:, None]], axis=1)[: -(-ROWS // POSITIONS)]
record = {
    "rows": ROWS,
    "published": {"fvu": 0.0005910004256293178, "l0": 49.67529296875, "dead": 0, "relativeError": 0.02277354896068573},
    # A token is one digit of base 12, a prompt five of them.
    "prompts": "".join(np.base_repr(token, 12) for token in prompts.flatten()),
}
path = pathlib.Path(__file__).parent.parent / "fixtures/saes/feature-routing.json"
path.write_text(json.dumps(record, indent=1) + "\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
