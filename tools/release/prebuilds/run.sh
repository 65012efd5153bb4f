#!/usr/bin/env bash
# Builds the prebuilt native objects, and tries each where it will run. On Debian, as root, installs what that takes;
# what is not available is left out, and said.
set -euo pipefail
cd "$(dirname "$0")/../../.."
[[ $(uname -s) == Linux ]] || { echo "skipped: the objects are for Linux, and this is $(uname -s)"; exit 0; }

# A file that shows that the package is there, and the package of Debian.
needed() {
  local bin=/usr/bin
  echo "$bin/readelf binutils"
  if [[ $(uname -m) == x86_64 ]]; then
    echo "$bin/x86_64-linux-gnu-gcc gcc"
    echo "$bin/musl-gcc musl-tools"
    echo "$bin/aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu"
    echo "/usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross"
    echo "$bin/qemu-aarch64-static qemu-user-static"
  else
    echo "$bin/aarch64-linux-gnu-gcc gcc"
    echo "$bin/x86_64-linux-gnu-gcc gcc-x86-64-linux-gnu"
    echo "/usr/x86_64-linux-gnu/include/stdio.h libc6-dev-amd64-cross"
  fi
}

missing() { needed | while read -r file package; do [[ -e $file ]] || echo "$package"; done; }

apt() { timeout 180 env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null >/dev/null; }

mapfile -t packages < <(missing)
if ((${#packages[@]})) && ((EUID == 0)) && command -v apt-get >/dev/null; then
  echo "installing: ${packages[*]}"
  { apt update && apt install -y --no-install-recommends "${packages[@]}"; } || true
  mapfile -t packages < <(missing)
fi
partial=()
if ((${#packages[@]})); then
  echo "not to be had here, so some objects are not built or not tried: ${packages[*]}"
  partial=(--partial)
fi
node tools/release/build-prebuilds.mjs "${partial[@]}"
node tools/dev/with-pnpm.mjs node tools/release/check-prebuilds.mjs
