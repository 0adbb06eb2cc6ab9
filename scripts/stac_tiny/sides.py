"""The two sides of the data: dialogues that are measured, and dialogues that are trained on and share nothing with them."""

from .dialogues import EVALUATION, FOCUSED, TRAINING, Writer
from .grams import fact_grams, grams_of_turn, words
from .split import held_out

EVALUATION_DIALOGUES = 1400  # the first 1,000 are measured, the rest is evaluation text


def evaluation_dialogue(index):
    """Held-out dialogue number `index`; seven in ten have names and towns that training never shows."""
    return Writer(f"evaluation-{index}", EVALUATION, unseen=index % 10 < 7).write()


def evaluation_dialogues(count=EVALUATION_DIALOGUES):
    return [evaluation_dialogue(index) for index in range(count)]


def calibration_dialogue(index):
    """Dialogue for calibration text: training's side of the split, its own seeds."""
    return Writer(f"calibration-{index}").write()


def forbidden_grams():
    """Every gram of an evaluation fact turn with its values."""
    grams = set()
    for dialogue in evaluation_dialogues():
        for turn, values in dialogue.fact_turns():
            grams |= fact_grams(turn, values)
    return grams


def training_dialogues(seed, indices, forbidden=None, focused_from=float("inf")):
    """The training dialogues of these indices; one that repeats a forbidden gram is left out.

    From index `focused_from` on they are those of the last part of the training.
    """
    forbidden = forbidden_grams() if forbidden is None else forbidden
    for index in indices:
        dialogue = Writer(f"training-{seed}-{index}", FOCUSED if index >= focused_from else TRAINING).write()
        if not repeats(dialogue, forbidden):
            yield dialogue


def unseen_values():
    """Evaluation's unseen names and towns, lower-cased, as lists of words."""
    return [words(fact.values["v"]) for dialogue in evaluation_dialogues() for exchange in dialogue.exchanges
            for fact in exchange.facts if fact.unseen]


def unseen_words():
    """Every held-out word of them; a story with one of these is not trained on."""
    return {word for value in unseen_values() for word in value if held_out(word)}


def repeats(dialogue, forbidden):
    return any(gram in forbidden for exchange in dialogue.exchanges for gram in grams_of_turn(exchange.user))
