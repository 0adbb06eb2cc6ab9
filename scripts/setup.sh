#!/usr/bin/env bash
# Installs what building STAC needs from Debian's packages. Safe to run again: it does nothing where nothing is missing.
# usage: scripts/setup.sh [--tests]     --tests adds what only the tests need
set -euo pipefail

packages=(g++ cmake ninja-build ccache pkg-config libtorch-dev libopenblas0-pthread libdnnl-dev libhwy-dev libcli11-dev
  nlohmann-json3-dev libspdlog-dev libsentencepiece-dev libpcre2-dev libutf8proc-dev libssl-dev
  libcurl4-openssl-dev libedit-dev ca-certificates)
case ${1:-} in
  --tests) packages+=(git libgtest-dev libgmock-dev clang-format python3-numpy) ;;
  "") ;;
  *) echo "setup.sh: unknown argument '$1'; usage: scripts/setup.sh [--tests]" >&2; exit 2 ;;
esac

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup.sh: needs root or sudo to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup.sh: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
