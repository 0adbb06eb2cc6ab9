"""Perplexity by transformers: text tokenized whole, non-overlapping windows, every token but a window's first scored."""

import math
from pathlib import Path

import torch


def perplexity(model, tokenizer, path, context):
    """(perplexity, windows) of a text file; a last short window is dropped."""
    ids = tokenizer(Path(path).read_text(encoding="utf-8"), return_tensors="pt", add_special_tokens=False)["input_ids"][0]
    count = len(ids) // context
    windows = ids[: count * context].view(count, context)
    total = 0.0
    with torch.inference_mode():
        for part in windows.split(16):
            logits = model(part).logits[:, :-1].float()
            total += torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), part[:, 1:].reshape(-1), reduction="sum").item()
    return math.exp(total / (count * (context - 1))), count
