"""Writes a small batch by the classes of SAEDashboard 0.8.0 itself: an attention SAE with a suffix, a steering vector, direct
attributions, a NaN. All of it is made up.

    pip install --no-deps sae-dashboard==0.8.0; pip install numpy
    python packages/exchange/scripts/record-saedashboard-batch.py packages/exchange/fixtures/saedashboard-attention/batch-0.json
"""

import importlib.metadata
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

# The module by itself: the package would load torch.
name = "sae_dashboard/neuronpedia/neuronpedia_dashboard.py"
spec = importlib.util.spec_from_file_location("dashboard", importlib.metadata.distribution("sae-dashboard").locate_file(name))
dashboard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dashboard)

activation = {
    "bin_min": -1,
    "bin_max": np.float64(1.5),
    "bin_contains": -1,
    "tokens": ["The", " cat", "\n", "ãĤ±"],
    "values": list(np.round([0.0, 1.4996, 0.25, -0.0001], 3)),
    "qualifying_token_index": 1,
    "dfa_values": [0.125, -0.5, 0.0, 0.001],
    "dfa_maxValue": 0.125,
    "dfa_targetIndex": 1,
}
without = {key: value for key, value in activation.items() if not key.startswith("dfa")}
feature = {
    "feature_index": 7,
    "pos_str": [" cat", " cats"],
    "pos_values": list(np.round([2.34567, float("nan")], 3)),
    "neg_str": [" dog"],
    "neg_values": [-1.0],
    "frac_nonzero": 0.0123,
    "n_prompts_total": 24576,
    "n_tokens_in_prompt": 128,
    "dataset": "monology/pile-uncopyrighted",
    "decoder_weights_dist": [0.75, 0.25],
    "vector": [0.5, -0.25],
    "activations": [activation, without],
}
batch = dashboard.NeuronpediaDashboardBatch("gpt2-small", 5, "att-kk", "deep", [feature])
path = Path(sys.argv[1])
path.parent.mkdir(parents=True, exist_ok=True)
# As its encoder writes numbers of numpy.
path.write_text(json.dumps(batch.to_dict(), default=lambda number: number.item()) + "\n")
