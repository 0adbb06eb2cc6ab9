#!/usr/bin/env python3
"""Shows that stac-tiny's evaluation is not in its training data. Python's standard library only; exit 1 on a failure.

The training dialogues are generated again from the seed and the count recorded with the model. Then no word of an
evaluation name or town may stand in them (nor in the stories, whose words are listed in story_words.txt), and no
8-gram of an evaluation fact turn with its values (a shorter turn: the whole turn) may be part of any training turn.
The detector is tried first on planted copies, so that a check that cannot fail is itself a failure.
"""

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from stac_tiny import sides  # noqa: E402
from stac_tiny.grams import fact_grams, grams_of_turn, words  # noqa: E402
from stac_tiny.names import TOWN_FRONT  # noqa: E402
from stac_tiny.phrases import phrase_words  # noqa: E402
from stac_tiny.records import record_of  # noqa: E402

PORTION = 1000  # dialogues a worker takes at a time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training", default=ROOT / "models/stac-tiny/training.json", help="the model's record of its training")
    parser.add_argument("--held-out", default=ROOT / "configs/dialogues/held_out.jsonl")
    parser.add_argument("--story-words", default=Path(__file__).parent / "story_words.txt")
    parser.add_argument("--plant", action="store_true", help="add one evaluation dialogue to the training data: must fail")
    return parser.parse_args()


def read_held_out(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def evaluation_grams(records):
    """8-grams with their values, from the file and from all generated evaluation dialogues."""
    grams = sides.forbidden_grams()
    for record in records:
        for fact in record["facts"]:
            grams |= fact_grams(record["messages"][fact["turn"]]["content"], fact["values"])
    return grams


def evaluation_names():
    """Unseen names and towns: each word of its own, and those of several words ("Cape Town") as a whole.

    The words of the phrases ("town") and the fronts of towns ("North") are names only together with another word.
    """
    common = phrase_words() | {front.lower() for front in TOWN_FRONT}
    return (sides.unseen_words() - common) | {" ".join(value) for value in sides.unseen_values() if len(value) > 1}


def spoken_names(text):
    """The words of a turn, its pairs and its triples."""
    spoken = words(text)
    pairs = [f"{a} {b}" for a, b in zip(spoken, spoken[1:])]
    return spoken + pairs + [f"{pair} {word}" for pair, word in zip(pairs, spoken[2:])]


def found_in(messages, names, grams):
    """(names, grams) of evaluation that stand in these turns."""
    seen_names, seen_grams = set(), set()
    for message in messages:
        seen_names |= names.intersection(spoken_names(message["content"]))
        seen_grams |= grams.intersection(grams_of_turn(message["content"]))
    return seen_names, seen_grams


def examine(portion):
    """Generates one portion of the training dialogues and looks for evaluation in it."""
    seed, indices, focused_from = portion
    names, grams, count, turns = set(), set(), 0, 0
    for dialogue in sides.training_dialogues(seed, indices, NEEDLES["forbidden"], focused_from):
        messages = dialogue.messages()
        count, turns = count + 1, turns + len(messages)
        found = found_in(messages, NEEDLES["names"], NEEDLES["grams"])
        names |= found[0]
        grams |= found[1]
    return count, turns, names, grams


NEEDLES = {}  # shared with the workers by fork


def detector_works(record):
    """A planted evaluation dialogue must be found, by its names and by its grams."""
    names, grams = found_in(record["messages"], NEEDLES["names"], NEEDLES["grams"])
    return bool(names) and bool(grams)


def unseen_record(records):
    return next(record for record in records if any(question["unseen_name"] for question in record["questions"]))


def file_is_generated(records):
    return all(record == json.loads(json.dumps(record_of(sides.evaluation_dialogue(index)))) for index, record in enumerate(records))


def main():
    args = arguments()
    started = time.time()
    training = json.loads(Path(args.training).read_text(encoding="utf-8"))
    records = read_held_out(args.held_out)
    # "forbidden" is what training itself left out; "grams" is counted anew here and also covers the file.
    NEEDLES.update(names=evaluation_names(), grams=evaluation_grams(records), forbidden=sides.forbidden_grams())
    failures = []
    if not file_is_generated(records):
        failures.append(f"{args.held_out}: not what the generator writes; run python3 -m stac_tiny.write_configs in scripts/")
    if not detector_works(unseen_record(records)):
        failures.append("the detector does not find a planted evaluation dialogue")

    focused_from = float("inf") if training["focused_from"] is None else training["focused_from"]
    portions = [(training["seed"], range(first, min(first + PORTION, training["dialogues"])), focused_from)
                for first in range(0, training["dialogues"], PORTION)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        results = pool.map(examine, portions, chunksize=1)
    count, turns = sum(result[0] for result in results), sum(result[1] for result in results)
    names = set().union(*(result[2] for result in results))
    grams = set().union(*(result[3] for result in results))
    if args.plant:
        planted = found_in(unseen_record(records)["messages"], NEEDLES["names"], NEEDLES["grams"])
        names |= planted[0]
        grams |= planted[1]
    story_words = set(Path(args.story_words).read_text(encoding="utf-8").split())
    in_stories = NEEDLES["names"] & story_words

    print(f"evaluation: {sides.EVALUATION_DIALOGUES} dialogues, {len(NEEDLES['names'])} unseen names and towns, {len(NEEDLES['grams'])} fact grams")
    print(f"training:   {count} dialogues, {turns} turns, and {len(story_words)} different words of stories (seed {training['seed']})")
    print(f"found again: {len(names)} names in dialogues, {len(in_stories)} in stories, {len(grams)} fact grams ({time.time() - started:.0f} s)")
    for what, found in (("name", names), ("name in stories", in_stories), ("fact gram", grams)):
        failures += [f"{what} of the evaluation in training: {item!r}" for item in sorted(found)[:5]]
    if count < 0.9 * training["dialogues"]:
        failures.append(f"only {count} of {training['dialogues']} dialogues were generated")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
