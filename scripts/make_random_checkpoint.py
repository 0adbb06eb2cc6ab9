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

GPT2 = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5}
LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu", "rms_norm_eps": 1e-5,
         "attention_bias": False, "mlp_bias": False}
QWEN2 = {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_act": "silu", "rms_norm_eps": 1e-6,
         "use_sliding_window": False}
LLAMA3_ROPE = {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
               "original_max_position_embeddings": 8192}

# Sizes as the models' own config.json give them. kv_heads and rope_theta only where positions are rotary.
SHAPES = {
    "distilgpt2": {"family": GPT2, "layers": 6, "hidden": 768, "heads": 12, "vocab": 50257, "positions": 1024},
    "gpt2": {"family": GPT2, "layers": 12, "hidden": 768, "heads": 12, "vocab": 50257, "positions": 1024},
    "gpt2-medium": {"family": GPT2, "layers": 24, "hidden": 1024, "heads": 16, "vocab": 50257, "positions": 1024},
    "gpt2-large": {"family": GPT2, "layers": 36, "hidden": 1280, "heads": 20, "vocab": 50257, "positions": 1024},
    "gpt2-xl": {"family": GPT2, "layers": 48, "hidden": 1600, "heads": 25, "vocab": 50257, "positions": 1024},
    "smollm2-135m": {"family": LLAMA, "layers": 30, "hidden": 576, "heads": 9, "kv_heads": 3, "inner": 1536,
                     "vocab": 49152, "positions": 8192, "rope": {"rope_theta": 100000.0}},
    "smollm2-360m": {"family": LLAMA, "layers": 32, "hidden": 960, "heads": 15, "kv_heads": 5, "inner": 2560,
                     "vocab": 49152, "positions": 8192, "rope": {"rope_theta": 100000.0}},
    "smollm2-1.7b": {"family": LLAMA, "layers": 24, "hidden": 2048, "heads": 32, "kv_heads": 32, "inner": 8192,
                     "vocab": 49152, "positions": 8192, "rope": {"rope_theta": 130000.0}},
    "qwen2.5-0.5b": {"family": QWEN2, "layers": 24, "hidden": 896, "heads": 14, "kv_heads": 2, "inner": 4864,
                     "vocab": 151936, "positions": 32768, "rope": {"rope_theta": 1000000.0}},
    "llama-3.2-1b": {"family": LLAMA, "layers": 16, "hidden": 2048, "heads": 32, "kv_heads": 8, "inner": 8192,
                     "vocab": 128256, "positions": 131072,
                     "rope": {"rope_theta": 500000.0, "rope_scaling": LLAMA3_ROPE}},
}
END_OF_TEXT = "<|endoftext|>"
BYTES_PER_ELEMENT = {"bf16": 2, "f16": 2, "f32": 4}


def gpt2_plan(size):
    """(name, shape, spread, mean) in the order of the file: GPT-2's own initialisation, residual outputs damped by depth."""
    layers, hidden, inner = size["layers"], size["hidden"], size["inner"]
    damped = 0.02 / (2 * layers) ** 0.5
    plan = [("transformer.wte.weight", (size["vocab"], hidden), 0.02, 0),
            ("transformer.wpe.weight", (size["positions"], hidden), 0.01, 0)]
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


def llama_plan(size):
    """The same of Llama; of Qwen2, whose queries, keys and values have biases, too."""
    layers, hidden, inner = size["layers"], size["hidden"], size["inner"]
    keys = hidden // size["heads"] * size["kv_heads"]
    damped = 0.02 / (2 * layers) ** 0.5
    plan = [("model.embed_tokens.weight", (size["vocab"], hidden), 0.02, 0)]
    for layer in range(layers):
        block = f"model.layers.{layer}."
        plan.append((block + "input_layernorm.weight", (hidden,), 0.05, 1))
        for name, rows in (("q_proj", hidden), ("k_proj", keys), ("v_proj", keys)):
            plan.append((f"{block}self_attn.{name}.weight", (rows, hidden), 0.02, 0))
            if size["family"] is QWEN2:
                plan.append((f"{block}self_attn.{name}.bias", (rows,), 0.02, 0))
        plan += [
            (block + "self_attn.o_proj.weight", (hidden, hidden), damped, 0),
            (block + "post_attention_layernorm.weight", (hidden,), 0.05, 1),
            (block + "mlp.gate_proj.weight", (inner, hidden), 0.02, 0), (block + "mlp.up_proj.weight", (inner, hidden), 0.02, 0),
            (block + "mlp.down_proj.weight", (hidden, inner), damped, 0),
        ]
    return plan + [("model.norm.weight", (hidden,), 0.05, 1)]


def gpt2_config(size):
    return {"vocab_size": size["vocab"], "n_positions": size["positions"], "n_embd": size["hidden"],
            "n_layer": size["layers"], "n_head": size["heads"], "n_inner": size["inner"]}


def llama_config(size):
    return {"vocab_size": size["vocab"], "max_position_embeddings": size["positions"], "hidden_size": size["hidden"],
            "num_hidden_layers": size["layers"], "num_attention_heads": size["heads"],
            "num_key_value_heads": size["kv_heads"], "intermediate_size": size["inner"], **size["rope"]}


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
    for name in ("layers", "hidden", "heads", "kv-heads", "vocab", "positions", "inner"):
        parser.add_argument(f"--{name}", type=int, help="override the shape's own")
    args = parser.parse_args()

    size = dict(SHAPES[args.shape])
    rotary = size["family"] is not GPT2
    given = {name: value for name, value in vars(args).items() if value is not None and name not in ("shape", "output", "dtype", "seed")}
    if "kv_heads" in given and not rotary:
        parser.error(f"--kv-heads: {args.shape} has as many as heads")
    size.update(given)
    size.setdefault("inner", 4 * size["hidden"])
    if size["hidden"] % size["heads"]:
        parser.error(f"--hidden {size['hidden']} is not a multiple of --heads {size['heads']}")
    if rotary and size["heads"] % size["kv_heads"]:
        parser.error(f"--heads {size['heads']} is not a multiple of --kv-heads {size['kv_heads']}")

    args.output.mkdir(parents=True, exist_ok=True)
    write_tokenizer(args.output, size["vocab"], size["positions"])
    config = {**size["family"], **(llama_config if rotary else gpt2_config)(size), "bos_token_id": size["vocab"] - 1,
              "eos_token_id": size["vocab"] - 1, "tie_word_embeddings": True}
    (args.output / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    plan = (llama_plan if rotary else gpt2_plan)(size)
    write_weights(args.output / "model.safetensors", plan, args.dtype, args.seed)
    parameters = sum(int(np.prod(shape)) for _, shape, _, _ in plan)
    print(f"{args.output}: {args.shape}, {parameters:,} parameters, {args.dtype}")


if __name__ == "__main__":
    main()
