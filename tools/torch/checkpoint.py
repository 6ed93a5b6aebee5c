"""Checkpoints in the layout of packages/train/src/training/checkpoint.ts: what either writes, the other goes on with."""

import json
from dataclasses import dataclass, field

import numpy as np

from networks import Options
from tensor_file import read_tensors, write_tensors
from usage_error import UsageError

FORMAT = "ganfit-texture-checkpoint"
VERSION = "1"
AVERAGE = "average/"
MOMENT = "adam/"

# Karras et al. 2018, appendix A.1; the same as PROGRESSIVE_RECIPE in packages/train/src/training/recipe.ts.
PROGRESSIVE_RECIPE = {
    "adversary": "wgan-gp",
    "slopes": {"slope": 10, "drift": 0.001, "r1": 0.001},
    "losses": {"adversary": 1, "colour": 0, "detail": 0},
    "encoded": False,
    "learningRate": {"generator": 0.001, "discriminator": 0.001},
    "beta1": 0,
    "beta2": 0.99,
    "penaltyEvery": 1,
    "averageOver": 10_000,
    "augmentOver": 0,
    "batch": {"4": 16, "8": 16, "16": 16, "32": 16, "64": 16, "128": 8, "256": 4, "512": 4},
    "phase": 800_000,
}


@dataclass
class State:
    """What the next step depends on; arrays by weight, moments by `m/WEIGHT` and `v/WEIGHT`."""

    images: int = 0
    step: int = 0
    size: int = 0
    optimiser_steps: int = 0
    # Of adaptive discriminator augmentation, which is not done here.
    augmentation: dict = field(default_factory=lambda: {"p": 0, "signs": 0, "images": 0})
    weights: dict = field(default_factory=dict)
    averages: dict = field(default_factory=dict)
    moments: dict = field(default_factory=dict)


def read_checkpoint(path):
    """:returns: the configuration and the State"""
    tensors, metadata = read_tensors(path)
    if metadata.get("format") != FORMAT or metadata.get("version") != VERSION:
        raise UsageError(f"{path} is no checkpoint of a texture generator.")
    try:
        configuration = json.loads(metadata["configuration"])
        stored = json.loads(metadata["state"])
        counts = (int(stored[key]) for key in ("images", "step", "size", "optimiserSteps"))
        state = State(*counts, stored["augmentation"])
        network_options(configuration)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: its metadata is wrong ({error!r}).") from error
    recipe = configuration["recipe"]
    if configuration["architecture"] != "progressive" or recipe["encoded"] or recipe["augmentOver"] > 0:
        raise UsageError(
            f"{path} is of a regional, encoded or adaptively augmented training, which only `ganfit train texture` does."
        )
    for full, tensor in tensors.items():
        if tensor.dtype != np.float32:
            raise UsageError(f"{path}: the tensor {full} is not of float32.")
        if full.startswith(AVERAGE):
            state.averages[full[len(AVERAGE) :]] = tensor
        elif full.startswith(MOMENT):
            state.moments[full[len(MOMENT) :]] = tensor
        else:
            state.weights[full] = tensor
    return configuration, state


def write_checkpoint(path, configuration, state):
    tensors = dict(state.weights)
    tensors.update({AVERAGE + name: array for name, array in state.averages.items()})
    tensors.update({MOMENT + name: array for name, array in state.moments.items()})
    progress = {
        "images": state.images,
        "step": state.step,
        "size": state.size,
        "optimiserSteps": state.optimiser_steps,
        "augmentation": state.augmentation,
    }
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "configuration": json.dumps(configuration, separators=(",", ":")),
        "state": json.dumps(progress, separators=(",", ":")),
    }
    write_tensors(path, tensors, metadata)


def network_options(configuration):
    return Options(configuration["latentSize"], configuration["width"], configuration["latent"])
