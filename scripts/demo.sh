#!/usr/bin/env bash
# From a fresh checkout to a spiking model that talks: set-up, build, then the main job on the bundled model.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
scripts/build.sh -DSTAC_BUILD_TESTS=OFF

show() {
  printf '\n$ %s\n' "$*"
  "build/bin/$@"
}
show stac-convert --model stac-tiny --timesteps 8 --simplified --output build/stac-tiny-snn-t8 --force
show stac-bench --perplexity configs/text/evaluation_stories.txt --context 256 --windows 20
show stac-bench --energy
show stac-chat --turns 3
