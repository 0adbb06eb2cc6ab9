#!/usr/bin/env python3
"""Prints the tables of docs/energy.md. Standard library only; the tools must be built.

usage: scripts/energy_tables.py [--model DIR --text FILE] [--energy-model NAME] [ROW ...]     (--list names the rows)

Every row is one run of stac-bench: `--verbose` prints the command.
"""
import argparse
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS = {
    "default": ("T=8 base 2, int8", []),
    "t4": ("T=4 base 3, int8", ["--timesteps", "4", "--base", "3"]),
    "spikes": ("fewest spikes within +1%, int8", ["--max-ratio", "1.01", "--minimise", "spikes"]),
    "energy": ("least energy within +1%, int8", ["--max-ratio", "1.01", "--minimise", "energy"]),
    "f32": ("T=8 base 2, f32 weights", ["--quantize", "none"]),
    "f32-t4": ("T=4 base 3, f32 weights", ["--quantize", "none", "--timesteps", "4", "--base", "3"]),
    "f32-spikes": ("fewest spikes within +1%, f32 weights", ["--quantize", "none", "--max-ratio", "1.01", "--minimise", "spikes"]),
    "f32-energy": ("least energy within +1%, f32 weights", ["--quantize", "none", "--max-ratio", "1.01", "--minimise", "energy"]),
    "f32-gelu": ("T=8 base 2, f32 weights, activation kept", ["--quantize", "none", "--activation", "keep"]),
}
TOTALS = {"products": "products alone: SynOps over multiply-accumulates", "compute": "all compute", "with_memory": "with memory traffic"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--list", action="store_true", help="name the rows and end")
    parser.add_argument("--model", default=str(ROOT / "models/stac-tiny"), help="checkpoint folder (default: %(default)s)")
    parser.add_argument("--text", default=str(ROOT / "configs/text/evaluation_stories.txt"))
    parser.add_argument("--energy-model", default="horowitz-45nm")
    parser.add_argument("--tools", default=str(ROOT / "build/bin"), help="where stac-bench is (default: %(default)s)")
    parser.add_argument("--verbose", action="store_true", help="print the commands")
    args = parser.parse_args()
    unknown = [name for name in args.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row {unknown[0]!r}: choose from {', '.join(ROWS)}")
    return args


def bench(args, flags):
    command = [f"{args.tools}/stac-bench", "--model", args.model, *flags, "--perplexity", args.text, "--energy",
               "--energy-model", args.energy_model, "--json", "--quiet"]
    if args.verbose:
        print("   ", " ".join(command), flush=True)
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    args = arguments()
    if args.list:
        for name, (title, _) in ROWS.items():
            print(f"{name:12} {title}")
        return
    reports = {name: bench(args, ROWS[name][1]) for name in args.rows or ROWS}
    print("| what | perplexity | same top-1 | additions per MAC | silent |")
    print("| --- | --- | --- | --- | --- |")
    for name, report in reports.items():
        spiking, spikes = report["spiking"], report["spikes"]
        print(f"| {ROWS[name][0]} | {100 * (spiking['ratio'] - 1):+.2f}% | {100 * spiking['top1_agreement']:.1f}% | "
              f"{spikes['per_activation']:.3f} | {100 * spikes['silent'] / spikes['windows']:.0f}% |")
    for total, title in TOTALS.items():
        baselines = [c["name"] for c in next(iter(reports.values()))["energy"]["contenders"][1:]]
        print(f"\n{title}\n\n| what | uJ a token | " + " | ".join(baselines) + " |\n" + "| --- " * (len(baselines) + 2) + "|")
        for name, report in reports.items():
            ours, *others = report["energy"]["contenders"]
            joules = ours[total] * 1e-6 / report["energy"]["tokens"]
            print(f"| {ROWS[name][0]} | {joules:.4g} | " + " | ".join(f"{other['spikes_over_it'][total]:.3f}" for other in others) + " |")


if __name__ == "__main__":
    main()
