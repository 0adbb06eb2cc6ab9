#!/usr/bin/env python3
"""Writes the golden files of tests/io with the reference safetensors library (0.8 or newer).

Usage: scripts/make_io_goldens.py [OUTPUT_FOLDER]      (default tests/data/io)
"""
import json
import sys
from pathlib import Path

import numpy
import safetensors
from safetensors.numpy import save_file

MADE_BY = {"made_by": f"scripts/make_io_goldens.py, safetensors {safetensors.__version__}, numpy {numpy.__version__}"}
# Small whole numbers and halves: exact in every dtype.
VALUES = [0.0, 1.0, -1.0, 0.5, -2.5, 3.0]


def bf16_bytes(values):
    """bfloat16 is the upper half of a float32; exact for VALUES."""
    return (numpy.asarray(values, "<f4").view("<u4") >> 16).astype("<u2").tobytes()


BUFFERS = []  # the library reads them through bare addresses


def spec(dtype, shape, data):
    BUFFERS.append(numpy.frombuffer(data or b"\0", numpy.uint8))
    return safetensors.TensorSpec(dtype=dtype, shape=shape, data_ptr=BUFFERS[-1].ctypes.data, data_len=len(data))


def all_dtypes():
    """Every dtype that STAC reads, plus a 0-d and two empty tensors, laid out by the reference writer."""
    whole = [0, 1, 2, 3, 100, 127]
    tensors = {
        "f64": spec("float64", [2, 3], numpy.asarray(VALUES, "<f8").tobytes()),
        "f32": spec("float32", [2, 3], numpy.asarray(VALUES, "<f4").tobytes()),
        "f16": spec("float16", [3, 2], numpy.asarray(VALUES, "<f2").tobytes()),
        "bf16": spec("bfloat16", [6], bf16_bytes(VALUES)),
        "scalar": spec("float32", [], numpy.asarray(-2.5, "<f4").tobytes()),
        "empty": spec("float32", [0], b""),
        "empty.matrix": spec("int64", [3, 0, 2], b""),
        "bool": spec("bool", [3], bytes([1, 0, 1])),
        "unicode Ω 漢": spec("uint8", [2], bytes([7, 255])),
    }
    for name, code in {"int64": "<i8", "int32": "<i4", "int16": "<i2", "int8": "<i1",
                       "uint64": "<u8", "uint32": "<u4", "uint16": "<u2", "uint8": "<u1"}.items():
        tensors[name] = spec(name, [6], numpy.asarray(whole, code).tobytes())
    return tensors


def write_shards(folder):
    folder.mkdir(parents=True, exist_ok=True)
    shards = {
        "model-00001-of-00002.safetensors": {"a.weight": numpy.asarray([[1, 2], [3, 4]], "<f4")},
        "model-00002-of-00002.safetensors": {"b.weight": numpy.asarray([5, 6, 7], "<f4"), "c": numpy.asarray([8], "<f2")},
    }
    for name, tensors in shards.items():
        save_file(tensors, folder / name, MADE_BY)
    index = {"metadata": {"total_size": 30, **MADE_BY},
             "weight_map": {tensor: name for name, tensors in shards.items() for tensor in tensors}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    (folder / "config.json").write_text('{"model_type": "gpt2"}\n')


def main():
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "tests/data/io"
    output.mkdir(parents=True, exist_ok=True)
    (output / "all_dtypes.safetensors").write_bytes(bytes(safetensors.serialize(all_dtypes(), MADE_BY)))
    write_shards(output / "sharded")


if __name__ == "__main__":
    main()
