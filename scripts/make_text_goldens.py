#!/usr/bin/env python3
"""Makes tests/data/text: small tokenizers, and what the reference libraries say of many strings and chat templates.

    scripts/make_text_goldens.py --gpt2 FOLDER --stories FILE [--output tests/data/text]
    scripts/make_text_goldens.py --templates-only [--output tests/data/text]

FOLDER holds GPT-2's vocab.json and merges.txt, FILE is a sentencepiece model. Needs tokenizers, sentencepiece and
transformers.
"""

import argparse
import contextlib
import json
import pathlib
import sys
import tempfile

import jinja2
import sentencepiece
import tokenizers
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from text_goldens import pipelines, templates, texts  # noqa: E402

VERSIONS = {
    "jinja2": jinja2.__version__,
    "sentencepiece": sentencepiece.__version__,
    "tokenizers": tokenizers.__version__,
    "transformers": transformers.__version__,
}
METADATA = {"made_by": "scripts/make_text_goldens.py", "versions": VERSIONS}


def fnv1a(ids):
    """64-bit FNV-1a over the ids as little-endian 64-bit numbers: stands for a list too long to store."""
    digest = 0xCBF29CE484222325
    for identifier in ids:
        for byte in identifier.to_bytes(8, "little"):
            digest = ((digest ^ byte) * 0x100000001B3) % 2**64
    return f"{digest:016x}"


def write(path, content):
    """One entry per line, so that a change shows as one."""
    head = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in METADATA.items())
    for key, entries in content.items():
        lines = ",\n".join(json.dumps(entry) for entry in entries)
        head += f",\n{json.dumps(key)}: [\n{lines}\n]"
    path.write_text("{" + head + "}\n")


def tokenizer_goldens(encode, decode, specials):
    lines = []
    for text in texts.strings(specials):
        ids = encode(text)
        lines.append({"text": text, "ids": ids, "decoded": decode(ids)})
    long_words = []
    for unit, times in texts.LONG_WORDS:
        ids = encode(unit * times)
        long_words.append({"unit": unit, "times": times, "count": len(ids), "fnv1a": fnv1a(ids)})
    return {"lines": lines, "long_words": long_words}


def bpe_goldens(tokenizer, specials):
    return tokenizer_goldens(
        lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
        lambda ids: tokenizer.decode(ids, skip_special_tokens=False),
        specials,
    )


def pipeline_goldens(tokenizer, specials):
    content = bpe_goldens(tokenizer, specials)
    content["sequences"] = []
    for ids in texts.id_sequences(tokenizer.get_vocab_size()):
        content["sequences"].append({"ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    encode = tokenizer.encode
    content["with_affixes"] = [{"text": text, "ids": encode(text).ids} for text in texts.WORDS[:5]]
    return content


def sentencepiece_goldens(model, specials):
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    content = tokenizer_goldens(processor.encode, processor.decode, specials)
    content["sequences"] = []
    for ids in texts.id_sequences(processor.get_piece_size()):
        content["sequences"].append({"ids": ids, "decoded": processor.decode(ids)})
    return content


def add_ties(content, model):
    """Other orders of the same pieces, which a unigram model scores alike."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    for line in content["lines"]:
        best = line["ids"]
        others = processor.nbest_encode_as_ids(line["text"], 16) if best else []
        ties = [other for other in others if other != best and sorted(other) == sorted(best)]
        if ties:
            line["ties"] = ties
    return content


def byte_level(add_prefix_space):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def make_byte_bpe(folder, add_prefix_space, added):
    tokenizer = byte_level(add_prefix_space)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts.CORPUS, trainer)
    tokenizer.add_tokens(added)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    return tokenizer


def make_sentencepiece(folder, **options):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "tokenizer.model", "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts.CORPUS), model_writer=file, minloglevel=2, num_threads=1, **options
        )
    return folder / "tokenizer.model"


def gpt2_tokenizer(folder):
    tokenizer = byte_level(add_prefix_space=False)
    tokenizer.model = models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def template_goldens(folder):
    """Renders by apply_chat_template itself, on a tokenizer that has nothing but special tokens."""
    entries = []
    for case in templates.cases():
        tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_file=str(folder / "tokenizer.json"), bos_token=case["bos_token"], eos_token=case["eos_token"]
        )
        try:
            expected = tokenizer.apply_chat_template(
                case["messages"],
                chat_template=case["template"],
                add_generation_prompt=case["add_generation_prompt"],
                tokenize=False,
            )
            error = None
        except Exception as problem:  # the template may raise any of Jinja's errors
            expected, error = None, str(problem)
        entries.append({**case, "expected": expected, "error": error})
    return {"cases": entries}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpt2", type=pathlib.Path)
    parser.add_argument("--stories", type=pathlib.Path)
    parser.add_argument("--templates-only", action="store_true", help="leave the tokenizers as they are")
    default = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "text"
    parser.add_argument("--output", type=pathlib.Path, default=default)
    arguments = parser.parse_args()
    output = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    if not arguments.templates_only:
        if not arguments.gpt2 or not arguments.stories:
            parser.error("--gpt2 and --stories are needed")
        make_tokenizer_goldens(arguments.gpt2, arguments.stories, output)
    write(output / "chat_template_goldens.json", template_goldens(output / "byte_bpe"))


def make_tokenizer_goldens(gpt2, stories, output):
    bpe_specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    plain = make_byte_bpe(output / "byte_bpe", False, [])
    write(output / "byte_bpe_goldens.json", bpe_goldens(plain, bpe_specials))
    added = [
        AddedToken("<tool>", lstrip=True, normalized=False),
        AddedToken("<answer>", rstrip=True),
        AddedToken("word", single_word=True),
        AddedToken("two words", lstrip=True, rstrip=True),
    ]
    with_added = make_byte_bpe(output / "byte_bpe_added", True, added)
    write(output / "byte_bpe_added_goldens.json", bpe_goldens(with_added, bpe_specials + ["<tool>", "<answer>", "word"]))
    write(output / "gpt2_goldens.json", bpe_goldens(gpt2_tokenizer(gpt2), bpe_specials))

    for name in pipelines.SHAPES:
        tokenizer, specials = pipelines.make(name, output / name)
        write(output / f"{name}_goldens.json", pipeline_goldens(tokenizer, specials))

    spm_specials = ["<s>", "</s>", "<unk>", "<0x41>", "<|im_start|>"]
    model = make_sentencepiece(
        output / "spm_bpe", model_type="bpe", vocab_size=700, byte_fallback=True, control_symbols=["<|im_start|>"],
        normalization_rule_name="identity",
    )  # fmt: skip
    write(output / "spm_bpe_goldens.json", sentencepiece_goldens(model, spm_specials))
    # The model file records the rules' path: a relative one makes the same file on every machine.
    folder = (output / "spm_unigram").resolve()
    with tempfile.TemporaryDirectory() as rules, contextlib.chdir(rules):
        pathlib.Path("rules.tsv").write_text(texts.NORMALIZATION)
        model = make_sentencepiece(
            folder,
            model_type="unigram",
            vocab_size=420,
            hard_vocab_limit=False,
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            user_defined_symbols=["<user>"],
            normalization_rule_tsv="rules.tsv",
        )
    goldens = sentencepiece_goldens(model, spm_specials + ["<user>"])
    write(output / "spm_unigram_goldens.json", add_ties(goldens, model))
    write(output / "stories260K_goldens.json", sentencepiece_goldens(stories, spm_specials))


if __name__ == "__main__":
    main()
