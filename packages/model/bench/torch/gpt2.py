"""GPT-2 small's shape in torch, for bench/run.ts, which runs both in turn: reads the name of a measurement from a line of standard
input, does it once and writes its seconds and its processor seconds; "memory" writes the most bytes that this process has held.

python gpt2.py THREADS
"""

import resource
import sys
import time

import torch
import torch.nn.functional as F

LAYERS, HEADS, WIDTH, VOCABULARY, CONTEXT = 12, 12, 768, 50257, 1024
torch.set_num_threads(int(sys.argv[1]))


def weight(*shape):
    return torch.randn(*shape) * 0.02


def block():
    return {
        "ln1": (1 + weight(WIDTH), weight(WIDTH)), "ln2": (1 + weight(WIDTH), weight(WIDTH)),
        "qkv": (weight(3 * WIDTH, WIDTH), weight(3 * WIDTH)), "out": (weight(WIDTH, WIDTH), weight(WIDTH)),
        "up": (weight(4 * WIDTH, WIDTH), weight(4 * WIDTH)), "down": (weight(WIDTH, 4 * WIDTH), weight(WIDTH)),
    }


embedding, positions = weight(VOCABULARY, WIDTH), weight(CONTEXT, WIDTH)
blocks, final = [block() for _ in range(LAYERS)], (1 + weight(WIDTH), weight(WIDTH))


def heads(x):
    return x.view(*x.shape[:2], HEADS, -1).transpose(1, 2)


def run_block(weights, x, cache=None, position=0):
    q, k, v = map(heads, F.linear(F.layer_norm(x, (WIDTH,), *weights["ln1"]), *weights["qkv"]).split(WIDTH, dim=2))
    if cache is not None:
        end = position + q.shape[2]
        for kept, new in zip(cache, (k, v)):
            kept[:, :, position:end] = new
        k, v = (kept[:, :, :end] for kept in cache)
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=q.shape[2] > 1)
    x = x + F.linear(mixed.transpose(1, 2).reshape(x.shape), *weights["out"])
    hidden = F.gelu(F.linear(F.layer_norm(x, (WIDTH,), *weights["ln2"]), *weights["up"]), approximate="tanh")
    return x + F.linear(hidden, *weights["down"])


def embed(ids, position=0):
    return F.embedding(ids, embedding) + positions[position:position + ids.shape[1]]


def logits_of(x):
    return F.linear(F.layer_norm(x, (WIDTH,), *final), embedding)


def forward(rows, length, layers, to_logits):
    x = embed(torch.arange(rows * length).view(rows, length) * 7919 % VOCABULARY)
    for weights in blocks[:layers]:
        x = run_block(weights, x)
    return logits_of(x) if to_logits else x


def generate(rows, prompt, new):
    caches = [[torch.zeros(rows, HEADS, prompt + new, WIDTH // HEADS) for _ in range(2)] for _ in blocks]
    ids, position = torch.arange(rows * prompt).view(rows, prompt) * 7919 % VOCABULARY, 0
    for _ in range(new):
        x = embed(ids, position)
        for weights, cache in zip(blocks, caches):
            x = run_block(weights, x, cache, position)
        position += ids.shape[1]
        ids = logits_of(x[:, -1:]).argmax(-1)


measurements = {
    "residual": lambda: forward(8, 128, 8, False),
    "logits": lambda: forward(8, 128, LAYERS, True),
    "generate-1": lambda: generate(1, 16, 100),
    "generate-8": lambda: generate(8, 16, 100),
}
print(f"torch {torch.__version__}", flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        name = line.strip()
        if name == "memory":
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)
            continue
        start, used = time.perf_counter(), time.process_time()
        measurements[name]()
        print(time.perf_counter() - start, time.process_time() - used, flush=True)
