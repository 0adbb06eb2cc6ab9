"""Checkpoint folders whose one model.safetensors is read whole, changed and written again in f32. Needs numpy."""
import json
import shutil
import struct

import numpy as np

WEIGHTS = "model.safetensors"


def read_safetensors(path):
    """Float tensors of a file, widened to f32."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        raw = data[begin:end]
        if entry["dtype"] == "BF16":
            values = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
        else:
            values = np.frombuffer(raw, {"F32": "<f4", "F16": "<f2", "F64": "<f8"}[entry["dtype"]]).astype("<f4")
        tensors[name] = values.reshape(entry["shape"]).copy()
    return tensors


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, values in tensors.items():
        size = values.size * 4
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            file.write(values.astype("<f4").tobytes())


def write_copy(model, output, tensors, config=None):
    """A folder like `model` with other tensors, and other fields of config.json where given."""
    output.mkdir(parents=True, exist_ok=True)
    for file in model.iterdir():
        if file.is_file() and file.name != WEIGHTS:
            shutil.copy(file, output / file.name)
    write_safetensors(output / WEIGHTS, tensors)
    if config:
        fields = json.loads((model / "config.json").read_text())
        (output / "config.json").write_text(json.dumps({**fields, **config}, indent=2) + "\n")
