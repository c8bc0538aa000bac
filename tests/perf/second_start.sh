#!/bin/sh
# How long `terrace` takes, from its start to its end, when one runs already and opens a tab for it
# (control.single_instance = "tab"): the median of 21 starts, in milliseconds. 50 are allowed.
#
#   tests/perf/second_start.sh
#
# TERRACE names the program (target/release/terrace).
set -eu

terrace=${TERRACE:-target/release/terrace}
starts=21
work=$(mktemp -d)
chmod 700 "$work"
server=
window=
cleanup() {
    [ -z "$window" ] || kill "$window" 2>/dev/null || true
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT INT TERM

Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>"$work/display" 2>/dev/null &
server=$!
until [ -s "$work/display" ]; do sleep 0.1; done
export DISPLAY=":$(cat "$work/display")" XDG_RUNTIME_DIR="$work" XDG_CONFIG_HOME="$work/config"
export XDG_STATE_HOME="$work/state" HOME="$work" SHELL=/bin/sh
unset WAYLAND_DISPLAY ENV
mkdir -p "$work/config/terrace"
printf '[control]\nsingle_instance = "tab"\n' >"$work/config/terrace/terrace.toml"
"$terrace" 2>/dev/null &
window=$!
until "$terrace" ctl --all list >/dev/null 2>&1; do sleep 0.1; done

for _ in $(seq "$starts"); do
    begin=$(date +%s%N)
    "$terrace" -e cat
    end=$(date +%s%N)
    echo $(((end - begin) / 1000))
    # The next one finds a window that has drawn its tab.
    sleep 0.3
done | sort -n | awk -v n="$starts" '{ all[NR] = $1 } END { printf "%.1f ms (from %.1f to %.1f)\n", all[(n + 1) / 2] / 1000, all[1] / 1000, all[n] / 1000 }'
