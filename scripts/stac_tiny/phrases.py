"""The turns around a fact: how it is introduced, asked for, corrected and left. `{q}` is a question, `{a}` an answer."""

from functools import lru_cache

from . import facts, talk
from .grams import words

GREETING_OPENERS = ("Hi!", "Hello!", "Hi,", "Hello,", "Hey,", "Hi there,", "Good morning,", "Hey there!", "Good evening.")
OPENERS = ("By the way,", "Also,", "Oh, and", "I want to tell you that", "Let me tell you something:", "One more thing:",
           "Just so you know,", "Well,", "You should know that", "So,", "And", "I should say that", "Listen,",
           "Something about me:", "Here is a fact:", "Please remember that", "Please note:", "I forgot to say,")
TAILS = ("Please remember that.", "Don't forget it!", "What do you think?", "That is all.", "Remember it, please.", "Okay?",
         "I thought you should know.", "It is nice to talk to you.")
DIRECT_LEADS = ("", "", "", "", "", "", "", "", "", "So,", "And", "Now,", "Hey,", "Quick question:", "By the way,", "Tell me,", "Okay,", "Let's see:", "Well,", "Now a question:",
                "One question:", "I am curious,", "Let me test you:", "Please tell me,", "I have a question:")
INDIRECT_ASKS = ("Do you remember {q}?", "Do you remember {q}?", "Can you tell me {q}?", "Could you tell me {q}?", "Do you still know {q}?",
                 "Do you know {q}?", "Tell me {q}.", "Please tell me {q}.", "Can you remember {q}?", "I wonder if you remember {q}.",
                 "I want to know {q}.", "Could you remind me {q}?", "Say {q}.", "Do you recall {q}?", "Can you say {q}?",
                 "Have you remembered {q}?", "I would like to know {q}.")
NOUN_ASKS = ("Do you remember {q}?", "Do you know {q}?", "Tell me {q}.", "Please tell me {q}.", "Can you tell me {q}?", "And {q}?", "And {q}?",
             "What about {q}?", "What about {q}?", "Do you still know {q}?", "Can you remember {q}?", "What was {q}?",
             "What is {q}?", "Remind me of {q}.", "Name {q}.")
SUMMARY_ASKS = ("What do you know about me?", "Tell me what you know about me.", "What have I told you about me?",
                "What do you remember about me?", "What did I tell you?", "Tell me everything you know about me.")
CORRECTIONS = ("Actually,", "Actually,", "Actually,", "Sorry,", "No, wait,", "Wait, I made a mistake:", "Let me correct that:", "Oh no, I was wrong,",
               "Correction:", "I have to correct myself:", "Hold on,", "Sorry, that was wrong,", "I made a mistake,", "No,",
               "Oh sorry, I meant to say that", "Oops,", "That was not right,", "Things have changed:", "Well, actually")
CORRECTED = ("Thank you, I will remember that {a}.", "Oh, I see. {A}.", "All right, {a}.", "Thanks for the correction. {A}.",
             "Okay, so {a}.", "No problem, {a}.")
SYSTEM_PROMPTS = ("You are a helpful assistant.", "You are Stac, a small spiking language model.", "You are a friendly assistant.",
                  "Answer in short sentences.", "You are a helpful assistant that remembers what the user says.")


@lru_cache(maxsize=1)
def phrase_words():
    """Every word of the phrases here, of facts and of small talk: a generated name must not be one of them.

    Lists of names stand in names.py; the capitals of talk.py are general knowledge and never held out.
    """
    found = set()
    for module in (facts, talk):
        collect_words(vars(module), found)
    collect_words({name: value for name, value in globals().items() if name.isupper()}, found)
    return frozenset(found)


def collect_words(value, found):
    if isinstance(value, str):
        found.update(words(value))
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and key.startswith("_"):
                continue
            collect_words(key, found)
            collect_words(item, found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            collect_words(item, found)
    elif isinstance(value, facts.Kind):
        collect_words(vars(value), found)
