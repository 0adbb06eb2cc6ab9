#!/usr/bin/env bash
# Configures and builds the release preset. usage: scripts/build.sh [CMAKE ARGUMENTS...]
set -euo pipefail
cd "$(dirname "$0")/.."

# A LibTorch translation unit takes about 1.2 GB to compile.
memory_jobs=$(awk '/MemAvailable/ {print int($2 / 1200000)}' /proc/meminfo)
jobs=$(nproc)
[ "$memory_jobs" -ge "$jobs" ] || jobs=$((memory_jobs > 0 ? memory_jobs : 1))

cmake --preset release "$@"
cmake --build --preset release --parallel "$jobs"
