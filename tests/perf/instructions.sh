#!/bin/sh
# Instructions that the core needs for a megabyte of three payloads, counted by callgrind, beside those
# kept in instructions.txt. Says what changed and never fails: counts depend on the processor's vector
# instructions and on the compiler. `update` keeps the new counts.
set -u
cd "$(dirname "$0")/../.." || exit 0
kept=tests/perf/instructions.txt

if ! command -v valgrind >/dev/null 2>&1; then
    echo "instructions: valgrind is missing, so nothing is counted (apt-get install valgrind)"
    exit 0
fi
bench=$("${CARGO:-cargo}" bench --locked --package terminal --bench cores --no-run 2>&1 |
    sed -n 's/.*Executable .*(\(.*\))$/\1/p')
if [ ! -x "$bench" ]; then
    echo "instructions: the benchmark does not build"
    exit 0
fi

# Instructions of a run that feeds the payload so many times.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" --feed "$2" "$1" 2>&1 |
        sed -n 's/.*Collected : *\([0-9]*\).*/\1/p'
}

new=$(mktemp)
trap 'rm -f "$new"' EXIT
echo "# Instructions for a megabyte; see instructions.sh." >"$new"
for payload in ascii_lines sgr_light unicode; do
    # The first megabytes fill tables; starting up and making the payload cancel out.
    few=$(count "$payload" 2)
    many=$(count "$payload" 6)
    now=$(((${many:-0} - ${few:-0}) / 4))
    before=$(sed -n "s/^$payload //p" "$kept" 2>/dev/null)
    echo "$payload $now" >>"$new"
    awk -v name="$payload" -v now="$now" -v before="${before:-0}" 'BEGIN {
        printf "%-12s %9.2f million instructions a megabyte", name, now / 1e6
        if (before > 0) printf ", kept %.2f: %+.1f %%", before / 1e6, (now / before - 1) * 100
        print ""
    }'
done
if [ "${1:-}" = update ]; then
    cp "$new" "$kept"
fi
