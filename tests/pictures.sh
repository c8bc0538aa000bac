#!/bin/sh
# Makes a picture of each state of the chrome — tab bar, borders, palette, messages, questions — in the real window
# under Xvfb, to be looked at. Nothing is compared.
#
#   tests/pictures.sh FOLDER [THEME [SCALE [STATE…]]]
#   tests/pictures.sh --all FOLDER [STATE…]    the darkest and the lightest theme at 1, 1.5 and 2, and sheets of them
#
# THEME and SCALE are "Terrace Dark" and 1 if nothing else is said; without a STATE, all are made.
# TERRACE names the program (target/debug/terrace).
set -eu

if [ "${1:-}" = --all ]; then
    all=${2:?"usage: tests/pictures.sh --all FOLDER [STATE...]"}
    shift 2
    for theme in "Tomorrow Night Bright" "GitHub Light"; do
        for scale in 1 1.5 2; do
            folder="$all/$theme $scale"
            "$0" "$folder" "$theme" "$scale" "$@"
            if command -v montage >/dev/null; then
                montage "$folder"/*.png -tile 3x -geometry 620x+6+6 -background gray "$all/$theme $scale.png"
            fi
        done
    done
    exit
fi

out=${1:?"usage: tests/pictures.sh FOLDER [THEME [SCALE [STATE...]]]"}
theme=${2:-Terrace Dark}
scale=${3:-1}
[ $# -gt 3 ] && shift 3 || shift $#
states=${*:-plain tabs many split zoom numbers broadcast palette found themes setting number keys ask closed waiting mode question menu narrow search everywhere hints copying carry grant access marks blockmenu}
terrace=${TERRACE:-target/debug/terrace}

for tool in Xvfb xdotool import; do
    command -v "$tool" >/dev/null || { echo "$tool is missing: make test installs it" >&2; exit 1; }
done
mkdir -p "$out"
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

# The server takes a number that is free, and says which: another's screen may be smaller than the windows.
Xvfb -displayfd 3 -screen 0 2048x1536x24 -nolisten tcp -noreset 3>"$work/display" 2>/dev/null &
server=$!
export XDG_RUNTIME_DIR="$work" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
export HOME="$work" SHELL=/bin/sh PS1='$ ' WINIT_X11_SCALE_FACTOR="$scale"
unset WAYLAND_DISPLAY ENV

# Asks a command again until it succeeds, for a minute at most.
until_true() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || { echo "not within a minute: $*" >&2; exit 1; }
        sleep 0.1
    done
}

until_true test -s "$work/display"
DISPLAY=:$(cat "$work/display")
export DISPLAY
until_true xdotool getmouselocation

cat >"$work/terrace.toml" <<END
[window]
columns = 96
rows = 28
confirm_close = "running"
[cursor]
blink = "never"
[history]
restore = "never"
[colors]
theme = "$theme"
[keys]
leader = "ctrl+a"
"leader c" = "new-tab"
"leader x" = "close-pane"
"leader s s" = "save-layout"
"leader t" = "text:git status\r"
[[layouts]]
name = "work"
[[layouts.tabs]]
name = "edit"
panes = [{ share = 2 }, { split = "rows", panes = [{}, {}] }]
END

# Opens a window and waits for its first content.
begin() {
    "$terrace" --config "$work/terrace.toml" "$@" 2>"$work/log" &
    window=$!
    until_true xdotool search --onlyvisible --class terrace
    id=$(xdotool search --onlyvisible --class terrace | head -n 1)
    xdotool windowfocus --sync "$id"
    xdotool mousemove --window "$id" 400 300
    settle
}

# Waits until two pictures, a moment apart, are the same.
settle() {
    last=
    tries=0
    while [ "$tries" -lt 100 ]; do
        sleep 0.3
        now=$(timeout 20 import -silent -window "$id" rgb:- | cksum)
        [ "$now" != "$last" ] || return 0
        last=$now
        tries=$((tries + 1))
    done
}

keys() { for key; do xdotool key --clearmodifiers "$key"; done; }
words() { xdotool type --delay 12 -- "$1"; }
content() { words 'ls -la /; printf "\033[1;32mok\033[m\n"'; keys Return; settle; }

shoot() {
    settle
    timeout 20 import -silent -window "$id" "$out/$1.png"
    xdotool mouseup 1 keyup ctrl keyup shift
    kill "$window"
    wait "$window" 2>/dev/null || true
    window=
    echo "$out/$1.png"
}

for state in $states; do
    case $state in
    marks | blockmenu) begin -- bash ;;
    *) begin ;;
    esac
    content
    case $state in
    plain) ;;
    tabs) keys ctrl+shift+t ctrl+shift+t alt+1 ;;
    many) for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do keys ctrl+shift+t; done ;;
    split) keys ctrl+shift+o ctrl+shift+e ;;
    zoom) keys ctrl+shift+t ctrl+shift+o ctrl+shift+Return ;;
    numbers) keys ctrl+shift+o ctrl+shift+e alt+0 ;;
    broadcast) keys ctrl+shift+t ctrl+shift+o ctrl+shift+e ctrl+shift+r b Return; words 'echo hello' ;;
    palette) keys ctrl+shift+p ;;
    found) keys ctrl+shift+p; words 'spl' ;;
    themes) keys ctrl+shift+p; words '@' ;;
    setting) keys ctrl+shift+p; words ':cursor.shape'; keys Return ;;
    number) keys ctrl+shift+p; words ':font.size'; keys Return; words 'x' ;;
    keys) keys "ctrl+question" ;;
    ask) keys ctrl+shift+p; words 'save layout'; keys Return; words 'w' ;;
    closed) keys ctrl+shift+t ctrl+shift+w ;;
    waiting) keys ctrl+a; sleep 1 ;;
    mode) keys ctrl+shift+o ctrl+shift+r ;;
    question) words 'sleep 100'; keys Return; settle; keys ctrl+shift+q ;;
    menu) xdotool click 3 ;;
    narrow) xdotool windowsize "$id" 320 240; settle; keys ctrl+shift+t ctrl+shift+p ;;
    search) words 'seq 300'; keys Return; settle; keys ctrl+shift+f; words '2' ;;
    everywhere) keys ctrl+shift+o; words 'echo total'; keys Return; settle; keys ctrl+shift+d; words 'total' ;;
    hints) words 'echo https://example.org/a src/main.rs:12 10.0.0.1 1234567'; keys Return; settle; keys ctrl+shift+j ;;
    copying) keys ctrl+shift+space; words 'kkkVkk' ;;
    carry)
        keys ctrl+shift+o
        settle
        size=$(xdotool getwindowgeometry --shell "$id" | sed -n 's/^WIDTH=//p')
        xdotool mousemove --window "$id" $((size * 3 / 4)) 200 keydown ctrl keydown shift mousedown 1
        for step in 1 2 3 4; do xdotool mousemove --window "$id" $((size * (12 - step * 2) / 16)) $((200 - step * 40)); done
        ;;
    grant) "$terrace" ctl --all text >/dev/null 2>&1 & settle ;;
    access)
        "$terrace" ctl --all list >/dev/null
        keys ctrl+shift+p
        words 'show access'
        keys Return
        ;;
    marks)
        for command in 'seq 40' 'false' 'seq 60' 'ls /none' 'seq 30'; do words "$command"; keys Return; done
        settle
        keys ctrl+shift+f
        words '7'
        settle
        keys Up Up Up
        ;;
    blockmenu)
        words 'ls /none'
        keys Return
        settle
        xdotool mousemove --window "$id" 400 $(($(xdotool getwindowgeometry --shell "$id" | sed -n 's/^HEIGHT=//p') - 40)) click 3
        ;;
    *) echo "no state $state" >&2; exit 1 ;;
    esac
    shoot "$state"
done
