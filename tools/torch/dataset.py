"""Reading the datasets of `ganfit dataset build`, laid out as docs/dataset.md says."""

import hashlib
import json
import os

import numpy as np

import streams
from tensor_file import read_tensors
from usage_error import UsageError


class Dataset:
    """Maps stay on the disk until they are used."""

    def __init__(self, folder):
        path = os.path.join(folder, "manifest.json")
        try:
            with open(path, "rb") as file:
                data = file.read()
            manifest = json.loads(data)
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} is no manifest of a texture dataset: {error}.") from error
        if not isinstance(manifest, dict) or manifest.get("format") != "ganfit-texture-dataset":
            raise UsageError(f"{path} is no manifest of a texture dataset.")
        if manifest.get("version") != 1 or manifest.get("uvFrame") != "ganfit-uv-1":
            raise UsageError(f"{path} is of a version or layout that this script does not know.")
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.size = manifest["size"]
        if not manifest["maps"]:
            raise UsageError(f"{path} names no maps.")
        mean, _ = read_tensors(os.path.join(folder, manifest["mean"]))
        self.mean = self._tensor(mean, "colour", 3, np.float32, folder)
        shards = {}
        self.maps = []
        for entry in manifest["maps"]:
            shard = entry["shard"]
            if os.path.basename(shard) != shard:
                raise UsageError(f"{path}: the shard {shard} lies outside the dataset.")
            if shard not in shards:
                shards[shard], _ = read_tensors(os.path.join(folder, shard))
            name = entry["id"]
            self.maps.append(
                (
                    self._tensor(shards[shard], f"{name}.colour", 3, np.uint8, shard),
                    self._tensor(shards[shard], f"{name}.confidence", 1, np.uint8, shard),
                )
            )

    def _tensor(self, tensors, name, channels, kind, place):
        shape = (self.size, self.size, 3) if channels == 3 else (self.size, self.size)
        tensor = tensors.get(name)
        if tensor is None or tensor.shape != shape or tensor.dtype != kind:
            raise UsageError(f"{place} holds no {name} of {list(shape)} {np.dtype(kind).name}.")
        return tensor

    def source(self, size):
        return Source(self, size)


class Source:
    """A dataset at one size, as means over blocks of texels."""

    # At larger sizes the maps would fill the memory.
    LARGEST_KEPT = 64

    def __init__(self, dataset, size):
        if size > dataset.size:
            raise UsageError(f"The dataset's maps have {dataset.size} texels a side, too few for {size}.")
        self.dataset = dataset
        self.size = size
        self.mean = _planes(dataset.mean, size)
        self.kept = {}

    def next(self, seed):
        """A random map, in half of the cases its mirror image: colours 3 x size x size, confidence 1 x size x size."""
        which, mirror = streams.uniform(seed, 2)
        colour, confidence = self._map(int(which * len(self.dataset.maps)))
        if mirror < 0.5:
            return colour[:, :, ::-1], confidence[:, :, ::-1]
        return colour, confidence

    def _map(self, index):
        if index in self.kept:
            return self.kept[index]
        colour, confidence = self.dataset.maps[index]
        # The sums of bytes are exact.
        found = _planes(colour, self.size) / np.float32(255), _planes(confidence, self.size) / np.float32(255)
        if self.size <= self.LARGEST_KEPT:
            self.kept[index] = found
        return found


def _planes(texels, size):
    """Channels x size x size of a map with as many texels or more, float32."""
    factor = texels.shape[0] // size
    blocks = texels.reshape(size, factor, size, factor, -1)
    return np.ascontiguousarray(blocks.mean((1, 3), dtype=np.float64).transpose(2, 0, 1), dtype=np.float32)
