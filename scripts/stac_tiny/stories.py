"""Short stories: sampled from a small Llama checkpoint, or read from a file (stories separated by blank lines)."""

import hashlib
import random
import re
from pathlib import Path

MAX_PIECES = 320  # a story longer than this is cut after its last whole sentence
ROWS = 384        # stories sampled side by side


def stories_from(source, count, seed):
    """`count` stories from SOURCE: a text file is read, a model folder is sampled."""
    source = Path(source)
    if source.is_dir():
        return sample_stories(source, count, seed)
    stories = [story.strip() for story in re.split(r"\n\s*\n", source.read_text(encoding="utf-8"))]
    return [story for story in stories if story][:count]


def sample_stories(model_folder, count, seed, temperature=0.9):
    """Samples stories from a Llama checkpoint, `ROWS` at a time."""
    import sentencepiece
    import torch

    from .llama_sampler import LlamaSampler

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(Path(model_folder) / "tokenizer.model"))
    generator = torch.Generator().manual_seed(seed)
    sampler = LlamaSampler(model_folder, ROWS, MAX_PIECES)
    stories = []
    while len(stories) < count:
        for row in sample_rows(sampler, generator, temperature, pieces.bos_id(), pieces.eos_id()):
            story = whole_story(pieces, row)
            if story:
                stories.append(story)
        print(f"stories {len(stories)}/{count}", flush=True)
    return stories[:count]


def sample_rows(sampler, generator, temperature, bos, eos):
    """One batch of token rows, [ROWS][<= MAX_PIECES]; sampling stops once nearly every row has ended."""
    import torch

    with torch.inference_mode():
        token = torch.full((ROWS,), bos)
        ended = torch.zeros(ROWS, dtype=torch.bool)
        columns = []
        while len(columns) < MAX_PIECES and ended.float().mean() < 0.97:
            odds = torch.softmax(sampler.logits(token, len(columns)) / temperature, dim=-1)
            token = torch.multinomial(odds, 1, generator=generator)[:, 0]
            columns.append(token)
            ended |= (token == bos) | (token == eos)
        return [until_end(row, bos, eos) for row in torch.stack(columns, dim=1).tolist()]


def until_end(row, bos, eos):
    """The row up to its first end token (the model separates stories by BOS)."""
    for index, token in enumerate(row):
        if token in (bos, eos):
            return row[:index]
    return row


def whole_story(pieces, row):
    """Text of a row up to its last whole sentence; '' where that leaves less than a few sentences."""
    text = pieces.decode(row).strip()
    end = max(text.rfind(mark) for mark in (". ", '."', "! ", '!"', ".\n"))
    if not text.endswith((".", "!", '"')):
        text = text[: end + 2].strip() if end > 0 else ""
    return re.sub(r"\n\s*\n+", "\n", text) if len(text) > 80 else ""


def words_of(texts):
    """Every lower-cased word of the texts, sorted."""
    found = set()
    for text in texts:
        found.update(re.findall(r"[a-z]+", text.lower()))
    return sorted(found)


def fingerprint(texts):
    """sha256 of the texts, so that a sample can be recognised."""
    return hashlib.sha256("\n\n".join(texts).encode()).hexdigest()


def without_words(stories, words):
    """The stories in which none of `words` stands."""
    words = set(words)
    return [story for story in stories if not words.intersection(re.findall(r"[a-z]+", story.lower()))]


def shuffled(stories, seed):
    stories = list(stories)
    random.Random(seed).shuffle(stories)
    return stories
