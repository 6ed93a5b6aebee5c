"""Random numbers that are the same as in packages/core/src/random.ts for the same seed, up to the last bit of a
logarithm or cosine: training that begins or goes on here sees the latents that `ganfit train texture` would."""

import numpy as np

MASK = 0xFFFFFFFF


def words(seed, count):
    """`count` random 32-bit words: mulberry32 (Tommy Ettinger, public domain)."""
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x6D2B79F5)
    state = ((np.uint64(seed & MASK) + steps) & np.uint64(MASK)).astype(np.uint32)
    t = (state ^ (state >> 15)) * (state | 1)
    t ^= t + (t ^ (t >> 7)) * (t | 61)
    return t ^ (t >> 14)


def uniform(seed, count):
    """`count` numbers in [0, 1), float64."""
    return words(seed, count) / 2.0**32


def normals(count, seed):
    """`count` numbers from N(0, 1) by Box and Muller, float64."""
    pairs = uniform(seed, 2 * ((count + 1) // 2)).reshape(-1, 2)
    radius = np.sqrt(-2 * np.log(1 - pairs[:, 0]))
    angle = 2 * np.pi * pairs[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()[:count]


def stream_of(seed, step, use):
    """The seed of one step of a training for one use, as the trainer's `streamOf`."""
    order = {"share": 1, "latent": 2, "map": 3}[use]
    mixed = (((seed + 1) * 0x9E3779B1) & MASK) ^ ((step * 8 + order) & MASK)
    return ((mixed ^ (mixed >> 15)) * 0x85EBCA6B) & MASK


def initial_values(specs, seed):
    """What training begins with, by weight; `specs` gives (shape, "normal" or a number) by name."""
    values = {}
    for name, (shape, initial) in specs.items():
        size = int(np.prod(shape))
        flat = normals(size, seed ^ _hash_of(name)) if initial == "normal" else np.full(size, initial)
        values[name] = flat.astype(np.float32).reshape(shape)
    return values


def _hash_of(text):
    """FNV-1a."""
    result = 0x811C9DC5
    for character in text.encode():
        result = ((result ^ character) * 0x01000193) & MASK
    return result
