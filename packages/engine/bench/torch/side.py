"""torch's side of a comparison: side.py <case> <threads>; see ../side.ts.

    pip install torch==2.13.0
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F

WIDTH, HEADS, LAYERS, HIDDEN, VOCABULARY, CONTEXT = 768, 12, 12, 3072, 50257, 128
D_IN, D_SAE, BATCH, K = 512, 4096, 1024, 32


class Gpt2:
    def __init__(self):
        weight = lambda *shape: torch.randn(*shape) * 0.02
        self.embedding = weight(VOCABULARY, WIDTH)
        self.positions = weight(CONTEXT, WIDTH)
        norm = lambda: (torch.ones(WIDTH), torch.zeros(WIDTH))
        linear = lambda source, target: (weight(target, source), weight(target))
        self.blocks = [
            dict(
                ln1=norm(), qkv=linear(WIDTH, 3 * WIDTH), o=linear(WIDTH, WIDTH),
                ln2=norm(), up=linear(WIDTH, HIDDEN), down=linear(HIDDEN, WIDTH),
            )
            for _ in range(LAYERS)
        ]
        self.final = norm()

    def embed(self, ids, positions):
        return F.embedding(ids, self.embedding) + self.positions[positions]

    def block(self, block, x, attend):
        batch, length, _ = x.shape
        normed = F.layer_norm(x, (WIDTH,), *block["ln1"])
        q, k, v = F.linear(normed, *block["qkv"]).view(batch, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        mixed = attend(q, k, v).transpose(1, 2).reshape(batch, length, WIDTH)
        x = x + F.linear(mixed, *block["o"])
        inner = F.gelu(F.linear(F.layer_norm(x, (WIDTH,), *block["ln2"]), *block["up"]), approximate="tanh")
        return x + F.linear(inner, *block["down"])

    def logits(self, x):
        return F.linear(F.layer_norm(x, (WIDTH,), *self.final), self.embedding)


def forward(until, with_logits):
    model = Gpt2()
    ids = (torch.arange(8 * CONTEXT) * 7919 % VOCABULARY).view(8, CONTEXT)
    positions = torch.arange(CONTEXT)

    def run():
        x = model.embed(ids, positions)
        for block in model.blocks[:until]:
            x = model.block(block, x, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return model.logits(x) if with_logits else x

    return run


def decode(batch):
    model = Gpt2()
    caches = [torch.zeros(2, batch, HEADS, CONTEXT, WIDTH // HEADS) for _ in range(LAYERS)]
    state = dict(ids=torch.zeros(batch, 1, dtype=torch.long), position=0)

    def run():
        at = state["position"]
        x = model.embed(state["ids"], slice(at, at + 1))
        for block, (keys, values) in zip(model.blocks, caches):

            def attend(q, k, v):
                keys[:, :, at : at + 1] = k
                values[:, :, at : at + 1] = v
                return F.scaled_dot_product_attention(q, keys[:, :, : at + 1], values[:, :, : at + 1])

            x = model.block(block, x, attend)
        state["ids"] = model.logits(x)[:, -1].argmax(-1, keepdim=True)
        state["position"] = (at + 1) % CONTEXT

    return run


def training(activate, l1):
    shapes = [(D_IN, D_SAE), (D_SAE,), (D_SAE, D_IN), (D_IN,)]
    parameters = [(torch.randn(*s) / D_IN**0.5 if len(s) > 1 else torch.zeros(*s)).requires_grad_() for s in shapes]
    W_enc, b_enc, W_dec, b_dec = parameters
    optimiser = torch.optim.Adam(parameters, lr=1e-4, fused=True)
    x = torch.randn(BATCH, D_IN)

    def run():
        with torch.enable_grad():
            code = activate(torch.addmm(b_enc, x - b_dec, W_enc))
            error = torch.addmm(b_dec, code, W_dec) - x
            loss = error.square().sum(1).mean() + l1 * code.sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
        optimiser.step()

    return run


def top_k(pre):
    values, indices = pre.topk(K)
    return torch.zeros_like(pre).scatter(-1, indices, values.relu())


cases = {
    "GPT-2 small, 8 x 128, to layer 8": lambda: forward(8, False),
    "GPT-2 small, 8 x 128, logits": lambda: forward(LAYERS, True),
    "decode, batch 1": lambda: decode(1),
    "decode, batch 8": lambda: decode(8),
    "ReLU step 512/4096/1024": lambda: training(torch.relu, 1e-3),
    "TopK step 512/4096/1024, k 32": lambda: training(top_k, 0.0),
}


def say(**message):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**message, "peakMb": peak}), flush=True)


torch.set_grad_enabled(False)
torch.set_num_threads(int(sys.argv[2]))
start = time.perf_counter()
work = cases[sys.argv[1]]()
compile_ms = (time.perf_counter() - start) * 1000
work()
say(compileMs=compile_ms)
for line in sys.stdin:
    times = []
    cpu = time.process_time()
    end = time.perf_counter() + float(line)
    while time.perf_counter() < end or len(times) < 2:
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    say(times=times, cpuMs=(time.process_time() - cpu) * 1000)
