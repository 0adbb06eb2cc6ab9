"""Which names, towns and fact sentences are held out for evaluation: decided by a hash, so that everybody agrees.

A word or a sentence is held out when the first byte of the sha256 of its lower-cased text is divisible by ten.
Training draws only what is not held out; evaluation states facts in held-out sentences and, for its unseen names,
draws only held-out names and towns.
"""

import hashlib
from functools import lru_cache

# Shapes of well-known checks, and places that the model learns as general knowledge: never held out.
ALWAYS_IN_TRAINING = {"alice", "smith", "new york", "my name is alice smith", "i am from new york", "i have 3 dogs and 2 cats"}


def held_out(text):
    """Whether this name, town or sentence belongs to evaluation."""
    key = text.lower()
    if key in ALWAYS_IN_TRAINING:
        return False
    return hashlib.sha256(key.encode()).digest()[0] % 10 == 0


def word_held_out(word):
    """The same for one name: a name of several words is held out when its last word is."""
    return _cached(word.lower())


@lru_cache(maxsize=1 << 16)
def _cached(word):
    return held_out(word) if word in ALWAYS_IN_TRAINING else held_out(word.split(" ")[-1])
