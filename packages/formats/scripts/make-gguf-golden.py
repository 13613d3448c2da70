"""Writes the fixtures of src/gguf: pip install gguf==0.19.0 safetensors==0.8.0 numpy

golden.gguf has a tensor of every type and metadata of every type. The older types are quantised by the gguf package; the
K types, which it only reads, are random blocks whose scales are plain numbers. expected.safetensors is what the
package makes of them.
"""

import pathlib

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFValueType as V
from gguf import GGUFWriter
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize, quantize
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "src" / "gguf" / "golden"
random = np.random.default_rng(4)
writer = GGUFWriter(FOLDER / "golden.gguf", "llama")

for type, value in [
    (V.UINT8, 255),
    (V.INT8, -128),
    (V.UINT16, 65535),
    (V.INT16, -32768),
    (V.UINT32, 2**32 - 1),
    (V.INT32, -(2**31)),
    (V.FLOAT32, 0.5),
    (V.UINT64, 2**64 - 1),
    (V.INT64, -(2**40)),
    (V.FLOAT64, 0.1),
    (V.BOOL, True),
    (V.STRING, "résidu\u2581"),
]:
    writer.add_key_value(f"test.{type.name.lower()}", value, type)
writer.add_array("test.texts", ["<s>", "", "\u2581a"])
writer.add_array("test.floats", [0.5, -1.5])
writer.add_array("test.flags", [True, False])
writer.add_array("test.nested", [[1, 2], [3]])

expected = {}


def add(name, packed, type):
    writer.add_tensor(name, packed, raw_dtype=type)
    expected[name] = np.ascontiguousarray(dequantize(packed, type), dtype=np.float32)


values = (random.standard_normal((2, 256)) * 0.1).astype(np.float32)
values[0, :32] = 0  # a block of zeros
for type in [T.F32, T.F16, T.BF16, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0]:
    add(type.name, quantize(values[:, :96], type), type)

# Where the half precision scales of a block lie.
scales = {T.Q2_K: [80, 82], T.Q3_K: [108], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}
for type, places in scales.items():
    _, size = GGML_QUANT_SIZES[type]
    blocks = random.integers(0, 256, (2, size), dtype=np.uint8)
    for place in places:
        blocks[:, place : place + 2] = (random.standard_normal((2, 1)) * 0.01).astype(np.float16).view(np.uint8)
    add(type.name, blocks, type)

# Q8_K, which the package does not read: a float32 scale, 256 numbers, 16 sums.
numbers = random.integers(-128, 128, (2, 256), dtype=np.int8)
scale = (random.standard_normal((2, 1)) * 0.01).astype(np.float32)
sums = numbers.reshape(2, 16, 16).sum(axis=2).astype(np.int16)
writer.add_tensor("Q8_K", np.concatenate([scale.view(np.uint8), numbers.view(np.uint8), sums.view(np.uint8)], axis=1), raw_dtype=T.Q8_K)
expected["Q8_K"] = scale * numbers.astype(np.float32)

whole = np.array([[1, -2, 2**31 - 1]], dtype=np.int32)
writer.add_tensor("I32", whole)
expected["I32"] = whole
writer.add_tensor("cube", np.arange(24, dtype=np.float32).reshape(2, 3, 4))
expected["cube"] = np.arange(24, dtype=np.float32).reshape(2, 3, 4)

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
save_file(expected, FOLDER / "expected.safetensors")
