#!/usr/bin/env python3
"""Writes tests/data/runtime/sampling.json: what transformers' logits processors make of random logits.

Usage: python3 scripts/make_sampling_goldens.py [OUTPUT]
"""

import json
import random
import sys
from pathlib import Path

import torch
import transformers
from transformers import (LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor,
                          SequenceBiasLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper)

ROOT = Path(__file__).resolve().parent.parent
CASES, VOCABULARY = 90, 24


def processors(temperature, top_k, top_p, min_p, penalty, biases):
    """In the order in which generate() applies them."""
    result = LogitsProcessorList()
    if biases:
        result.append(SequenceBiasLogitsProcessor(sequence_bias=[[[token], bias] for token, bias in biases]))
    if penalty != 1.0:
        result.append(RepetitionPenaltyLogitsProcessor(penalty=penalty))
    result.append(TemperatureLogitsWarper(temperature))
    if top_k:
        result.append(TopKLogitsWarper(top_k=top_k))
    if top_p < 1.0:
        result.append(TopPLogitsWarper(top_p=top_p))
    if min_p > 0.0:
        result.append(MinPLogitsWarper(min_p=min_p))
    return result


def case(numbers):
    logits = [round(numbers.gauss(0, 3), 4) for _ in range(VOCABULARY)]
    while len(set(logits)) < VOCABULARY:  # transformers keeps every token that ties with the k-th, STAC keeps k
        logits = [round(numbers.gauss(0, 3), 4) for _ in range(VOCABULARY)]
    text = [numbers.randrange(VOCABULARY) for _ in range(numbers.randrange(1, 12))]
    options = {
        "temperature": numbers.choice([0.3, 0.7, 1.0, 1.8]),
        "top_k": numbers.choice([0, 1, 2, 5, 12, 40]),
        "top_p": numbers.choice([0.05, 0.4, 0.8, 0.95, 1.0]),
        "min_p": numbers.choice([0.0, 0.0, 0.02, 0.1, 0.5, 1.0]),
        "repetition_penalty": numbers.choice([1.0, 1.1, 1.7, 0.8]),
        "logit_bias": [[token, round(numbers.uniform(-6, 6), 3)]
                       for token in numbers.sample(range(VOCABULARY), numbers.choice([0, 0, 1, 3]))],
    }
    scores = processors(options["temperature"], options["top_k"], options["top_p"],
                        options["min_p"], options["repetition_penalty"], options["logit_bias"])(torch.tensor([text]), torch.tensor([logits]))
    probabilities = torch.softmax(scores[0].double(), dim=-1).tolist()
    return {"logits": logits, "text": text, **options, "probabilities": [round(p, 9) for p in probabilities]}


def main():
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests/data/runtime/sampling.json"
    numbers = random.Random(5)
    golden = {
        "made_by": "scripts/make_sampling_goldens.py",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "cases": [case(numbers) for _ in range(CASES)],
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(golden, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
