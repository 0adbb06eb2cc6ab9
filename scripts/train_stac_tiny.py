#!/usr/bin/env python3
"""Trains stac-tiny: a GPT-2 of 2.1M parameters that remembers what it is told. Under two hours on two cores."""

import argparse
import os
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the workers are forked

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", default=ROOT.parent / "shared/models/stories260K",
                        help="a Llama checkpoint to sample stories from, or a text file of stories (default: %(default)s)")
    parser.add_argument("--output", default="stac-tiny-run", help="folder of checkpoint.pt and model/ (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=26_000_000)
    parser.add_argument("--focus-tokens", type=int, nargs="*", default=[8_000_000, 1_000_000],
                        help="then rounds of this many, of dialogues that repeat what is learned last; the model is the mean of what stands at "
                             "their ends (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--story-count", type=int, default=10_000)
    parser.add_argument("--vocabulary", type=int, default=1536)
    parser.add_argument("--muon-lr", type=float, default=5e-3)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each (default: %(default)s)")
    parser.add_argument("--checkpoint-seconds", type=float, default=150)
    parser.add_argument("--stop-after", type=float, help="stop after this many seconds of training, with a checkpoint")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --output")
    return parser.parse_args()


def main():
    args = arguments()
    from stac_tiny import trainer

    stories = trainer.prepared_stories(args.stories, args.story_count, args.seed)
    tokenizer = trainer.prepared_tokenizer(stories, args.seed, args.vocabulary)
    plan = trainer.Plan(args.tokens, args.focus_tokens, args.muon_lr, args.adam_lr)
    run = trainer.Run(args.output, tokenizer, stories, plan, args.seed, args.workers)
    if args.resume:
        run.resume()
    run.train(args.checkpoint_seconds, args.stop_after)


if __name__ == "__main__":
    main()
