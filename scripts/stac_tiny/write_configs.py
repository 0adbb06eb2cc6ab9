"""Writes configs/dialogues/held_out.jsonl and configs/text: python3 -m stac_tiny.write_configs (in scripts/)."""

import argparse
from pathlib import Path

from . import sides
from . import stories as tales
from .records import record_of, write_jsonl
from .template import render

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT_BYTES = 60_000
STORY_SEED = 900_001  # training samples with its own small seed
STORIES = 400         # the first half is for evaluation, the second for calibration


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", default=ROOT.parent / "shared/models/stories260K",
                        help="a Llama checkpoint to sample, or a text file sampled before with this seed (default: %(default)s)")
    parser.add_argument("--count", type=int, default=200)
    return parser.parse_args()


def dialogue_text(dialogues, size):
    """Rendered dialogues, special tokens as text, each ended by <|endoftext|>, up to `size` bytes."""
    text = ""
    for dialogue in dialogues:
        text += render(dialogue.messages()) + "<|endoftext|>"
        if len(text) > size:
            return text + "\n"
    return text + "\n"


def story_text(stories, size):
    text = ""
    for story in stories:
        text += story + "\n\n"
        if len(text) > size:
            break
    return text


def main():
    args = arguments()
    dialogues, text = ROOT / "configs/dialogues", ROOT / "configs/text"
    for folder in (dialogues, text):
        folder.mkdir(parents=True, exist_ok=True)
    write_jsonl(dialogues / "held_out.jsonl", [record_of(sides.evaluation_dialogue(index)) for index in range(args.count)])
    stories = tales.stories_from(args.stories, STORIES, STORY_SEED)
    evaluation, calibration = stories[: STORIES // 2], stories[STORIES // 2:]
    (text / "evaluation_stories.txt").write_text(story_text(evaluation, TEXT_BYTES), encoding="utf-8")
    held_out = (sides.evaluation_dialogue(index) for index in range(1000, sides.EVALUATION_DIALOGUES))
    (text / "evaluation_dialogues.txt").write_text(dialogue_text(held_out, TEXT_BYTES), encoding="utf-8")
    calibration_talks = (sides.calibration_dialogue(index) for index in range(1000))
    mixed = dialogue_text(calibration_talks, TEXT_BYTES // 2) + "\n" + story_text(calibration, TEXT_BYTES // 2)
    (text / "calibration.txt").write_text(mixed, encoding="utf-8")


if __name__ == "__main__":
    main()
