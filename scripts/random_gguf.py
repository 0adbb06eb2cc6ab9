#!/usr/bin/env python3
"""Writes a GGUF of random weights and no vocabulary with the shape of a checkpoint, for llama.cpp's llama-bench.

usage: scripts/random_gguf.py --checkpoint FOLDER --output FILE.gguf [--type q8_0|f16|f32]

GPT-2 and Llama checkpoints (config.json is all that is read of them). Needs the packages gguf and numpy.
"""
import argparse
import json
import pathlib

import gguf
import numpy as np

TYPES = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "f16": gguf.GGMLQuantizationType.F16, "f32": gguf.GGMLQuantizationType.F32}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", required=True, type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--output", required=True, type=pathlib.Path, metavar="FILE")
    parser.add_argument("--type", default="q8_0", choices=TYPES)
    return parser.parse_args()


class Writer:
    """Matrices in the wanted type, vectors in f32, as llama.cpp's own converter leaves them."""

    def __init__(self, path, architecture, matrix_type):
        self.gguf = gguf.GGUFWriter(str(path), architecture)
        self.matrix_type = matrix_type
        self.random = np.random.default_rng(0)

    def matrix(self, name, rows, columns):
        values = (0.02 * self.random.standard_normal((rows, columns))).astype(np.float32)
        self.gguf.add_tensor(name, gguf.quants.quantize(values, self.matrix_type), raw_dtype=self.matrix_type)

    def vector(self, name, size, value=0.0):
        self.gguf.add_tensor(name, np.full(size, value, np.float32))

    def finish(self):
        self.gguf.write_header_to_file()
        self.gguf.write_kv_data_to_file()
        self.gguf.write_tensors_to_file()
        self.gguf.close()


def add_common(writer, vocab, context, width, layers, heads, inner):
    writer.gguf.add_context_length(context)
    writer.gguf.add_embedding_length(width)
    writer.gguf.add_block_count(layers)
    writer.gguf.add_feed_forward_length(inner)
    writer.gguf.add_head_count(heads)
    writer.gguf.add_vocab_size(vocab)
    writer.gguf.add_tokenizer_model("no_vocab")
    writer.matrix("token_embd.weight", vocab, width)
    writer.vector("output_norm.weight", width, 1.0)


def write_gpt2(config, path, matrix_type):
    width, layers = config["n_embd"], config["n_layer"]
    inner = config.get("n_inner") or 4 * width
    writer = Writer(path, "gpt2", matrix_type)
    add_common(writer, config["vocab_size"], config["n_positions"], width, layers, config["n_head"], inner)
    writer.gguf.add_layer_norm_eps(config.get("layer_norm_epsilon", 1e-5))
    writer.matrix("position_embd.weight", config["n_positions"], width)
    writer.vector("output_norm.bias", width)
    for layer in range(layers):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.vector(f"{block}{norm}.weight", width, 1.0)
            writer.vector(f"{block}{norm}.bias", width)
        for name, rows, columns in (("attn_qkv", 3 * width, width), ("attn_output", width, width), ("ffn_up", inner, width), ("ffn_down", width, inner)):
            writer.matrix(f"{block}{name}.weight", rows, columns)
            writer.vector(f"{block}{name}.bias", rows)
    writer.finish()


def write_llama(config, path, matrix_type):
    width, layers, heads = config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"]
    kv_heads, inner = config.get("num_key_value_heads", heads), config["intermediate_size"]
    dim = config.get("head_dim") or width // heads
    writer = Writer(path, "llama", matrix_type)
    add_common(writer, config["vocab_size"], config["max_position_embeddings"], width, layers, heads, inner)
    writer.gguf.add_head_count_kv(kv_heads)
    writer.gguf.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.gguf.add_rope_dimension_count(dim)
    for layer in range(layers):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.vector(f"{block}{norm}.weight", width, 1.0)
        for name, rows, columns in (("attn_q", heads * dim, width), ("attn_k", kv_heads * dim, width), ("attn_v", kv_heads * dim, width),
                                    ("attn_output", width, heads * dim), ("ffn_gate", inner, width), ("ffn_up", inner, width), ("ffn_down", width, inner)):
            writer.matrix(f"{block}{name}.weight", rows, columns)
    writer.finish()


def main():
    args = arguments()
    config = json.loads((args.checkpoint / "config.json").read_text())
    writers = {"gpt2": write_gpt2, "llama": write_llama}
    if config.get("model_type") not in writers:
        raise SystemExit(f"random_gguf.py: model_type {config.get('model_type')!r} is neither gpt2 nor llama")
    writers[config["model_type"]](config, args.output, TYPES[args.type])


if __name__ == "__main__":
    main()
