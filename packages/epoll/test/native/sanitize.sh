#!/bin/sh
# The binding tests, those of UDP with all its control data, and the fuzzer under AddressSanitizer and UndefinedBehaviorSanitizer, on objects of their own.
# Needs the built packages (npm run build).
# Extra arguments go to vitest. Not through turbo, which strips LD_PRELOAD.
set -eu
cd "$(dirname "$0")/../.."
flags='-O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined'
CC=gcc CFLAGS="$flags" node build-native.mjs build/Sanitize
export EVLOOP_NATIVE_DIR="$PWD/build/Sanitize"
export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
# Leaks: vite's own native parts leak. Memory that a dlclose has unmapped cannot be reported on either.
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1"
# A million calls with arguments of all kinds, or as many as FUZZ_CALLS says.
node test/programs/fuzzed-binding.mjs "${FUZZ_CALLS:-1000000}" "${FUZZ_SEED:-1}"
exec node ../../node_modules/vitest/vitest.mjs run --root ../.. --project @evloop/epoll \
  native/binding udp/udp-control udp/udp-error udp/udp-input udp/udp-options udp/udp-segments \
  udp/udp-batches udp/udp-getters "$@"
