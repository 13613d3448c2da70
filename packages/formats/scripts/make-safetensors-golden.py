"""Writes two fixtures with the Python library: pip install safetensors==0.8.0 torch==2.13.0 numpy

The test reads both back; it also writes the first itself and compares bytes.
"""

import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "src" / "safetensors"

single = torch.tensor([[0.5, -1.25, 3e-5], [1e30, -0.0, 7.0]], dtype=torch.float32)
whole = torch.tensor([1, -2, 2**31 - 1, -(2**31)], dtype=torch.int32)
scalar = torch.tensor(2.5, dtype=torch.float32)
save_file({"whole": whole, "single": single, "\u00e9.scalar": scalar}, FOLDER / "golden.safetensors", metadata={"format": "pt"})

halves = torch.tensor([1.0, -2.5, 65504.0, 6e-8, float("inf")], dtype=torch.float16)
brains = torch.tensor([1.0, -2.5, 3.0e38, 1e-40], dtype=torch.bfloat16)
save_file({"halves": halves, "brains": brains, "empty": torch.zeros(0, 3)}, FOLDER / "golden-halves.safetensors")
