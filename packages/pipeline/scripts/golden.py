"""Makes src/fixtures/golden.json: dashboards of a made-up SAE on stories-260k, computed densely in float64 with numpy alone.

    python3 packages/pipeline/scripts/golden.py > packages/pipeline/src/fixtures/golden.json

Nothing of the project takes part but the bundled weights. The SAE and the text come from one linear congruential
generator, so that the test can make the same; see src/golden.test.ts.
"""

import json
import struct
from pathlib import Path

import numpy as np

HOOK_LAYER, CONTEXTS, LENGTH, D_SAE, K, BOS = 2, 24, 32, 64, 4, 1
FEATURES = [0, 9, 17, 33, 63]


def generator(state):
    while True:
        state = (state * 1103515245 + 12345) % 2**31
        yield state >> 8


def load_weights():
    path = Path(__file__).parents[2] / "sample-data/data/models/stories-260k/model.safetensors"
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)

    def tensor(entry):
        start, end = entry["data_offsets"]
        return np.frombuffer(data[8 + size + start : 8 + size + end], "<f4").reshape(entry["shape"]).astype(np.float64)

    return {name: tensor(entry) for name, entry in header.items()}


def rms_norm(x, gain):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * gain


def rotate(x):
    """Rotary embedding, half-split pairs: x [contexts, heads, length, width]."""
    half = x.shape[-1] // 2
    angles = np.arange(x.shape[2])[:, None] * 10000.0 ** (-np.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * np.cos(angles) - b * np.sin(angles), b * np.cos(angles) + a * np.sin(angles)], -1)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def residual_after(w, ids, layer):
    """blocks.{layer}.hook_resid_post, [contexts, length, 64]."""
    heads, kv_heads, width = 8, 4, 8
    x = w["model.embed_tokens.weight"][ids]
    mask = np.triu(np.full((ids.shape[1],) * 2, -np.inf), 1)
    for i in range(layer + 1):
        p = f"model.layers.{i}."
        h = rms_norm(x, w[p + "input_layernorm.weight"])

        def split(name, count):
            y = h @ w[p + f"self_attn.{name}_proj.weight"].T
            return y.reshape(*ids.shape, count, width).transpose(0, 2, 1, 3)

        q, k = rotate(split("q", heads)), rotate(split("k", kv_heads))
        k, v = (np.repeat(y, heads // kv_heads, 1) for y in (k, split("v", kv_heads)))
        z = softmax(q @ k.transpose(0, 1, 3, 2) / np.sqrt(width) + mask) @ v
        x = x + z.transpose(0, 2, 1, 3).reshape(*ids.shape, -1) @ w[p + "self_attn.o_proj.weight"].T
        h = rms_norm(x, w[p + "post_attention_layernorm.weight"])
        gate = h @ w[p + "mlp.gate_proj.weight"].T
        x = x + (gate / (1 + np.exp(-gate)) * (h @ w[p + "mlp.up_proj.weight"].T)) @ w[p + "mlp.down_proj.weight"].T
    return x


def main():
    random = generator(20)
    ids = np.array([[BOS] + [3 + next(random) % 509 for _ in range(LENGTH - 1)] for _ in range(CONTEXTS)])
    w_dec = np.array([next(random) % 2001 - 1000 for _ in range(D_SAE * 64)], np.float32).reshape(D_SAE, 64) / np.float32(1000)
    w = load_weights()

    pre = residual_after(w, ids, HOOK_LAYER) @ w_dec.astype(np.float64).T
    kept = np.argsort(-pre, -1)[..., :K]
    acts = np.zeros_like(pre)
    np.put_along_axis(acts, kept, np.maximum(0, np.take_along_axis(pre, kept, -1)), -1)
    acts[:, 0] = 0  # BOS is not counted

    unit = w_dec / np.linalg.norm(w_dec, axis=1, keepdims=True)
    logits = (unit * w["model.norm.weight"]) @ w["model.embed_tokens.weight"].T
    records = []
    for f in FEATURES:
        a = acts[:, :, f]
        fires = a[a > 0]
        by_token = np.bincount(ids.ravel(), a.ravel(), 512)
        examples = sorted(((float(a[c].max()), c) for c in range(CONTEXTS) if a[c].max() > 0), key=lambda e: (-e[0], e[1]))
        order = np.argsort(-logits[f], kind="stable")
        records.append({
            "index": f,
            "firings": int(fires.size),
            "density": fires.size / (CONTEXTS * (LENGTH - 1)),
            "maximum": float(fires.max(initial=0)),
            "mean": float(fires.mean()) if fires.size else 0,
            "histogram": {"counts": np.histogram(fires, 50, (0, fires.max()))[0].tolist() if fires.size else []},
            "topTokens": [{"token": int(t), "value": float(by_token[t])} for t in np.argsort(-by_token)[:5]],
            "examples": [{"context": c, "position": int(a[c].argmax()), "maximum": m} for m, c in examples[:5]],
            "topLogits": [{"token": int(t), "value": float(logits[f, t])} for t in order[:10]],
            "bottomLogits": [{"token": int(t), "value": float(logits[f, t])} for t in order[::-1][:10]],
        })
    print(json.dumps(records, indent=1))


main()
