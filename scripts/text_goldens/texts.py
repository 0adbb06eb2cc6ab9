"""Strings that tokenizers stumble over, and a small corpus to train tokenizers on."""

import itertools
import random

NAMES = ["Mira", "Tobias", "Anneliese", "Rafael", "Ingrid", "Kwame", "Yuki", "Leila"]
THINGS = ["river", "lantern", "bicycle", "orchard", "telescope", "kitchen", "harbour", "library", "compass", "garden"]
VERBS = ["painted", "found", "repaired", "forgot", "carried", "described", "sold", "remembered"]
TIMES = ["yesterday", "in the morning", "after lunch", "last winter", "before the storm", "on Tuesday"]

CORPUS = [
    f"{name} {verb} the {thing} {time}, and it wasn't the first time."
    for (name, verb, thing), time in zip(itertools.product(NAMES, VERBS, THINGS), itertools.cycle(TIMES))
] + [
    "def add(a, b):\n    return a + b\n",
    "for (int i = 0; i < 10; ++i) {\n\tsum += values[i];\n}\n",
    "I'm sure they'll say we've won, don't you think? It's what she'd want; you're right.",
    "The year 1984 came before 2024, and 3.14159 is close to pi.",
    "Grüße aus München, où le café coûte 3,50 €. ¿Qué tal? Привет, мир! 你好，世界。こんにちは",
]

CONTRACTIONS = [
    "I'm", "you're", "he's", "they've", "we'll", "she'd", "isn't", "I'M", "YOU'RE", "can't've", "'tis", "rock'n'roll",
    "it''s", "'s", "x's y's", "don\u2019t", "'re're", "O'Neill's", "I'd've", "'ll", "L'été", "y'all'd",
]  # fmt: skip
BLANKS = [
    "", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n", "\n ", "\t\t", " \t ", "a  b", "a   b", "a    b", "  a",
    "a  ", "a \n b", "a\n\nb", "a\n \nb", "a\t\tb", "\n\n\na", "a\n\n\n", " a b ", "\u00a0", "a\u00a0b", "\u3000a\u3000",
    "\u2003x", "\u2028y", "a\u0085b", "a\u180eb", "a\u200bb", "a\x1cb", "\x0b\x0c", "a \u00a0 b", "   \u00a0a", " " * 40,
    "x" + " " * 17 + "y", "\n" * 12, "\t" * 9 + "z", " \n" * 6, "\u1680\u2000\u205f", "end. ", "end.  Next",
]  # fmt: skip
DIGITS = [
    "1", "12", "123", "1234", "12345678", "3.14", "1,000,000", "2024-11-23", "1e-5", "0xFF", "007", "1st 2nd", "a1b2c3",
    "\u00b2\u00b3", "\u2163", "\u0661\u0662\u0663", "\uff11\uff12", "\u00bd cup", "10%", "$5.00", "5\u20ac", "1/2", "-7", "+1 555 0100",
    "v1.2.3", "\u2460\u2461", "1 2 3",
]  # fmt: skip
CODE = [
    "def f(x):\n    return x**2", "if (a && !b) { c++; }", "#include <vector>\n", "x = [i for i in range(10)]",
    "SELECT * FROM t WHERE a='b';", "<div class=\"c\">&amp;</div>", "a->b::c<d>()", "\\n \\t \\\\", "printf(\"%d\\n\", x);",
    "http://example.org/a?b=c&d=e#f", "user@example.org", "C:\\path\\file.txt", "/usr/bin/env", "$HOME/${x}", "{{ x }}{% y %}",
    "----", "====", "....", "!!!", "?!?!", "(((", "a_b_c", "camelCaseName", "SCREAMING_SNAKE", "`code`", "**bold**", "~~~",
    "\t\tif x:\n\t\t\tpass\n", "{\"k\": [1, 2.5, null]}", "\x00", "\x01\x02", "\x7f", "a\x00b",
]  # fmt: skip
EMOJI = [
    "\U0001f600", "\U0001f600\U0001f601", "hi \U0001f44b!", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f3f3\ufe0f\u200d\U0001f308", "\u2764\ufe0f", "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3", "\U0001f9d1\U0001f3ff\u200d\U0001f680 go",
    "\u263a", "\u2603 snow", "\U0001f600 \U0001f600", "a\U0001f600b", "\U0001fae8",
]  # fmt: skip
SCRIPTS = [
    "\u4f60\u597d", "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "\u6771\u4eac\u90fd", "\u3053\u3093\u306b\u3061\u306f", "\u30ab\u30bf\u30ab\u30ca", "\uc548\ub155\ud558\uc138\uc694",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645", "\u05e9\u05dc\u05d5\u05dd", "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "\u041f\u0440\u0438\u0432\u0435\u0442", "\u0393\u03b5\u03b9\u03ac", "na\u00efve caf\u00e9", "nai\u0308ve cafe\u0301", "A\u030angstro\u0308m", "\u1e69", "s\u0323\u0307", "Stra\u00dfe",
    "\u0130stanbul", "\ufb01sh", "\u01c5", "\u2126", "\ud55c\uae00 \uc790\ubaa8 \u1112\u1161\u11ab", "e\u0301\u0301\u0301", "\u0301", "\u200d", "\u202eabc", "\ufeffBOM", "\ufffd",
    "\u0627\u200c\u0628", "\U0001d54f", "\U00020000", "z\u0351\u036b\u0343a\u0363l\u0364", "\u2581x", "\u0120x", "\u010a", "\u0109", "M\u00fcller's", "\u00bfQu\u00e9?", "\u201cquoted\u201d",
    "\u2014 dash \u2013", "\u2026", "\u2122\u00ae", "\u4e2d\u6587English\u4e2d\u6587", "\u00e9\u00e9\u00e9", "\u0441\u043ech\u0435",
]  # fmt: skip
WORDS = [
    "hello", " hello", "Hello world", "HELLO", "hello, world!", "The quick brown fox jumps over the lazy dog.",
    "Once upon a time, there was a little girl named Lily.", "antidisestablishmentarianism", "a", "I", "Mira found the lantern.",
    "What's the capital of France?", "My name is Alice Smith and I am from New York.", "aaaaaaaaaaaaaaaaaaaaaaaaa",
    "wordword word words wordy word, sword", "the the the", "two words", "x two words y", "A.B.C.", "e.g. this", "co-operate",
]  # fmt: skip

LONG_WORDS = [("a", 10000), ("ab", 5000), ("aeiouxyz", 1250), ("\u00e9", 10000), ("\U0001f600", 10000), ("1", 10000),
              (" ", 10000), ("\n", 10000), ("!", 10000), ("the", 3334), ("lantern ", 1250)]  # fmt: skip


CORPUS += CONTRACTIONS + CODE + WORDS + [text for text in SCRIPTS if text.strip()]
CORPUS = [text.replace("\x00", " ") for text in CORPUS]

# What one small sentencepiece model normalizes, as "source<TAB>target" in hexadecimal code points.
NORMALIZATION = "FB01\t66 69\nFF11\t31\nFF12\t32\n3000\t20\nA0\t20\n9\t20\n"


def with_specials(specials):
    """Special tokens alone, in words, side by side, with blanks, and broken ones."""
    for token in specials:
        yield from (token, f"a{token}b", f"a {token} b", f"{token}{token}", f" {token}\n", f"  {token}  x")
        yield from (token[:-1], token[1:], token.upper(), f"{token[:-1]} {token[-1]}")
    yield "".join(specials)
    yield " ".join(specials)


def mixtures(count):
    """Random joins of everything above, by a fixed seed."""
    generator = random.Random(20)
    parts = CONTRACTIONS + BLANKS[:30] + DIGITS + CODE + EMOJI + SCRIPTS + WORDS
    for _ in range(count):
        yield "".join(generator.choice(parts) for _ in range(generator.randint(2, 5)))


def strings(specials):
    fixed = CONTRACTIONS + BLANKS + DIGITS + CODE + EMOJI + SCRIPTS + WORDS
    return list(dict.fromkeys(fixed + list(with_specials(specials)) + list(mixtures(60))))


def id_sequences(vocab_size):
    """Ids in an order that no text gives: byte pieces cut off, control pieces anywhere."""
    generator = random.Random(21)
    for _ in range(120):
        low = generator.random() < 0.6  # control and byte pieces come first in a vocabulary
        bound = min(270, vocab_size) if low else vocab_size
        yield [generator.randrange(bound) for _ in range(generator.randint(1, 7))]
