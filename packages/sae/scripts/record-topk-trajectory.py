"""Records a few TopK training steps as torch computes them, for src/training/topk-trajectory.test.ts.

    python -m venv venv && venv/bin/pip install torch==2.13.0 numpy
    venv/bin/python packages/sae/scripts/record-topk-trajectory.py

Everything is torch's own: autograd, topk, Adam. float64, so that the record is exact to the digits it is printed with.
The auxiliary loss is SAELens's (raw pre-activations of the dead latents, residual detached, no bias), coefficient 1/32.
"""
import json
import pathlib

import torch

D_IN, D_SAE, K, BATCH, STEPS = 6, 12, 3, 10, 6
LEARNING_RATE, AUX_COEFFICIENT = 0.01, 1 / 32
DEAD = {3: [1, 7], 4: [1, 7, 8, 9, 11], 5: [1]}  # step -> dead latents

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
# Eighths and 32nds are exact in float32, so both sides start from the same numbers.
grid = lambda *shape: (torch.randn(*shape) * 32).round() / 32
W_dec = torch.nn.functional.normalize(grid(D_SAE, D_IN), dim=1).float().double()
start = {"W_enc": grid(D_IN, D_SAE), "b_enc": grid(D_SAE) / 8, "W_dec": W_dec, "b_dec": grid(D_IN) / 4}
parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
batches = [grid(BATCH, D_IN) + 0.5 for _ in range(STEPS)]
adam = torch.optim.Adam(parameters.values(), lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8)


def keep_top(values, k):
    top = values.topk(k, dim=-1)
    return torch.zeros_like(values).scatter(-1, top.indices, top.values)


def losses(x, dead):
    p = parameters
    pre = (x - p["b_dec"]) @ p["W_enc"] + p["b_enc"]
    codes = keep_top(pre, K).relu()
    reconstruction = codes @ p["W_dec"] + p["b_dec"]
    mse = (reconstruction - x).pow(2).sum(-1).mean()
    aux = torch.zeros(())
    if dead:
        mask = torch.zeros(D_SAE, dtype=torch.bool)
        mask[dead] = True
        half = D_IN // 2
        best = torch.where(mask, pre, -torch.inf).topk(min(half, len(dead)), dim=-1)
        aux_codes = torch.zeros_like(pre).scatter(-1, best.indices, best.values)
        residual = (x - reconstruction).detach()
        aux = AUX_COEFFICIENT * min(len(dead) / half, 1) * (aux_codes @ p["W_dec"] - residual).pow(2).sum(-1).mean()
    return mse, aux, (codes > 0).sum(-1).double().mean()


steps = []
for i, x in enumerate(batches):
    dead = DEAD.get(i, [])
    adam.zero_grad()
    mse, aux, l0 = losses(x, dead)
    (mse + aux).backward()
    with torch.no_grad():
        w, g = parameters["W_dec"], parameters["W_dec"].grad
        g -= (g * w).sum(-1, keepdim=True) * w
        adam.step()
        w /= w.norm(dim=-1, keepdim=True)
    steps.append({"x": x.flatten().tolist(), "dead": dead, "mse": mse.item(), "auxLoss": aux.item(), "l0": l0.item()})

flat = lambda values: {name: value.detach().flatten().tolist() for name, value in values.items()}
record = {
    "recordedWith": f"torch {torch.__version__}",
    "dIn": D_IN, "dSae": D_SAE, "k": K, "batch": BATCH, "learningRate": LEARNING_RATE,
    "start": flat(start), "steps": steps, "end": flat(parameters),
}
path = pathlib.Path(__file__).parent.parent / "src/training/fixtures/topk-trajectory.json"
path.write_text(json.dumps(record, indent=1) + "\n")
print(f"wrote {path}")
