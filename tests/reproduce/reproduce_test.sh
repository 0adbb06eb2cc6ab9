#!/usr/bin/env bash
# scripts/reproduce.sh from download to figures, against a hub of the test's own with a small random model and made-up text.
# usage: tests/reproduce/reproduce_test.sh SOURCE BUILD
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 "$source/scripts/make_random_checkpoint.py" --shape distilgpt2 --layers 2 --hidden 32 --heads 2 --vocab 300 \
  --output "$work/model"
python3 - "$work" <<'END'
import pathlib, random, sys, zipfile
work = pathlib.Path(sys.argv[1])
words = random.Random(0)
lines = [" " if words.random() < 0.3 else " ".join(words.choice(["the", "cat", "sat", "= =", "on"]) for _ in range(20)) for _ in range(300)]
(work / "data").mkdir()
with zipfile.ZipFile(work / "data/wikitext-2-raw-v1.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("wikitext-2-raw/wiki.test.raw", "\n".join(lines) + "\n")
END

cd "$work"
export HF_HOME=$work/home XDG_STATE_HOME=$work/state HF_TOKEN=
unset HF_HUB_OFFLINE TRANSFORMERS_OFFLINE HF_HUB_CACHE HUGGINGFACE_HUB_CACHE http_proxy https_proxy all_proxy
"$build/bin/stac_hub_server" "models/distilbert/distilgpt2=$work/model" "datasets/ggml-org/ci=$work/data" -- \
  "$source/scripts/reproduce.sh" distilgpt2 --windows 2 --output out > out.txt 2> err.txt || { cat out.txt err.txt; exit 1; }
cat err.txt out.txt
grep -q 'downloading distilbert/distilgpt2 (main, commit 0123456789ab)' err.txt
grep -q 'is not the known wiki.test.raw' err.txt
grep -q 'dense 53.64, spiking 2,193' out.txt
python3 - <<'END'
import json, math
report = json.load(open("out/report.json"))
assert report["text"]["windows"] == 2 and report["text"]["context"] == 256, report["text"]
assert math.isfinite(report["dense"]["perplexity"]) and math.isfinite(report["spiking"]["perplexity"])
END
