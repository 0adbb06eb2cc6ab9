"""The tokenizer: byte-level BPE with the GPT-2 pre-tokenizer, trained on the training data."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from .template import CHAT_TEMPLATE, END, END_OF_TEXT, SPECIALS


def train_tokenizer(texts, size):
    """A BPE of `size` pieces, specials first, from plain texts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIALS, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save_tokenizer(tokenizer, folder, context):
    """tokenizer.json and the small files that transformers reads beside it."""
    folder = Path(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "GPT2TokenizerFast", "add_prefix_space": False, "add_bos_token": False, "clean_up_tokenization_spaces": False,
        "bos_token": END_OF_TEXT, "eos_token": END, "unk_token": END_OF_TEXT, "pad_token": END_OF_TEXT,
        "model_max_length": context, "chat_template": CHAT_TEMPLATE,
        "added_tokens_decoder": {str(index): {"content": text, "lstrip": False, "normalized": False, "rstrip": False,
                                              "single_word": False, "special": True} for index, text in enumerate(SPECIALS)},
        "additional_special_tokens": SPECIALS[1:],
    }
    special = {"bos_token": END_OF_TEXT, "eos_token": END, "unk_token": END_OF_TEXT, "pad_token": END_OF_TEXT,
               "additional_special_tokens": SPECIALS[1:]}
    write_json(folder / "tokenizer_config.json", config)
    write_json(folder / "special_tokens_map.json", special)


def write_json(path, value):
    Path(path).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
