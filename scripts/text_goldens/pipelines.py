"""Small tokenizers in the shapes of the model families, trained by the tokenizers library.

Its unigram trainer gives another vocabulary every time, so sentencepiece trains those.
"""

import io
import json

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from text_goldens import texts

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = f"{CONTRACTIONS}|{WORDS}|\\p{{N}}|{REST}"
LLAMA3 = f"{CONTRACTIONS}|{WORDS}|\\p{{N}}{{1,3}}|{REST}"

CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
HEADERS = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
CONTROLS = ["<unk>", "<s>", "</s>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def byte_level_bpe(pre_tokenizer, specials, size=560):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts.CORPUS, trainer)
    return tokenizer


def split_then_bytes(pattern):
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def smollm2():
    stages = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    return byte_level_bpe(pre_tokenizers.Sequence(stages), CHATML + ["<repo_name>", "<file_sep>"])


def qwen2():
    tokenizer = byte_level_bpe(split_then_bytes(QWEN2), CHATML)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_tokens([AddedToken("<tool_call>", normalized=False), AddedToken("cafe\u0301", single_word=True)])
    return tokenizer


def llama3():
    """Some merges are taken away again: their pieces are found only as whole words."""
    tokenizer = byte_level_bpe(split_then_bytes(LLAMA3), HEADERS)
    begin = processors.TemplateProcessing("<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", 0)])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), begin])
    content = json.loads(tokenizer.to_str())
    content["model"]["ignore_merges"] = True
    content["model"]["merges"] = [merge for i, merge in enumerate(content["model"]["merges"]) if i % 5]
    return Tokenizer.from_str(json.dumps(content))


def trained_like_sentencepiece(model, trainer):
    """Words of one blank mark and what follows; how the tokenizer itself marks blanks is set afterwards."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(texts.CORPUS, trainer)
    return tokenizer


def sentencepiece_bpe(**options):
    model = models.BPE(unk_token="<unk>", fuse_unk=True, **options)
    specials = CONTROLS + (BYTES if options.get("byte_fallback") else [])
    trainer = trainers.BpeTrainer(vocab_size=len(specials) + 330, special_tokens=specials, show_progress=False)
    return trained_like_sentencepiece(model, trainer)


def as_strings(tokenizer):
    """Merges as files of the library before 0.20 note them, and only the first three special tokens as added ones."""
    content = json.loads(tokenizer.to_str())
    content["model"]["merges"] = [" ".join(merge) for merge in content["model"]["merges"]]
    content["added_tokens"] = content["added_tokens"][: len(CONTROLS)]
    return Tokenizer.from_str(json.dumps(content)), content


def llama2():
    tokenizer = sentencepiece_bpe(byte_fallback=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.pre_tokenizer = None
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return as_strings(tokenizer)


def mistral():
    """As transformers writes sentencepiece models since 4.40; no byte pieces, so that unknown characters are fused."""
    tokenizer = sentencepiece_bpe()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Metaspace(prepend_scheme="first"), decoders.Fuse()])
    tokenizer.add_tokens([AddedToken("[INST]", normalized=False), AddedToken("lantern", lstrip=True, rstrip=True)])
    return tokenizer


def unigram_pieces(**options):
    """[piece, score] by id, as a conversion from sentencepiece notes them."""
    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts.CORPUS), model_writer=file, model_type="unigram", hard_vocab_limit=False,
        normalization_rule_name="identity", minloglevel=2, num_threads=1, **options,
    )  # fmt: skip
    processor = sentencepiece.SentencePieceProcessor(model_proto=file.getvalue())
    return [[processor.id_to_piece(i), processor.get_score(i)] for i in range(processor.get_piece_size())]


def unigram(pieces, unk_id, controls, byte_fallback=False):
    tokenizer = Tokenizer(models.Unigram([tuple(piece) for piece in pieces], unk_id, byte_fallback))
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in controls])
    return tokenizer


def t5():
    controls = ["<pad>", "</s>", "<unk>"]
    pieces = unigram_pieces(vocab_size=380, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    tokenizer = unigram(pieces, 2, controls)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Strip(left=False), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.add_tokens([AddedToken("The", normalized=True), AddedToken("\ufb01sh", normalized=True)])
    return tokenizer


def unigram_bytes():
    """Unigram with byte pieces, lower case, blanks marked by a normalizer, and no pre-tokenizer."""
    pieces = unigram_pieces(vocab_size=560, byte_fallback=True)
    tokenizer = unigram(pieces, 0, CONTROLS, byte_fallback=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(" ", "\u2581")])
    tokenizer.pre_tokenizer = None
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Replace("\u2581", " "), decoders.Fuse()])
    return tokenizer


SHAPES = {
    "smollm2": (smollm2, CHATML + ["<repo_name>"]),
    "qwen2": (qwen2, CHATML + ["<tool_call>", "cafe\u0301"]),
    "llama3": (llama3, HEADERS),
    "llama2": (llama2, CONTROLS + ["<0x41>"]),
    "mistral": (mistral, CONTROLS + ["[INST]", "lantern"]),
    "t5": (t5, ["<pad>", "</s>", "<unk>", "The", "\ufb01sh"]),
    "unigram_bytes": (unigram_bytes, CONTROLS + ["<0xE2>"]),
}


def make(name, folder):
    """Writes folder/tokenizer.json. Returns the tokenizer and the special tokens that its texts should hold."""
    make_shape, specials = SHAPES[name]
    made = make_shape()
    tokenizer, content = made if isinstance(made, tuple) else (made, json.loads(made.to_str()))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")
    return tokenizer, specials
