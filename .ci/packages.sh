#!/bin/sh
# Installs the packages that are missing, where it may: on Debian and Ubuntu, as root or through
# sudo. Elsewhere it names them and goes on: what is needed may be there under another name, and
# Terrace says itself what it lacks.
#
# usage: packages.sh WHO PACKAGE…
set -u
who=$1
shift

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    if command -v ldconfig >/dev/null 2>&1; then
        found=$(ldconfig -p 2>/dev/null)
        missing=
        for library in libX11.so.6 libXcursor.so.1 libXi.so.6 libxkbcommon.so.0 \
            libxkbcommon-x11.so.0 libwayland-client.so.0 libEGL.so.1 libvulkan.so.1; do
            case $found in *"$library"*) ;; *) missing="$missing $library" ;; esac
        done
        [ -z "$missing" ] && exit 0
        echo "note: $who may lack these libraries, by your system's names:$missing" >&2
    fi
    exit 0
fi

missing=
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        missing="$missing $package"
done
[ -z "$missing" ] && exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        root=sudo
    else
        echo "note: packages for $who are missing; as root: apt-get install$missing" >&2
        exit 0
    fi
fi

echo "Installing packages for $who:$missing"

# Another apt may hold the lock: a machine that has just started often updates itself.
apt() {
    try=1
    until $root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@" \
        >"$log" 2>&1; do
        grep -qiE 'lock|temporar|timed out' "$log" && [ $try -lt 5 ] || return 1
        try=$((try + 1))
        sleep 5
    done
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt update || echo "note: apt-get update failed; using the lists that are there" >&2
# shellcheck disable=SC2086 # a list of names
if ! apt install -y --no-install-recommends $missing; then
    # One unknown name must not keep the others out.
    for package in $missing; do
        apt install -y --no-install-recommends "$package" ||
            echo "note: $package could not be installed: $(grep '^E:' "$log" | head -n 1)" >&2
    done
fi
exit 0
