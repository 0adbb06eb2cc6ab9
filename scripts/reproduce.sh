#!/usr/bin/env bash
# Downloads a model and WikiText-2 from the Hugging Face hub, converts the model, and prints its perplexity, dense and spiking,
# beside what the Python original published. Needs the network, a build (scripts/build.sh), and unzip or python3.
# usage: scripts/reproduce.sh distilgpt2|smollm2-135m|smollm2-1.7b [--text FILE] [--windows N] [--output FOLDER]
#   --text FILE     the raw test text, where it cannot be downloaded: wiki.test.raw of wikitext-2-raw-v1.zip
#   --windows N     windows of 256 tokens to read (default 31: the first 8,000 tokens, as the original reads)
#   --output FOLDER where the spiking model and the text go (default ./reproduce-MODEL)
set -euo pipefail
tools=$(cd "$(dirname "$0")/../build/bin" && pwd)

# The raw text as llama.cpp's benchmarks take it.
archive=hf://datasets/ggml-org/ci/wikitext-2-raw-v1.zip
member=wikitext-2-raw/wiki.test.raw
known_text=173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08

usage() { sed -n '4,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }

model=${1:-}
[ $# -gt 0 ] && shift
case $model in
  distilgpt2) published='dense 53.64, spiking 2,193 (T=8, 97.2% of MACs)' ;;
  smollm2-135m) published='dense 20.79; spiking 25,353 (T=8, before its fix of rotary positions)' ;;
  smollm2-1.7b) published='nothing: it was not run' ;;
  *) usage ;;
esac
text='' windows=31 output=reproduce-$model
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --text) text=$2 ;;
    --windows) windows=$2 ;;
    --output) output=$2 ;;
    *) usage ;;
  esac
  shift 2
done
mkdir -p "$output"

if [ -z "$text" ]; then
  zip=$("$tools/stac-convert" --fetch "$archive")
  text=$output/wiki.test.raw
  if command -v unzip >/dev/null; then
    unzip -p "$zip" "$member" > "$text"
  else
    python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$zip" "$member" > "$text"
  fi
fi
[ "$(sha256sum < "$text" | cut -d' ' -f1)" = "$known_text" ] ||
  echo "reproduce.sh: $text is not the known wiki.test.raw: figures on it compare with no published one" >&2

# The original joins the lines that are not blank, with their ends, by two more line ends.
awk 'NF { printf "%s%s\n", separator, $0; separator = "\n\n" }' "$text" > "$output/wikitext-2-test.txt"

"$tools/stac-convert" --model "$model" --timesteps 8 --output "$output/snn" --force
"$tools/stac-bench" --model "$output/snn" --perplexity "$output/wikitext-2-test.txt" --context 256 --windows "$windows" \
  --json="$output/report.json"
cat <<END

published by the Python original (iLevyTate/stac 4.0.0) for $model: $published
Its windows of 256 tokens overlap by half and only their second halves are scored; those above do not overlap, so that dense
perplexity comes out higher. Compare the ratios. The report: $output/report.json
END
