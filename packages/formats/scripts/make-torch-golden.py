"""Writes the fixtures of src/torch: pip install torch==2.13.0 safetensors==0.8.0 numpy

One value is saved in three ways: as torch does by default, by pickle protocol 4, and in the layout before torch 1.6.
expected.safetensors holds what torch itself reads back, tensor by tensor, contiguous.
"""

import collections
import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "src" / "torch" / "golden"
torch.manual_seed(4)


class Autoencoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Linear(3, 5)
        self.decoder = torch.nn.Linear(5, 3, bias=False)
        self.register_buffer("steps", torch.tensor(7))


base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
tied = torch.nn.Parameter(torch.randn(2, 3))
value = {
    "state": Autoencoder().state_dict(),
    "views": {
        "transposed": base.T,
        "slice": base[1:3, 2:5],
        "every_other": base[::2, ::3],
        "row": base[3],
        "permuted": torch.arange(24, dtype=torch.int32).reshape(2, 3, 4).permute(2, 0, 1),
        "expanded": torch.tensor([1.5, 2.5]).expand(3, 2),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
    },
    "tied": [tied, tied],
    "types": {
        "double": torch.tensor([0.1, -1e300], dtype=torch.float64),
        "half": torch.tensor([1.0, -2.5, 65504.0, 6e-8], dtype=torch.float16),
        "brain": torch.tensor([1.0, -2.5, 3.0e38, 1e-40], dtype=torch.bfloat16),
        "long": torch.tensor([1, -2, 2**31 - 1], dtype=torch.int64),
        "short": torch.tensor([-32768, 32767], dtype=torch.int16),
        "char": torch.tensor([-128, 127], dtype=torch.int8),
        "byte": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "unsigned": torch.tensor([0, 65535], dtype=torch.uint16),
    },
    "config": {
        "d_sae": 5,
        "lr": 3e-4,
        "seed": 2**70,
        "negative": -(2**40),
        "name": "résidu\u2581",
        "tied": True,
        "off": False,
        "nothing": None,
        "dtype": torch.bfloat16,
        "device": torch.device("cuda", 1),
        "size": torch.Size([2, 3]),
        "betas": (0.9, 0.999),
        "layers": [0, 300, 70000],
        "tags": {"a"},
        "bytes": b"\x00\xff",
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
        0: "zero",
        "0": "text zero",
    },
}
torch.save(value, FOLDER / "default.pt")
torch.save(value, FOLDER / "protocol4.pt", pickle_protocol=4)
# The older layout knows no dtypes without a storage class of their own.
older = {**value, "types": {k: v for k, v in value["types"].items() if k != "unsigned"}}
torch.save(older, FOLDER / "before-1.6.pt", _use_new_zipfile_serialization=False)
torch.save(base[0], FOLDER / "one-tensor.pt")
torch.save(Autoencoder(), FOLDER / "whole-module.pt")


def tensors(item, path):
    if isinstance(item, torch.Tensor):
        yield ".".join(path), item
    elif isinstance(item, dict):
        for key, inner in item.items():
            yield from tensors(inner, [*path, str(key)])
    elif isinstance(item, (list, tuple)):
        for i, inner in enumerate(item):
            yield from tensors(inner, [*path, str(i)])


loaded = torch.load(FOLDER / "default.pt")
save_file({name: tensor.detach().contiguous().clone() for name, tensor in tensors(loaded, [])}, FOLDER / "expected.safetensors")
