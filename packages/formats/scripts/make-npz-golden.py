"""Writes the fixtures of src/npz: pip install numpy==2.4.6 safetensors==0.8.0

expected.safetensors holds the same arrays, whole numbers as int32 and fractions as float32.
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "src" / "npz" / "golden"
arrays = {
    "W_enc": (np.arange(12, dtype=np.float32) / 8).reshape(3, 4),
    "columns": np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
    "double": np.array([0.1, -1e300]),
    "half": np.array([1.0, -2.5, 65504.0], dtype=np.float16),
    "long": np.array([1, -2, 2**31 - 1], dtype=np.int64),
    "short": np.array([-32768], dtype=np.int16),
    "bytes": np.array([[0], [255]], dtype=np.uint8),
    "flags": np.array([True, False]),
    "scalar": np.float32(2.5),
    "empty": np.zeros((0, 3), dtype=np.float32),
}
np.savez(FOLDER / "stored.npz", **arrays)
np.savez_compressed(FOLDER / "deflated.npz", **arrays)
np.savez(FOLDER / "objects.npz", names=np.array(["a", None], dtype=object))
with np.errstate(over="ignore"):
    save_file(
        {k: np.ascontiguousarray(v, dtype=np.float32 if np.asarray(v).dtype.kind == "f" else np.int32).reshape(np.shape(v)) for k, v in arrays.items()},
        FOLDER / "expected.safetensors",
    )
