"""sae-lens's side of a comparison: side.py <case as JSON> <threads> <float32|bfloat16>; see ../side.ts.

    pip install torch==2.13.0 sae-lens==6.54.12

Its own trainer takes the steps (forward, backward, clipping, Adam, its counts of what fired), on the same kind of data;
bfloat16 is its autocast.
"""

import json
import resource
import sys
import time

import torch
from sae_lens import saes
from sae_lens.config import SAETrainerConfig
from sae_lens.training.sae_trainer import SAETrainer

case, threads, precision = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(1)
architecture, d_in, d_sae, batch = case["architecture"], case["dIn"], case["dSae"], case["batch"]
K = 32
options = {
    "topk": dict(k=K),
    "batchtopk": dict(k=K),
    "matryoshka_batchtopk": dict(k=K, matryoshka_widths=[d_sae // 8, d_sae // 4, d_sae // 2, d_sae]),
    "standard": dict(l1_coefficient=1.0),
    "gated": dict(l1_coefficient=1.0),
    "jumprelu": dict(l0_coefficient=1.0),
}[architecture]
names = {"topk": "TopK", "batchtopk": "BatchTopK", "matryoshka_batchtopk": "MatryoshkaBatchTopK", "standard": "Standard", "gated": "Gated", "jumprelu": "JumpReLU"}
sae_class, config_class = getattr(saes, f"{names[architecture]}TrainingSAE"), getattr(saes, f"{names[architecture]}TrainingSAEConfig")


def batches(count=4):
    directions = torch.randn(256, d_in) * 0.6
    for _ in range(count):
        chosen = (torch.rand(batch, 12) ** 2 * 256).long()
        amounts = torch.rand(batch, 12, 1)
        yield torch.randn(batch, d_in) * 0.12 + (directions[chosen] * amounts).sum(1)


def say(**message):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**message, "peakMb": peak}), flush=True)


start = time.perf_counter()
sae = sae_class(config_class(d_in=d_in, d_sae=d_sae, **options))
config = SAETrainerConfig(
    total_training_samples=batch * 10**6, train_batch_size_samples=batch, lr=3e-4, lr_end=3e-5, autocast=precision == "bfloat16",
)
data = list(batches())
trainer = SAETrainer(config, sae, iter(data))
dead = torch.arange(d_sae) * 0.618 % 1 < case["dead"]
# Whether latents are dead is part of the case, not of how the run goes.
SAETrainer.dead_neurons = property(lambda self: dead)
taken = 0


def work():
    global taken
    out = trainer.step(data[taken % len(data)])
    trainer.n_training_steps += 1
    taken += 1
    return out


compile_ms = (time.perf_counter() - start) * 1000
for _ in range(6 if d_sae < 10000 else 2):
    out = work()
say(compileMs=compile_ms, mse=float(out.losses["mse_loss"]), l0=float((out.feature_acts > 0).sum(-1).float().mean()))
for line in sys.stdin:
    times = []
    cpu = time.process_time()
    end = time.perf_counter() + float(line)
    while time.perf_counter() < end or len(times) < 2:
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    say(times=times, cpuMs=(time.process_time() - cpu) * 1000)
