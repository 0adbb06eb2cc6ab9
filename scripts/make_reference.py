#!/usr/bin/env python3
"""Writes what transformers computes for a checkpoint, for `stac-test --model M --parity REFERENCE.safetensors`.

    python3 scripts/make_reference.py --model M --text FILE --output REFERENCE.safetensors

The file holds input_ids int64 [B, S] (the text, cut into rows), logits f32 [B, S, V], and greedy_ids int64 [1, N]: the text's
first 12 ids and their greedy continuation, which no end-of-text token stops. M is a folder or a hub id.
"""
import argparse
import pathlib

import torch
import transformers
from safetensors.torch import save_file

PROMPT = 12


def rows_of_text(model, text, rows, length):
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    ids = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    if len(ids) < max(length, PROMPT):
        raise SystemExit(f"the text has {len(ids)} tokens; {max(length, PROMPT)} are needed: give a longer one, or --length")
    rows = min(rows, len(ids) // length)
    return torch.tensor(ids[: rows * length]).view(rows, length), torch.tensor(ids[:PROMPT]).view(1, PROMPT)


@torch.no_grad()
def greedy(model, prompt, new_tokens):
    """Plain argmax steps with the cache; generate() would stop at an end-of-text token."""
    ids, cache, step = prompt, None, prompt
    for _ in range(new_tokens):
        output = model(step, past_key_values=cache, use_cache=True)
        cache, step = output.past_key_values, output.logits[:, -1:].argmax(-1)
        ids = torch.cat([ids, step], dim=1)
    return ids


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="checkpoint folder or hub id")
    parser.add_argument("--text", type=pathlib.Path, required=True, help="UTF-8 text")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=2, help="B (default 2)")
    parser.add_argument("--length", type=int, default=64, help="S (default 64)")
    parser.add_argument("--new-tokens", type=int, default=48, help="greedy continuation (default 48)")
    args = parser.parse_args()

    model = transformers.AutoModelForCausalLM.from_pretrained(
        args.model, dtype=torch.float32, attn_implementation="eager").eval()
    context = model.config.max_position_embeddings
    length = min(args.length, context)
    ids, prompt = rows_of_text(args.model, args.text.read_text(encoding="utf-8"), args.rows, length)
    tensors = {
        "input_ids": ids.contiguous(),
        "logits": torch.cat([model(row[None]).logits for row in ids]).float().contiguous(),
        "greedy_ids": greedy(model, prompt, min(args.new_tokens, context - PROMPT)).contiguous(),
    }
    versions = {"script": "scripts/make_reference.py", "torch": torch.__version__, "transformers": transformers.__version__}
    save_file(tensors, args.output, metadata=versions)
    print(f"{args.output}: {tuple(ids.shape)} ids, {tensors['greedy_ids'].shape[1]} greedy ids")


if __name__ == "__main__":
    main()
