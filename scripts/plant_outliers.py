#!/usr/bin/env python3
"""Copies a GPT-2 checkpoint and plants outlier channels that leave its function as it is: a few LayerNorm channels are multiplied by
a factor, and the weights that read them divided by it. Larger models grow such channels by themselves; a converter that chooses
thresholds before folding the gain fails on them. Needs numpy.

usage: scripts/plant_outliers.py --model DIR --output DIR [--factor 50] [--channels 4] [--seed 1]
"""
import argparse
import pathlib

import numpy as np

from float_checkpoint import WEIGHTS, read_safetensors, write_copy

READERS = {"ln_1": ["attn.c_attn.weight"], "ln_2": ["mlp.c_fc.weight"]}


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
    tensors = read_safetensors(args.model / WEIGHTS)
    plant(tensors, args.factor, args.channels, args.seed)
    write_copy(args.model, args.output, tensors)


if __name__ == "__main__":
    main()
