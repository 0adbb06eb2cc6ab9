#!/usr/bin/env bash
# Measures stac-bench --speed and llama.cpp's llama-bench in turn, on random weights of one shape, and prints tokens per second.
# llama-bench is built from the llama-cpp-python source package of PyPI. Needs the network the first time, a build (scripts/build.sh),
# python3 with venv, and cmake.
# usage: scripts/compare_llama_cpp.sh [--shape distilgpt2] [--type q8_0|f16] [--rounds 3] [--threads N] [--prompt-tokens 512] [--gen-tokens 128]
#                                     [--depth 0] [--kv f32|f16|int8] [--folder FOLDER]
#   --shape NAME    a shape of scripts/make_random_checkpoint.py, of the GPT-2 or Llama family
#   --depth N       tokens that both have read before they decode
#   --kv TYPE       how keys and values wait: f32 (default; llama.cpp's f16, which is its own default), f16 both, int8 (its q8_0)
#   --folder FOLDER where llama.cpp and the models are kept (default ./compare-llama-cpp)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
package=llama-cpp-python==0.3.36

usage() { sed -n '5,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }

shape=distilgpt2 type=q8_0 rounds=3 threads=$(nproc) prompt=512 gen=128 depth=0 kv=f32 folder=compare-llama-cpp
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --shape) shape=$2 ;;
    --type) type=$2 ;;
    --rounds) rounds=$2 ;;
    --threads) threads=$2 ;;
    --prompt-tokens) prompt=$2 ;;
    --gen-tokens) gen=$2 ;;
    --depth) depth=$2 ;;
    --kv) kv=$2 ;;
    --folder) folder=$2 ;;
    *) usage ;;
  esac
  shift 2
done
case $kv in
  f32 | f16) llama_kv=() ;;
  int8) llama_kv=(-ctk q8_0 -ctv q8_0 -fa 1) ;;
  *) usage ;;
esac
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

if [ ! -x "$folder/bin/llama-bench" ]; then
  [ -d "$folder/venv" ] || python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet gguf numpy
  "$folder/venv/bin/pip" download --quiet --no-deps --no-binary :all: --dest "$folder" "$package" ||
    { echo "compare_llama_cpp.sh: $package could not be downloaded from PyPI: check the network" >&2; exit 1; }
  tar -xzf "$folder"/llama_cpp_python-*.tar.gz -C "$folder"
  cmake -S "$folder"/llama_cpp_python-*/vendor/llama.cpp -B "$folder/build" -DCMAKE_BUILD_TYPE=Release -DLLAMA_CURL=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_TOOLS=ON -DBUILD_SHARED_LIBS=OFF >/dev/null
  cmake --build "$folder/build" --target llama-bench --parallel "$(nproc)" >/dev/null
  mkdir -p "$folder/bin"
  cp "$folder/build/bin/llama-bench" "$folder/bin/"
fi

checkpoint=$folder/$shape gguf=$folder/$shape-$type.gguf
[ -d "$checkpoint" ] || "$folder/venv/bin/python" "$root/scripts/make_random_checkpoint.py" --shape "$shape" --output "$checkpoint"
[ -f "$gguf" ] || "$folder/venv/bin/python" "$root/scripts/random_gguf.py" --checkpoint "$checkpoint" --type "$type" --output "$gguf"

artifact=$folder/$shape-snn
[ -d "$artifact" ] ||
  "$root/build/bin/stac-convert" --model "$checkpoint" --simplified --activation keep --quantize int8 --output "$artifact" --quiet

llama() { "$folder/bin/llama-bench" -m "$gguf" -t "$threads" -r 3 -o json "${llama_kv[@]}" "$@" 2>/dev/null; }
stac() {
  "$root/build/bin/stac-bench" --model "$artifact" --speed --kv-dtype "$kv" --repetitions 3 --threads "$threads" --quiet --json="$1" "${@:2}" >/dev/null
}

for round in $(seq "$rounds"); do
  echo "measuring: round $round of $rounds" >&2
  llama -p "$prompt" -n 0 >"$folder/llama-prefill-$kv-$round.json"
  stac "$folder/stac-prefill-$kv-$round.json" --prompt-tokens "$prompt" --gen-tokens 1
  llama -p 0 -n "$gen" -d "$depth" >"$folder/llama-decode-$kv-$round.json"
  stac "$folder/stac-decode-$kv-$round.json" --prompt-tokens $((depth > 0 ? depth : 1)) --gen-tokens "$gen"
done

python3 - "$folder" "$rounds" "$shape" "$type" "$threads" "$prompt" "$gen" "$depth" "$kv" <<'PYTHON'
import json, statistics, sys
folder, rounds, shape, kind, threads, prompt, gen, depth, kv = sys.argv[1:]
llama = f"llama.cpp {kind}, cache {'q8_0' if kv == 'int8' else 'f16'}"
stac = f"STAC, T=8, int8, cache {kv}"
rows = {llama: ([], []), stac: ([], []), "dense LibTorch f32": ([], [])}
for number in range(1, int(rounds) + 1):
    for column, what in enumerate(("prefill", "decode")):
        rows[llama][column].append(json.load(open(f"{folder}/llama-{what}-{kv}-{number}.json"))[0]["avg_ts"])
        speed = json.load(open(f"{folder}/stac-{what}-{kv}-{number}.json"))["speed"]
        for name, key in ((stac, "spiking"), ("dense LibTorch f32", "dense")):
            if speed[key]:
                rows[name][column].append(speed[key][what + "_tokens_per_second"])
print(f"{shape}, {threads} threads, tokens per second, median of {rounds} rounds in turn (least to most)\n")
print(f"| what | prefill of {prompt} | decode of {gen} behind {depth} |\n| --- | --- | --- |")
base = [statistics.median(column) for column in rows[llama]]
for name, columns in rows.items():
    if columns[0]:
        cells = (f"{statistics.median(c):.1f} ({min(c):.1f} to {max(c):.1f}), {statistics.median(c) / b:.2f}x" for c, b in zip(columns, base))
        print(f"| {name} | " + " | ".join(cells) + " |")
PYTHON
