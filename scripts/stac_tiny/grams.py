"""Word 8-grams: what a fact turn of the evaluation would have to share with training to be a repetition."""

import re

GRAM = 8  # words


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def fact_grams(turn, values):
    """The 8-grams of a fact turn that hold a whole value; a shorter turn is one gram, marked by its end."""
    spoken = words(turn)
    if len(spoken) < GRAM:
        return {" ".join(spoken) + " ."}
    grams = [" ".join(spoken[at:at + GRAM]) for at in range(len(spoken) - GRAM + 1)]
    wanted = [f" {' '.join(words(value))} " for value in values]
    return {gram for gram in grams if any(value in f" {gram} " for value in wanted)}


def grams_of_turn(turn):
    """What a turn would have to share with `fact_grams` to be a repetition."""
    spoken = words(turn)
    if len(spoken) < GRAM:
        return [" ".join(spoken) + " ."]
    return [" ".join(spoken[at:at + GRAM]) for at in range(len(spoken) - GRAM + 1)]
