"""Reads core results that `toSaebenchCore` wrote as SAEBench does: its schema, and the table that its graphs are made of.

    python -m venv venv && venv/bin/pip install torch sae-lens==6.54.12 pydantic tabulate seaborn && venv/bin/pip install --no-deps sae-bench==0.6.0
    venv/bin/python packages/sae/scripts/check-saebench.py RELEASE_ID_eval_results.json
"""
import json
import pathlib
import shutil
import sys
import tempfile

from pydantic import TypeAdapter
from sae_bench.evals.core.eval_output import CoreEvalOutput
from sae_bench.sae_bench_utils.graphing_utils import get_eval_results

file = pathlib.Path(sys.argv[1])
output = TypeAdapter(CoreEvalOutput).validate_json(file.read_text(), strict=True)
print(f"{len(output.eval_result_details)} features, explained variance {output.eval_result_metrics.reconstruction_quality.explained_variance}")
with tempfile.TemporaryDirectory() as folder:
    (core := pathlib.Path(folder) / "core").mkdir()
    table = get_eval_results([str(shutil.copy(file, core))])
print(json.dumps({key: {name: value for name, value in row.items() if name != "eval_config"} for key, row in table.items()}, indent=1))
