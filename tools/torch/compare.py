"""
What the networks of a checkpoint give for given inputs, for tools/torch/torch.slow.test.ts:

    python3 tools/torch/compare.py CHECKPOINT INPUTS OUT [INPUTS OUT ...]

INPUTS holds `latent`, `real`, `mask`, `share`, `fade` and `mean` with the shapes that trainer.py gives them; OUT gets
`pictures/SIZE`, `scores/...`, `loss/...` and the gradients `d/WEIGHT`.
"""

import sys

import numpy as np
import torch

from checkpoint import read_checkpoint
from tensor_file import read_tensors, write_tensors
from trainer import Trainer
from usage_error import told


class Means:
    """A source that has a mean and no maps."""

    def __init__(self, mean):
        self.mean = mean


def main():
    configuration, state = read_checkpoint(sys.argv[1])
    for inputs, out in zip(sys.argv[2::2], sys.argv[3::2]):
        compare(configuration, state, inputs, out)


def compare(configuration, state, inputs, out):
    arrays, _ = read_tensors(inputs)
    feeds = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
    trainer = Trainer(configuration, lambda size: Means(arrays["mean"]))
    trainer.restore(state)
    batch = [feeds[name] for name in ("real", "mask", "latent", "share")]
    results = trainer.gradients(batch, float(feeds["fade"]), True)
    for player in trainer.games:
        results.update({f"d/{name}": parameter.grad for name, parameter in trainer.named(player)})
    write_tensors(out, {name: value.numpy() for name, value in results.items()}, {})


told(main)
