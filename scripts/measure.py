#!/usr/bin/env python3
"""Measures what README.md and docs/theory.md state, and prints it as their tables. Standard library only; the tools must be built.

usage: scripts/measure.py [TABLE ...]     (all of them, if none is named; --list names them)

Every row is one run of stac-bench on the bundled model (or --model DIR): `--verbose` prints the command.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXTS = {"stories": ROOT / "configs/text/evaluation_stories.txt", "dialogues": ROOT / "configs/text/evaluation_dialogues.txt"}
FROZEN = ["--activation", "keep", "--quantize", "none"]
REPAIRED = ["--activation", "relu", "--quantize", "none"]


def phase(timesteps, base):
    return [f"T={timesteps} base {base}", ["--timesteps", str(timesteps), "--base", str(base)]]


WINDOWS = [phase(8, 2), phase(5, 3), phase(4, 3), phase(3, 3)]
CODES = [phase(8, 2), ["rate T=8", ["--code", "rate", "--timesteps", "8"]], ["rate T=64", ["--code", "rate", "--timesteps", "64"]],
         ["lif tau 4, T=8", ["--code", "lif", "--tau", "4", "--timesteps", "8"]]]
GOALS = [[f"{goal} within +1%", ["--max-ratio", "1.01", "--minimise", goal.split()[1]]] for goal in ("fewest spikes", "fewest timesteps", "least energy")]
# name: (what it shows, flags of every row, rows, on planted outlier channels)
TABLES = {
    "frozen": ("GELU kept, weights as they are", FROZEN, WINDOWS, False),
    "repaired": ("ReLU for GELU, down projections refitted", REPAIRED, WINDOWS, False),
    "planted-frozen": ("planted outlier channels, GELU kept", FROZEN, WINDOWS, True),
    "planted-repaired": ("planted outlier channels, ReLU", REPAIRED, WINDOWS, True),
    "codes": ("codes, GELU kept, weights as they are", FROZEN, CODES, False),
    "static": ("static thresholds, T=8 base 2", ["--threshold", "static"],
               [["GELU kept", FROZEN], ["ReLU", REPAIRED], ["ReLU, int8", []]], False),
    "int8": ("int8 weights, T=8 base 2", ["--quantize", "int8"], [["GELU kept", ["--activation", "keep"]], ["ReLU (the tools' default)", []]], False),
    "goals": ("codes chosen site by site, ReLU, weights as they are", REPAIRED, GOALS, False),
    "goals-int8": ("codes chosen site by site, ReLU, int8", [], GOALS, False),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--list", action="store_true", help="name the tables and end")
    parser.add_argument("--model", default=str(ROOT / "models/stac-tiny"), help="checkpoint folder (default: %(default)s)")
    parser.add_argument("--text", action="append", metavar="FILE", help="measure on this text instead of the bundled ones (repeatable)")
    parser.add_argument("--tools", default=str(ROOT / "build/bin"), help="where stac-bench is (default: %(default)s)")
    parser.add_argument("--context", default="256")
    parser.add_argument("--verbose", action="store_true", help="print the commands")
    args = parser.parse_args()
    unknown = [name for name in args.tables if name not in TABLES]
    if unknown:
        parser.error(f"no table {unknown[0]!r}: choose from {', '.join(TABLES)}")
    return args


def bench(args, model, flags, text):
    command = [f"{args.tools}/stac-bench", "--model", str(model), *flags, "--perplexity", str(text), "--context", args.context, "--json", "--quiet"]
    if args.verbose:
        print("   ", " ".join(command))
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def row(label, text, report):
    spiking = report["spiking"]
    return (f"| {label} | {text} | {report['dense']['perplexity']:.3f} | {100 * (spiking['ratio'] - 1):+.2f}% | {spiking['kl']:.4f} | "
            f"{100 * spiking['top1_agreement']:.1f}% | {spiking['distinct_predictions']} of {report['dense']['distinct_predictions']} | "
            f"{report['spikes']['per_activation']:.2f} |")


def print_table(args, name, model):
    title, common, rows, _ = TABLES[name]
    texts = {pathlib.Path(text).stem: text for text in args.text} if args.text else TEXTS
    print(f"\n{title} (`scripts/measure.py {name}`):\n")
    print("| what | text | dense perplexity | spiking | KL | same top-1 | distinct predictions | additions per MAC |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for label, flags in rows:
        for text, path in texts.items():
            print(row(label, text, bench(args, model, [*common, *flags], path)), flush=True)


def planted(folder, args):
    target = pathlib.Path(folder) / "planted"
    if not target.exists():
        subprocess.run([sys.executable, ROOT / "scripts/plant_outliers.py", "--model", args.model, "--output", target], check=True, capture_output=True)
    return target


def main():
    args = arguments()
    if args.list:
        for name, (title, *_) in TABLES.items():
            print(f"{name:18} {title}")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in args.tables or TABLES:
            print_table(args, name, planted(folder, args) if TABLES[name][3] else args.model)


if __name__ == "__main__":
    main()
