"""Records what other programs make of documents, for the tests of src/token-streams:

    python3 -m venv .venv && .venv/bin/pip install sae-lens==6.54.12 pyarrow==26.0.1
    .venv/bin/python packages/model/scripts/record-token-streams.py

packing.json   rows of sae_lens.tokenization_and_batching.concat_and_batch_sequences
stories.*      a table of texts and of ids, in the Parquet and Arrow flavours that Hugging Face's libraries write
"""

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from sae_lens.tokenization_and_batching import concat_and_batch_sequences

folder = Path(__file__).parent.parent / "fixtures" / "token-streams"
folder.mkdir(parents=True, exist_ok=True)

# Few ids, so that documents often begin with BOS or a separator of their own, also where those are cut.
draw = random.Random(17)
cases = [
    {"documents": [[1, 2, 3], [4], [5, 6, 7, 8]], "contextSize": 4, "bos": 0, "separator": 0, "beginDocument": None, "concatenate": True},
]
for i in range(120):
    cases.append({
        "documents": [[draw.randrange(5) for _ in range(draw.choice([0, 1, 2, 3, 5, 9, 14]))] for _ in range(draw.randrange(1, 9))],
        "contextSize": draw.choice([2, 3, 4, 7]),
        "bos": draw.choice([None, 0, 1]),
        "separator": draw.choice([None, 0, 1, 2]),
        "beginDocument": draw.choice([None, None, 0, 3]),
        "concatenate": i % 4 != 3,
    })
for case in cases:
    rows = concat_and_batch_sequences(
        iter([torch.tensor(document, dtype=torch.long) for document in case["documents"] if document]),
        context_size=case["contextSize"],
        begin_batch_token_id=case["bos"],
        begin_sequence_token_id=case["beginDocument"],
        sequence_separator_token_id=case["separator"],
        disable_concat_sequences=not case["concatenate"],
    )
    case["rows"] = [row.tolist() for row in rows]
(folder / "packing.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")

texts = [f"Story {i}: " + "é€😀 a b c. " * (i % 5) for i in range(23)]
texts[7] = None
texts[8] = ""
ids = [[0] + [(i * 7 + j) % 300 for j in range(7 + i % 3)] for i in range(23)]
columns = {
    "text": pa.array(texts, pa.string()),
    "large": pa.array(texts, pa.large_string()),
    "kind": pa.array([f"kind {i % 3}" for i in range(23)]).dictionary_encode(),
    "input_ids": pa.array(ids, pa.list_(pa.int32())),
    "long_ids": pa.array(ids, pa.list_(pa.int64())),
    "number": pa.array(range(23), pa.int64()),
}
table = pa.table(columns)
for codec in ["snappy", "zstd", "gzip", "none"]:
    pq.write_table(table, folder / f"stories-{codec}.parquet", compression=codec, row_group_size=5)
with pa.ipc.new_stream(folder / "stories-stream.arrow", table.schema) as writer:
    writer.write_table(table, max_chunksize=5)
with pa.ipc.new_file(folder / "stories-file.arrow", table.schema) as writer:
    writer.write_table(table, max_chunksize=5)
(folder / "stories.json").write_text(json.dumps({"texts": texts, "ids": ids}, ensure_ascii=False))
