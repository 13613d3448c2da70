"""Cuts pages of sae_vis (MIT, Copyright (c) 2024 Callum McDougall) down to a few features, for the tests.

    pip install --no-deps sae-vis==0.3.7
    python packages/exchange/scripts/cut-sae-vis-pages.py .../site-packages/sae_vis/demos packages/exchange/fixtures/sae-vis

Everything but the data of the features that are left out stays as it is, the scripts of the page included.
"""

import gzip
import json
import re
import sys
from pathlib import Path

KEPT = {
    "demo_feature_vis.html": ["0", "3", "8"],
    "demo_feature_vis_attn2l.html": ["0", "5"],
    "demo_othello_vis.html": ["0"],
}

demos, out = Path(sys.argv[1]), Path(sys.argv[2])
for name, kept in KEPT.items():
    page = (demos / name).read_text()
    match = re.search(r"(?<=function defineData\(\) \{\n    return ).*(?=;\n\})", page)
    data = json.loads(match.group())
    cut = page[: match.start()] + json.dumps({key: data[key] for key in kept}) + page[match.end() :]
    with open(out / f"{name}.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(cut.encode())
