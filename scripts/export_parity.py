#!/usr/bin/env python3
"""Holds exported TorchScript modules, run by Python's PyTorch, against the engine on one text. Needs torch and transformers, and
sentencepiece for a model whose tokenizer it is.

usage: scripts/export_parity.py [MODEL ...] [--timesteps 4,8,16]     (checkpoint folders; default: the bundled model)

Each row is one `stac-convert --simplified --torchscript` and one `stac-bench --perplexity` of what it wrote: total spikes and
perplexity of the module over the engine's, and how often each has transformers' dense model's most likely token.
"""
import argparse
import json
import math
import pathlib
import subprocess
import tempfile

import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXT = ROOT / "configs/text/evaluation_stories.txt"


def tool(args, name, *flags):
    command = [str(pathlib.Path(args.tools) / name), *map(str, flags), "--quiet"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def converted(args, model, timesteps, folder):
    """Writes artifact and module; the engine's report."""
    tool(args, "stac-convert", "--model", model, "--timesteps", timesteps, "--simplified", "--output", folder, "--torchscript",
         folder / "module.pt")
    return json.loads(tool(args, "stac-bench", "--model", folder, "--perplexity", TEXT, "--windows", args.windows, "--context",
                           args.context, "--json"))


def tokens(folder):
    """The text's ids, and that of BOS."""
    text = TEXT.read_text(encoding="utf-8")
    if not (folder / "tokenizer.json").exists():
        import sentencepiece

        pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        return pieces.encode(text), pieces.bos_id()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer.bos_token_id


def windows(args, model, with_bos):
    """The windows that docs/evaluation.md describes."""
    ids, bos = tokens(pathlib.Path(model))
    begin = [bos] if with_bos else []
    step = args.context - len(begin)
    return torch.tensor([begin + ids[i * step : (i + 1) * step] for i in range(args.windows)])


def perplexity(logits, ids):
    losses = torch.nn.functional.cross_entropy(logits.double().flatten(0, 1), ids[:, 1:].flatten())
    return math.exp(losses.item())


def row(args, model, timesteps):
    with tempfile.TemporaryDirectory() as temporary, torch.no_grad():
        folder = pathlib.Path(temporary) / "artifact"
        report = converted(args, model, timesteps, folder)
        network = torch.jit.load(folder / "module.pt")
        ids = windows(args, model, report["text"]["bos"])
        logits, _, spikes = network(ids[:, :-1])  # as the engine, which does not read what nothing follows
        dense = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)(ids[:, :-1]).logits
    engine = report["spiking"]
    engine_spikes = sum(site["spikes"] for site in report["spikes"]["sites"])
    agreement = (logits.argmax(-1) == dense.argmax(-1)).double().mean().item()
    print(f"| {pathlib.Path(model).name} | {timesteps} | {spikes.sum().item() / engine_spikes:.6f} "
          f"| {perplexity(logits, ids) / engine['perplexity']:.6f} | {100 * agreement:.2f}% | {100 * engine['top1_agreement']:.2f}% |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[str(ROOT / "models/stac-tiny")])
    parser.add_argument("--timesteps", default="4,8,16")
    parser.add_argument("--windows", type=int, default=8)
    parser.add_argument("--context", type=int, default=128)
    parser.add_argument("--tools", default=str(ROOT / "build/bin"))
    args = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    print(f"PyTorch {torch.__version__}, {args.windows} windows of {args.context} tokens of {TEXT.name}\n")
    print("| model | T | spikes, module / engine | perplexity, module / engine | top-1 with dense: module | engine |")
    print("| --- | --- | --- | --- | --- | --- |")
    for model in args.models:
        for timesteps in args.timesteps.split(","):
            row(args, model, timesteps)


if __name__ == "__main__":
    main()
