"""The safetensors format, as packages/train/src/safetensors.ts reads and writes it.

The package `safetensors` is not needed: the format is the length of a JSON header as eight little-endian bytes, the
header, which gives every tensor's type, shape and place, and the tensors' bytes.
"""

import json
import os
import struct

import numpy as np

from usage_error import UsageError

TYPES = {
    "F32": np.dtype("<f4"),
    "U8": np.dtype("u1"),
    "F16": np.dtype("<f2"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
}
METADATA = "__metadata__"
LONGEST_HEADER = 100_000_000


def read_tensors(path):
    """The tensors of a file by name, as arrays that stay on the disk until they are used, and its metadata."""
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    wrong = f"{path} is no safetensors file"
    if len(data) < 8:
        raise UsageError(f"{wrong}: it has {len(data)} bytes.")
    (length,) = struct.unpack("<Q", data[:8].tobytes())
    if length > LONGEST_HEADER or 8 + length > len(data):
        raise UsageError(f"{wrong}: its header is cut off.")
    try:
        header = json.loads(data[8 : 8 + length].tobytes())
        metadata = header.pop(METADATA, {})
        tensors = {name: _view(data[8 + length :], entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{wrong}: its header is wrong ({error}).") from error
    return tensors, metadata


def _view(body, entry):
    start, end = entry["data_offsets"]
    if not 0 <= start <= end <= len(body):
        raise ValueError(f"{start} to {end} lies outside")
    return body[start:end].view(TYPES[entry["dtype"]]).reshape(entry["shape"])


def write_tensors(path, tensors, metadata):
    """Writes the whole file or, where that fails, leaves what was there."""
    header = {METADATA: metadata} if metadata else {}
    names = {kind: name for name, kind in TYPES.items()}
    arrays = {name: np.asarray(array) for name, array in tensors.items()}
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    # Padded with spaces, so that every type's elements are aligned.
    text += b" " * (-len(text) % 8)
    unfinished = f"{path}.part"
    try:
        with open(unfinished, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for array in arrays.values():
                file.write(array.tobytes())
        os.replace(unfinished, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error}.") from error
