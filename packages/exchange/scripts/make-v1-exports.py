"""Writes the dashboards of fixtures/saedashboard in Neuronpedia's v1 layout, as its two programs write it.

    pip install orjson==3.13.0
    python packages/exchange/scripts/make-v1-exports.py packages/exchange/fixtures

- saedashboard: like SAEDashboard's neuronpedia_export.py (repository jbloomAus/SAEDashboard, commit 3ea1249): orjson,
  indexes are integers, files named after its batches, empty columns present, no explanations.
- database: like Neuronpedia's export-data.py (hijohnnylin/neuronpedia, commit 1a80fe9): json.dumps of rows of Postgres,
  indexes are strings, features and explanations in the order of these strings, activations in numeric ranges, an
  embedding is a string. Its features are numbered 0, 1, 2 and 10 here, two to a file, so that the orders differ. Beside it
  what its batch-autointerp.py leaves (commit 7bbbe8e): uncompressed lines, embeddings as arrays, notes.

The numbers and texts are those of the dashboards; labels, embeddings and names of people are made up.
"""

import datetime
import gzip
import json
import sys
from pathlib import Path

import orjson

fixtures = Path(sys.argv[1])
model, source_set, source = "gpt2-small", "res-jb", "0-res-jb"
creator = "clkht01d40000jv08hvalcvly"
now = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)
examples_kept = 8


def write(path: Path, lines: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join(line + b"\n" for line in lines)
    if path.suffix != ".gz":
        path.write_bytes(data)
        return
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(data)


def batch(n: int) -> list[dict]:
    features = json.loads(gzip.open(fixtures / f"saedashboard/batch-{n}.json.gz").read())["features"]
    for feature in features:
        # Of either end, so that both kinds of groups are there.
        rows = feature["activations"]
        feature["activations"] = rows[: examples_kept // 2] + rows[-examples_kept // 2 :]
    return features


TABLES = [
    "neuron_alignment_indices",
    "neuron_alignment_values",
    "neuron_alignment_l1",
    "correlated_neurons_indices",
    "correlated_neurons_pearson",
    "correlated_neurons_l1",
    "correlated_features_indices",
    "correlated_features_pearson",
    "correlated_features_l1",
    "neg_str",
    "neg_values",
    "pos_str",
    "pos_values",
    "frac_nonzero",
    "freq_hist_data_bar_heights",
    "freq_hist_data_bar_values",
    "logits_hist_data_bar_heights",
    "logits_hist_data_bar_values",
    "decoder_weights_dist",
]


def feature_row(feature: dict, index) -> dict:
    maximum = max([0.0] + [max(a["values"]) for a in feature["activations"]])
    return {
        "modelId": model,
        "layer": source,
        "index": index,
        "creatorId": creator,
        "createdAt": now,
        "maxActApprox": maximum,
        "hasVector": False,
        "vector": [],
        "vectorLabel": None,
        "vectorDefaultSteerStrength": 10,
        "hookName": None,
        "topkCosSimIndices": [],
        "topkCosSimValues": [],
        **{name: feature[name] for name in TABLES},
        "sourceSetName": None,
    }


def activation_row(activation: dict, index, number: int) -> dict:
    values = activation["values"]
    return {
        "id": f"c0001{number:020x}",
        "tokens": activation["tokens"],
        "index": index,
        "layer": source,
        "modelId": model,
        "maxValue": max(values),
        "maxValueTokenIndex": values.index(max(values)),
        "minValue": min(values),
        "values": values,
        "creatorId": creator,
        "dataSource": None,
        "dataIndex": None,
        "dfaValues": activation.get("dfa_values", []),
        "dfaTargetIndex": activation.get("dfa_targetIndex"),
        "dfaMaxValue": activation.get("dfa_maxValue"),
        "createdAt": now,
        "lossValues": [],
        "logitContributions": None,
        "binMin": activation["bin_min"],
        "binMax": activation["bin_max"],
        "binContains": activation["bin_contains"],
        "qualifyingTokenIndex": activation["qualifying_token_index"],
        "zIndices": None,
        "zValues": None,
    }


def metadata(root: Path, dump) -> None:
    write(
        root / "release.jsonl",
        [dump({"name": "res-jb", "description": "Residual stream SAEs", "creatorName": "Somebody", "creatorId": creator,
               "visibility": "PUBLIC", "isNewUi": False, "featured": False, "descriptionShort": "Residual stream SAEs",
               "urls": ["https://example.org"], "creatorEmail": None, "creatorNameShort": "Somebody",
               "defaultSourceSetName": None, "defaultSourceId": None, "defaultUmapSourceIds": [], "createdAt": now})],
    )  # fmt: skip
    write(
        root / "model.jsonl",
        [dump({"id": model, "instruct": False, "creatorId": creator, "displayNameShort": model, "displayName": model,
               "tlensId": None, "dimension": None, "visibility": "PUBLIC", "defaultSourceSetName": None,
               "defaultSourceId": None, "inferenceEnabled": False, "layers": 0, "neuronsPerLayer": 0, "createdAt": now,
               "owner": "", "updatedAt": now, "website": None})],
    )  # fmt: skip
    write(
        root / "sourceset.jsonl",
        [dump({"modelId": model, "name": source_set, "creatorId": creator, "hasDashboards": True, "visibility": "PUBLIC",
               "description": "", "type": "", "creatorName": "Somebody", "urls": [], "creatorEmail": None,
               "releaseName": "res-jb", "defaultOfModelId": None, "defaultRange": 1, "defaultShowBreaks": True,
               "showDfa": False, "showCorrelated": False, "showHeadAttribution": False, "showUmap": False,
               "createdAt": now})],
    )  # fmt: skip
    write(
        root / "source.jsonl",
        [dump({"id": source, "modelId": model, "setName": source_set, "creatorId": creator, "hasDashboards": True,
               "inferenceEnabled": False, "inferenceHosts": [], "saelensConfig": None, "saelensRelease": None,
               "saelensSaeId": None, "hfRepoId": "jbloom/GPT2-Small-SAEs-Reformatted",
               "hfFolderId": "blocks.0.hook_resid_pre", "visibility": "PUBLIC", "defaultOfModelId": None,
               "hasUmap": False, "hasUmapLogSparsity": False, "hasUmapClusters": False, "num_prompts": 5000,
               "num_tokens_in_prompt": 128, "dataset": "Skylion007/openwebtext", "notes": None, "createdAt": now})],
    )  # fmt: skip


# SAEDashboard's
root = fixtures / "v1-saedashboard" / model / source
metadata(root, orjson.dumps)
number = 0
for n in (0, 1):
    rows = []
    for feature in batch(n):
        for activation in feature["activations"]:
            number += 1
            rows.append(activation_row(activation, feature["feature_index"], number))
    write(root / f"features/batch-{n}.jsonl.gz", [orjson.dumps(feature_row(f, f["feature_index"])) for f in batch(n)])
    write(root / f"activations/batch-{n}.jsonl.gz", [orjson.dumps(row) for row in rows])

# The database's
root = fixtures / "v1-database" / model / source


def dumps(row: dict) -> bytes:
    return json.dumps({k: v.isoformat() if isinstance(v, datetime.datetime) else v for k, v in row.items()}).encode()


metadata(root, dumps)
numbers = ["0", "1", "2", "10"]
features = dict(zip(numbers, batch(0) + batch(1)))
in_order = sorted(numbers)
size = 2

FEATURE_COLUMNS = [
    "modelId", "layer", "index", "maxActApprox", "creatorId", "frac_nonzero", "freq_hist_data_bar_heights",
    "freq_hist_data_bar_values", "logits_hist_data_bar_heights", "logits_hist_data_bar_values",
    "neuron_alignment_indices", "neuron_alignment_l1", "neuron_alignment_values", "correlated_neurons_indices",
    "correlated_neurons_l1", "correlated_neurons_pearson", "decoder_weights_dist", "neg_str", "neg_values", "pos_str",
    "pos_values", "sourceSetName", "topkCosSimIndices", "topkCosSimValues", "vector", "vectorLabel", "hookName",
    "vectorDefaultSteerStrength", "hasVector",
]  # fmt: skip
ACTIVATION_COLUMNS = [
    "id", "modelId", "layer", "index", "creatorId", "dataSource", "tokens", "maxValue", "minValue", "values",
    "maxValueTokenIndex", "dfaValues", "dfaMaxValue", "dfaTargetIndex", "binContains", "binMin", "binMax",
]  # fmt: skip

for n in range(2):
    rows = [feature_row(features[i], i) for i in in_order[n * size : (n + 1) * size]]
    for row in rows:
        row["sourceSetName"] = source_set
    write(root / f"features/batch-{n}.jsonl.gz", [dumps({c: row[c] for c in FEATURE_COLUMNS}) for row in rows])

number = 0
for n in range(2):
    rows = []
    for i in numbers[n * size : (n + 1) * size]:
        for activation in features[i]["activations"]:
            number += 1
            rows.append(activation_row(activation, i, number))
    # A query without an order gives rows as they lie: the features' rows are mixed.
    rows = rows[::2] + rows[1::2]
    write(root / f"activations/batch-{n}.jsonl.gz", [dumps({c: row[c] for c in ACTIVATION_COLUMNS}) for row in rows])

labels = [(i, f"label {k} of feature {i}") for i in in_order for k in range(2)]
embedding = [round((k - 128) / 1000, 9) for k in range(256)]


def label_row(index: str, text: str, vector) -> dict:
    return {"id": f"label-{index}-{text[6]}", "modelId": model, "layer": source, "index": index, "authorId": creator,
            "description": text, "embedding": vector, "typeName": "oai_token-act-pair",
            "explanationModelName": "gpt-4o-mini", "umap_x": 0.0, "umap_y": 0.0, "umap_cluster": 0,
            "umap_log_feature_sparsity": 0.0}  # fmt: skip


as_text = "[" + ",".join(str(number) for number in embedding) + "]"
for n in range(2):
    write(
        root / f"explanations/batch-{n}.jsonl.gz",
        [dumps(label_row(i, text, as_text)) for i, text in labels[n * 4 : (n + 1) * 4]],
    )
other = [
    {**label_row("2", "label 9 of feature 2", embedding), "explanationModelName": "gemini-2.0-flash",
     "typeName": "np_max-act-logits", "umap_x": -5.25, "umap_y": 3.5, "umap_cluster": 7,
     "umap_log_feature_sparsity": -3.5, "triggeredById": None, "notes": None, "createdAt": now},
    {**label_row("10", "label 9 of feature 10", None), "description": "a NUL \0 in the text"},
    {**label_row("1", "label 9 of feature 1", None), "description": "  "},
]  # fmt: skip
write(root / "explanations-gemini-2.0-flash/batch-0.jsonl", [dumps(row) for row in other])
(root / "explanations-gemini-2.0-flash/config.json").write_text("{}\n")
(root / "explanations-gemini-2.0-flash/failed_explanation_indexes.txt").write_text("")
write(root / "inference_hosts.jsonl", [dumps({"id": "x", "hostUrl": "http://192.0.2.1"})])
