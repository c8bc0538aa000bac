#!/bin/sh
# Builds Terrace twice: once to learn what it does with what programs print (profile-guided optimization), once with
# that knowledge. Takes twice as long as `make build`. Needs the llvm-profdata of the compiler's LLVM.
set -eu
cd "$(dirname "$0")/../.."
CARGO=${CARGO:-cargo}
dir=$PWD/${CARGO_TARGET_DIR:-target}/pgo
case ${CARGO_TARGET_DIR:-} in /*) dir=$CARGO_TARGET_DIR/pgo ;; esac

# Beside cargo, as rustup has it; which need not be on the path.
rustc=$(dirname "$CARGO")/rustc
[ -x "$rustc" ] || rustc=rustc
tool=${LLVM_PROFDATA:-}
if [ -z "$tool" ]; then
    for candidate in "$("$rustc" --print sysroot)"/lib/rustlib/*/bin/llvm-profdata; do
        [ -x "$candidate" ] && tool=$candidate
    done
fi
tool=${tool:-$(command -v llvm-profdata || true)}
version() { sed -n 's/.*LLVM version:* \([0-9]*\).*/\1/p' | head -1; }
wanted=$("$rustc" -vV | version)
if [ -z "$tool" ] || [ "$("$tool" --version | version)" != "$wanted" ]; then
    echo "pgo: no llvm-profdata of LLVM $wanted: rustup component add llvm-tools, or name one in LLVM_PROFDATA" >&2
    exit 1
fi

echo "pgo 1/4: what programs print"
"$CARGO" bench --quiet --locked --package terminal --bench cores -- --write "$dir/payloads"

echo "pgo 2/4: a build that counts"
rm -rf "$dir/raw"
RUSTFLAGS="${RUSTFLAGS:-} -Cprofile-generate=$dir/raw" \
    "$CARGO" build --quiet --release --locked --package app --target-dir "$dir/counting"

echo "pgo 3/4: counting"
terrace=$dir/counting/release/terrace
XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR
trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
for payload in "$dir"/payloads/*; do
    for _ in 1 2 3; do
        "$terrace" dump "$payload" >/dev/null
    done
    "$terrace" shot --cols 100 --rows 30 -o "$XDG_RUNTIME_DIR/shot.png" "$payload"
    rm -f "$XDG_RUNTIME_DIR/shot.png"
done
if command -v xvfb-run >/dev/null 2>&1; then
    xvfb-run -a "$terrace" -o history.enabled=false -- sh -c 'for i in 1 2 3 4; do cat "$@"; done' sh "$dir"/payloads/*
else
    echo "pgo: without xvfb-run the window is not among what is counted"
fi
"$tool" merge -o "$dir/terrace.profdata" "$dir/raw"

echo "pgo 4/4: the build"
RUSTFLAGS="${RUSTFLAGS:-} -Cprofile-use=$dir/terrace.profdata" \
    "$CARGO" build --quiet --release --locked --package app --target-dir "$dir/build"
echo "Built: $dir/build/release/terrace"
