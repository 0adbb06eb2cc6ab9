#!/usr/bin/env python3
"""Copies a GPT-2 checkpoint with the channels of its residual stream rotated, which leaves its function as it is: what a few channels
hold, all of them then share. Needs numpy.

LayerNorm subtracts the mean and divides by the length of what is left; an orthogonal Q with Q 1 = 1 keeps both, so norm(Q x) =
Q norm(x) where the norm has no gain. Gains and biases are therefore folded into the weights that read the norm, what writes the stream
(embeddings, output and down projections) is multiplied by Q, what reads it by Q's inverse. The head has no bias: its norm keeps one,
and it cannot share the embedding's weights any longer.

usage: scripts/rotate_channels.py --model DIR --output DIR [--seed 1]
"""
import argparse
import pathlib

import numpy as np

from float_checkpoint import WEIGHTS, read_safetensors, write_copy

READERS = {"ln_1": "attn.c_attn", "ln_2": "mlp.c_fc"}
WRITERS = ("attn.c_proj", "mlp.c_proj")


def rotation(channels, seed):
    """A random orthogonal matrix that keeps the vector of ones: the ones are reflected to the first axis, the others rotated."""
    axis = np.full(channels, -1.0 / np.sqrt(channels))
    axis[0] += 1.0
    reflection = np.eye(channels) - 2.0 * np.outer(axis, axis) / (axis @ axis)
    factor, triangle = np.linalg.qr(np.random.default_rng(seed).standard_normal((channels - 1, channels - 1)))
    inner = np.eye(channels)
    inner[1:, 1:] = factor * np.sign(np.diag(triangle))
    return reflection @ inner @ reflection


def rotate(tensors, seed):
    """GPT-2 stores projections as [in, out], rows of the stream as rows."""
    wide = {name: values.astype("<f8") for name, values in tensors.items()}
    prefix = "transformer." if "transformer.wte.weight" in wide else ""
    head = wide.pop("lm_head.weight", wide[prefix + "wte.weight"])
    turn = rotation(head.shape[1], seed)
    ones = np.ones(head.shape[1])
    for name in ("wte.weight", "wpe.weight"):
        wide[prefix + name] = wide[prefix + name] @ turn.T
    for block in {name.split(".ln_1.")[0] + "." for name in wide if ".ln_1.weight" in name}:
        for norm, reader in READERS.items():
            gain, bias = wide[f"{block}{norm}.weight"], wide[f"{block}{norm}.bias"]
            weight = wide[f"{block}{reader}.weight"]
            wide[f"{block}{reader}.bias"] = wide[f"{block}{reader}.bias"] + bias @ weight
            wide[f"{block}{reader}.weight"] = turn @ (gain[:, None] * weight)
            wide[f"{block}{norm}.weight"], wide[f"{block}{norm}.bias"] = ones, 0.0 * ones
        for writer in WRITERS:
            wide[f"{block}{writer}.weight"] = wide[f"{block}{writer}.weight"] @ turn.T
            wide[f"{block}{writer}.bias"] = turn @ wide[f"{block}{writer}.bias"]
    gain, bias = wide[prefix + "ln_f.weight"], wide[prefix + "ln_f.bias"]
    if np.any(gain == 0.0):
        raise SystemExit(f"{prefix}ln_f.weight: a gain is 0, so the bias beside it cannot go through the head")
    wide[prefix + "ln_f.weight"], wide[prefix + "ln_f.bias"] = ones, turn @ (bias / gain)
    wide["lm_head.weight"] = (head * gain) @ turn.T
    return {name: values.astype("<f4") for name, values in wide.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tensors = rotate(read_safetensors(args.model / WEIGHTS), args.seed)
    write_copy(args.model, args.output, tensors, {"tie_word_embeddings": False, "dtype": "float32"})


if __name__ == "__main__":
    main()
