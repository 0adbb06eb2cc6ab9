"""Rows of tokens: dialogues and stories, whole or cut at their end, packed one behind the other."""

import random

import numpy

from .template import END_OF_TEXT, render

# How much a token's prediction counts. A recalled fact matters most. What the user will say next matters least: a new
# name cannot be predicted, so there is little to learn from it but noise.
ASSISTANT, RECALL, STORY = 1.0, 3.0, 1.0
LONGEST = 480


class Encoder:
    """Token ids and weights of documents; each ends with <|endoftext|>."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.end = tokenizer.token_to_id(END_OF_TEXT)

    def stories(self, texts):
        return [(numpy.array(encoding.ids + [self.end], dtype=numpy.int16), numpy.full(len(encoding.ids) + 1, STORY, numpy.float32))
                for encoding in self.tokenizer.encode_batch(texts)]

    def dialogues(self, dialogues, user):
        """Dialogues, with weight `user` on the user's turns, of at most LONGEST tokens; special tokens part the text, so turns are encoded one by one."""
        turns, shapes = [], []
        for dialogue in dialogues:
            marks = turn_weights(dialogue, user)
            messages = dialogue.messages()
            turns += [render([message]) for message in messages]
            shapes.append(marks)
        encodings = iter(self.tokenizer.encode_batch(turns))
        documents = [self.document([next(encodings).ids for _ in marks], marks, user) for marks in shapes]
        return [document for document in documents if len(document[0]) <= LONGEST + 1]

    def document(self, turns, marks, easy):
        ids, weights = [], []
        for turn, mark in zip(turns, marks):
            ids += turn
            # "<|im_start|>role\n" of every turn counts as an easy token.
            weights += [easy] * 3 + [mark] * (len(turn) - 3)
        return numpy.array(ids + [self.end], dtype=numpy.int16), numpy.array(weights + [easy], dtype=numpy.float32)


def turn_weights(dialogue, user):
    marks = [user] if dialogue.system else []
    for exchange in dialogue.exchanges:
        marks += [user, RECALL if exchange.question else ASSISTANT]
    return marks


def packed_rows(documents, length, seed):
    """Rows of length + 1 tokens and their weights. A row starts with a whole document; its last one is cut to fit."""
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    row_ids, row_weights, filled = [], [], 0
    for index in order:
        ids, weights = documents[index]
        row_ids.append(ids)
        row_weights.append(weights)
        filled += len(ids)
        if filled > length:
            yield (numpy.concatenate(row_ids)[: length + 1].astype(numpy.int64), numpy.concatenate(row_weights)[: length + 1])
            row_ids, row_weights, filled = [], [], 0
