#!/usr/bin/env bash
# Every test, from a fresh checkout: set-up, formatting, build, ctest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --tests
git ls-files -- '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
scripts/build.sh -DSTAC_BUILD_TESTS=ON
ctest --preset release --parallel "$(nproc)"
