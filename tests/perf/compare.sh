#!/bin/sh
# Measures Terrace beside its peers, the same way in one run, and writes tables; see RESULTS.md for what they say.
#
#   HARNESS=DIR tests/perf/compare.sh [TESTS]      e.g. HARNESS=../shared/perf tests/perf/compare.sh latency,startup
#
# HARNESS is the folder of the peers' harness: run.py, report.py, terminals.py; its peers.sh puts the peers in place.
# OUT (default target/perf) gets results.jsonl, more.jsonl and tables.md. TERMS names the terminals, ROUNDS how
# often each is measured. Needs root, as the harness does; nothing else should run meanwhile.
set -eu
cd "$(dirname "$0")/../.."
: "${HARNESS:?the folder of the peers\' harness}"
OUT=${OUT:-target/perf}
TERMS=${TERMS:-null,alacritty,kitty,foot,xterm,terrace}
TESTS=${1:-throughput,micro,startup,latency,memory,resize,windows,cpu}
TERRACE_BIN=${TERRACE_BIN:-$PWD/target/release/terrace}
export TERRACE_BIN
if [ ! -x "$TERRACE_BIN" ]; then
    echo "compare: no $TERRACE_BIN; run make build first" >&2
    exit 1
fi
mkdir -p "$OUT"
for test in $(echo "$TESTS" | tr ',' ' '); do
    python3 "$HARNESS/run.py" --terms "$TERMS" --tests "$test" --out "$OUT" ${ROUNDS:+--rounds "$ROUNDS"}
done
# What the peers' harness does not have. The core alone, for `terrace dump`, is the benchmark's `--feed`.
if [ -z "${1:-}" ]; then
    CORES_BENCH=${CORES_BENCH:-$("${CARGO:-cargo}" bench --locked --package terminal --bench cores --no-run 2>&1 |
        sed -n 's/.*Executable .*(\(.*\))$/\1/p')}
    export CORES_BENCH
    python3 tests/perf/more.py "$HARNESS" "$OUT"
fi
{
    echo "Commit $(git rev-parse --short HEAD), $("$TERRACE_BIN" --version)"
    echo
    python3 "$HARNESS/report.py" "$OUT/results.jsonl"
} >"$OUT/tables.md"
echo "Tables: $OUT/tables.md"
