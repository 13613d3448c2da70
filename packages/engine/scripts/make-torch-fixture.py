"""Writes src/torch.fixture.json: values and gradients computed by PyTorch in float64, for torch.test.ts.

    pip install torch==2.13.0
    python packages/engine/scripts/make-torch-fixture.py

Inputs are float32 numbers (so that every engine reads the same ones); results are rounded to 12 digits.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def normal(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).float().double().requires_grad_()


def array(x):
    return {"shape": list(x.shape), "data": [float(f"{v:.12g}") for v in x.detach().flatten().tolist()]}


def case(f, **inputs):
    """The value, and the gradients of sum(value * sin(0, 1, 2, ...))."""
    y = f(**inputs)
    direction = torch.sin(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    gradients = torch.autograd.grad((y * direction).sum(), list(inputs.values()))
    return {
        "inputs": {name: array(x) for name, x in inputs.items()},
        "value": array(y),
        "gradients": {name: array(g) for name, g in zip(inputs, gradients)},
    }


def heads(x, count):
    batch, length, width = x.shape
    return x.reshape(batch, length, count, width // count).transpose(1, 2)


def causal_attention(q, k, v):
    y = F.scaled_dot_product_attention(heads(q, 2), heads(k, 2), heads(v, 2), is_causal=True)
    return y.transpose(1, 2).reshape(q.shape)


def topk_code(x):
    values, indices = x.topk(3)
    return torch.zeros_like(x).scatter(-1, indices, values.relu())


cases = {
    "erf": case(torch.special.erf, input=normal(1, 24, scale=2)),
    "gelu": case(F.gelu, input=normal(1, 24, scale=2)),
    "geluTanh": case(lambda input: F.gelu(input, approximate="tanh"), input=normal(1, 24, scale=2)),
    "silu": case(F.silu, input=normal(1, 24, scale=2)),
    "softmax": case(lambda x: F.softmax(x, -1), x=normal(3, 5, scale=3)),
    "logSoftmax": case(lambda x: F.log_softmax(x, -1), x=normal(3, 5, scale=3)),
    "layerNorm": case(
        lambda x, gain, bias: F.layer_norm(x, (6,), gain, bias, 1e-5), x=normal(2, 3, 6), gain=normal(6), bias=normal(6)
    ),
    "rmsNorm": case(lambda x, gain: F.rms_norm(x, (6,), gain, 1e-5), x=normal(2, 3, 6), gain=normal(6)),
    "attention": case(causal_attention, q=normal(2, 4, 8), k=normal(2, 4, 8), v=normal(2, 4, 8)),
    "topKCode": case(topk_code, x=normal(4, 8)),
    "embedding": case(lambda table: F.embedding(torch.tensor([[1, 0], [1, 3]]), table), table=normal(4, 3)),
}


def relu_sae_training():
    """Three Adam steps of a ReLU + L1 autoencoder: what `trainingStep` of torch.test.ts must give."""
    d_in, d_sae, batch, l1, rate = 5, 8, 6, 0.05, 0.01
    names = ["W_enc", "b_enc", "W_dec", "b_dec"]
    parameters = [
        normal(d_in, d_sae, scale=0.5),
        normal(d_sae, scale=0.1),
        normal(d_sae, d_in, scale=0.5),
        normal(d_in, scale=0.1),
    ]
    initial = {name: array(p) for name, p in zip(names, parameters)}
    optimiser = torch.optim.Adam(parameters, lr=rate, betas=(0.9, 0.999), eps=1e-8)
    batches, losses = [], []
    for _ in range(3):
        x = normal(batch, d_in).detach()
        W_enc, b_enc, W_dec, b_dec = parameters
        code = torch.relu((x - b_dec) @ W_enc + b_enc)
        error = code @ W_dec + b_dec - x
        loss = error.square().sum(1).mean() + l1 * code.sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        batches.append(array(x))
        losses.append(loss.item())
    final = {name: array(p) for name, p in zip(names, parameters)}
    return {"l1": l1, "rate": rate, "initial": initial, "batches": batches, "losses": losses, "final": final}


fixture = {"madeBy": f"torch {torch.__version__}, float64", "cases": cases, "training": relu_sae_training()}
path = pathlib.Path(__file__).parent.parent / "src" / "torch.fixture.json"
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
