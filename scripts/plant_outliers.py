#!/usr/bin/env python3
"""Copies a GPT-2 checkpoint and plants outlier channels that leave its function as it is: a few LayerNorm channels are multiplied by
a factor, and the weights that read them divided by it. Larger models grow such channels by themselves; a converter that chooses
thresholds before folding the gain fails on them. Needs numpy.

usage: scripts/plant_outliers.py --model DIR --output DIR [--factor 50] [--channels 4] [--seed 1]
"""
import argparse
import json
import pathlib
import shutil
import struct

import numpy as np

READERS = {"ln_1": ["attn.c_attn.weight"], "ln_2": ["mlp.c_fc.weight"]}


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
    header, offset = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            file.write(values.astype("<f4").tobytes())


def plant(tensors, factor, channels, seed):
    random = np.random.default_rng(seed)
    for name in [n for n in tensors if n.endswith(("ln_1.weight", "ln_2.weight"))]:
        block, norm = name.removesuffix(".weight").rsplit(".", 1)
        chosen = random.choice(tensors[name].size, channels, replace=False)
        tensors[name][chosen] *= factor
        tensors[f"{block}.{norm}.bias"][chosen] *= factor
        for reader in READERS[norm]:
            tensors[f"{block}.{reader}"][chosen, :] /= factor  # GPT-2 stores [in, out]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--factor", type=float, default=50.0)
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tensors = read_safetensors(args.model / "model.safetensors")
    plant(tensors, args.factor, args.channels, args.seed)
    args.output.mkdir(parents=True, exist_ok=True)
    for file in args.model.iterdir():
        if file.is_file() and file.name != "model.safetensors":
            shutil.copy(file, args.output / file.name)
    write_safetensors(args.output / "model.safetensors", tensors)


if __name__ == "__main__":
    main()
