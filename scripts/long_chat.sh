#!/usr/bin/env bash
# Writes docs/long_chat.md: a chat of 100 turns with the bundled model, and what it forgot on the way.
# usage: scripts/long_chat.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
chat=${1:-build}/bin/stac-chat
command='stac-chat --model stac-tiny --script configs/dialogues/long_chat.jsonl --max-new-tokens 60'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$chat --quiet ${command#stac-chat } "--json=$work/report.json" >"$work/transcript"
python3 - "$command" "$work" >"$work/long_chat.md" <<'PYTHON'
import json
import sys

command, work = sys.argv[1:]
report = json.load(open(f"{work}/report.json"))
agreement = report["source_agreement"]
forgotten = [one for turn in report["turns"] for one in turn["forgotten"]]
print(f"""# A long chat

100 turns with the bundled model, spiking, its {report["context"]} positions full again and again: the oldest turns are forgotten then, the
chat says so, and goes on with the rest, read again. Facts are told in turns 1 to 5 and asked while they are in the context; turn 40 asks
for one that is not. Made by `scripts/long_chat.sh`:

    {command}

It forgot {len(forgotten)} times, {sum(one["turns"] for one in forgotten)} turns of {sum(one["tokens"] for one in forgotten)} tokens in all;
{report["totals"]["tokens"]} tokens were answered with {report["totals"]["spikes_per_activation"]:.2f} spikes per activation. Of {agreement["answers_compared"]} answers that could
be compared (nothing was forgotten while they were written) {agreement["answers_identical"]} are the dense source's, word for word: what is not known there is not known here
either. The others say where they part, and how far the source's first choice was ahead of its second there.
""")
turn = 0
for line in open(f"{work}/transcript", encoding="utf-8").read().splitlines()[:-1]:
    if line.startswith("user: "):
        turn += 1
        line = f"{turn}. {line}"
    print("    " + line if line else "")
PYTHON
mv "$work/long_chat.md" docs/long_chat.md
