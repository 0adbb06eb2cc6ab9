#!/usr/bin/env python3
"""Writes a Hugging Face folder with random weights of a known shape, for speed and memory measurements and for tests.

    python3 scripts/make_random_checkpoint.py --shape distilgpt2 --output FOLDER [--dtype bf16|f16|f32] [--seed N]
    python3 scripts/make_random_checkpoint.py --shape distilgpt2 --layers 2 --hidden 32 --heads 2 --vocab 300 --output FOLDER

Same arguments, same bytes. Needs numpy, no framework. The tokenizer is byte-level with made-up pieces: every text encodes, nothing
it says means anything.
"""
import argparse
import json
import pathlib
import struct

import numpy as np

#                 layers hidden heads positions
SHAPES = {
    "distilgpt2": (6, 768, 12, 1024),
    "gpt2": (12, 768, 12, 1024),
    "gpt2-medium": (24, 1024, 16, 1024),
    "gpt2-large": (36, 1280, 20, 1024),
    "gpt2-xl": (48, 1600, 25, 1024),
}
VOCAB = 50257
END_OF_TEXT = "<|endoftext|>"
BYTES_PER_ELEMENT = {"bf16": 2, "f16": 2, "f32": 4}


def tensor_plan(layers, hidden, positions, vocab, inner):
    """(name, shape, spread, mean) in the order of the file: GPT-2's own initialisation, residual outputs damped by depth."""
    damped = 0.02 / (2 * layers) ** 0.5
    plan = [("transformer.wte.weight", (vocab, hidden), 0.02, 0), ("transformer.wpe.weight", (positions, hidden), 0.01, 0)]
    for layer in range(layers):
        block = f"transformer.h.{layer}."
        plan += [
            (block + "ln_1.weight", (hidden,), 0.05, 1), (block + "ln_1.bias", (hidden,), 0.02, 0),
            (block + "attn.c_attn.weight", (hidden, 3 * hidden), 0.02, 0), (block + "attn.c_attn.bias", (3 * hidden,), 0.02, 0),
            (block + "attn.c_proj.weight", (hidden, hidden), damped, 0), (block + "attn.c_proj.bias", (hidden,), 0.02, 0),
            (block + "ln_2.weight", (hidden,), 0.05, 1), (block + "ln_2.bias", (hidden,), 0.02, 0),
            (block + "mlp.c_fc.weight", (hidden, inner), 0.02, 0), (block + "mlp.c_fc.bias", (inner,), 0.02, 0),
            (block + "mlp.c_proj.weight", (inner, hidden), damped, 0), (block + "mlp.c_proj.bias", (hidden,), 0.02, 0),
        ]
    return plan + [("transformer.ln_f.weight", (hidden,), 0.05, 1), ("transformer.ln_f.bias", (hidden,), 0.02, 0)]


def encoded(values, dtype):
    if dtype == "f32":
        return values.astype("<f4").tobytes()
    if dtype == "f16":
        return values.astype("<f2").tobytes()
    bits = values.astype("<f4").view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()  # round to nearest even


def write_weights(path, plan, dtype, seed):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _, _ in plan:
        size = int(np.prod(shape)) * BYTES_PER_ELEMENT[dtype]
        header[name] = {"dtype": dtype.upper(), "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    random = np.random.default_rng(seed)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, spread, mean in plan:
            file.write(encoded(random.standard_normal(shape, dtype=np.float32) * np.float32(spread) + np.float32(mean), dtype))


def byte_characters():
    """GPT-2's printable stand-in for each byte, in the order of its vocabulary."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]


def made_up_pieces(count):
    """`count` merges: every known piece with every small letter behind it, shorter pieces first, so that none comes twice."""
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    pieces, merges = [], []
    known = ["Ġ", *letters]
    while len(merges) < count:
        longer = []
        for left in known:
            for right in letters:
                if len(merges) == count:
                    break
                merges.append((left, right))
                pieces.append(left + right)
                longer.append(left + right)
        known = longer
    return pieces, merges


def write_tokenizer(folder, vocab, positions):
    characters = byte_characters()
    if vocab < len(characters) + 1:
        raise SystemExit(f"--vocab {vocab}: a byte-level vocabulary needs at least {len(characters) + 1}")
    pieces, merges = made_up_pieces(vocab - len(characters) - 1)
    ids = {piece: index for index, piece in enumerate([*characters, *pieces, END_OF_TEXT])}
    assert len(ids) == vocab
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    special = {"id": vocab - 1, "content": END_OF_TEXT, "single_word": False, "lstrip": False, "rstrip": False,
               "normalized": False, "special": True}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [special], "normalizer": None,
        "pre_tokenizer": byte_level, "post_processor": byte_level, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": ids, "merges": [f"{left} {right}" for left, right in merges]},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    settings = {"tokenizer_class": "GPT2Tokenizer", "bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT,
                "unk_token": END_OF_TEXT, "model_max_length": positions}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="distilgpt2")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--dtype", choices=BYTES_PER_ELEMENT, default="bf16")
    parser.add_argument("--seed", type=int, default=0)
    for name in ("layers", "hidden", "heads", "vocab", "positions", "inner"):
        parser.add_argument(f"--{name}", type=int, help="override the shape's own")
    args = parser.parse_args()

    layers, hidden, heads, positions = (
        override or own
        for override, own in zip((args.layers, args.hidden, args.heads, args.positions), SHAPES[args.shape]))
    vocab = args.vocab or VOCAB
    if hidden % heads:
        parser.error(f"--hidden {hidden} is not a multiple of --heads {heads}")
    args.output.mkdir(parents=True, exist_ok=True)
    write_tokenizer(args.output, vocab, positions)
    config = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": vocab, "n_positions": positions,
        "n_embd": hidden, "n_layer": layers, "n_head": heads, "n_inner": args.inner, "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5, "bos_token_id": vocab - 1, "eos_token_id": vocab - 1, "tie_word_embeddings": True,
    }
    (args.output / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    plan = tensor_plan(layers, hidden, positions, vocab, args.inner or 4 * hidden)
    write_weights(args.output / "model.safetensors", plan, args.dtype, args.seed)
    parameters = sum(int(np.prod(shape)) for _, shape, _, _ in plan)
    print(f"{args.output}: {args.shape}, {parameters:,} parameters, {args.dtype}")


if __name__ == "__main__":
    main()
