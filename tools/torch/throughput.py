"""
Steps of training on request, for packages/train/bench/throughput.ts: lines of JSON on standard input, each answered
by one on standard output. `{"size", "batch", "width", "latent", "threads"}` makes a trainer of that size alone, on random maps,
and answers `{"ready": true}`; `{}` takes a step and answers `{"milliseconds"}`.
"""

import json
import sys
import time

import numpy as np
import torch

from checkpoint import PROGRESSIVE_RECIPE
from trainer import Trainer


class Noise:
    """Random maps, made once."""

    def __init__(self, size):
        random = np.random.default_rng(1)
        self.mean = random.random((3, size, size), np.float32)
        self.maps = [
            (random.random((3, size, size), np.float32), random.random((1, size, size), np.float32)) for _ in range(8)
        ]

    def next(self, seed):
        return self.maps[seed % len(self.maps)]


def trainer_of(order):
    torch.set_num_threads(order["threads"])
    # Without phases the last size stands alone from the start.
    recipe = {**PROGRESSIVE_RECIPE, "batch": {str(order["size"]): order["batch"]}, "phase": 0}
    configuration = {
        "resolution": order["size"],
        "width": order["width"],
        "latent": order["latent"],
        "latentSize": 512,
        "seed": 1,
        "recipe": recipe,
    }
    return Trainer(configuration, Noise)


trainer = None
for line in sys.stdin:
    order = json.loads(line)
    if order:
        trainer = trainer_of(order)
        answer = {"ready": True}
    else:
        begun = time.perf_counter()
        trainer.step()
        answer = {"milliseconds": 1000 * (time.perf_counter() - begun)}
    print(json.dumps(answer), flush=True)
