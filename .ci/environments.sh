#!/bin/sh
# Fetches the tools that the tests of environments run for real and that packages.sh cannot install as they
# are: a root file system for containers, the dev container CLI, Ampt's, Compose and buildx for Docker, kubectl,
# Distrobox and Toolbx. They lie in target/test-tools and are used from there; nothing is installed. What cannot
# be had is named, and the tests that need it say that they were skipped. Wing is 316 MB and a minute: it is
# fetched only with LARGE_TOOLS=1, as .ci/run does.
set -u
dir=${CARGO_TARGET_DIR:-target}/test-tools
mkdir -p "$dir" && cd "$dir" || exit 0
dir=$PWD
note() { echo "note: the tests of environments go without $1" >&2; }

# A static busybox is a whole container. Its package excludes busybox's, so it is unpacked only.
if [ ! -x root/bin/busybox ]; then
    rm -rf deb root
    mkdir -p deb
    if (cd deb && apt-get -qq download busybox-static >/dev/null 2>&1 && dpkg-deb -x ./*.deb .); then
        mkdir -p root/bin root/etc root/tmp root/proc root/sys root/dev root/root root/home/dev \
            root/workspaces root/usr/bin root/usr/sbin root/sbin
        cp deb/bin/busybox root/bin/ 2>/dev/null || cp deb/usr/bin/busybox root/bin/
        for applet in $(root/bin/busybox --list); do
            [ "$applet" = busybox ] || ln -s /bin/busybox "root/bin/$applet"
        done
        printf 'root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000:dev:/home/dev:/bin/sh\n' >root/etc/passwd
        printf 'root:x:0:\ndev:x:1000:\n' >root/etc/group
        chmod 1777 root/tmp
    else
        note "containers: busybox-static could not be had"
    fi
    rm -rf deb
fi

# from_npm FOLDER PROGRAM PACKAGE NAME
from_npm() {
    [ ! -x "$1/node_modules/.bin/$2" ] || return 0
    if command -v npm >/dev/null 2>&1; then
        mkdir -p "$1"
        (cd "$1" && npm install --silent --no-fund --no-audit "$3" >/dev/null 2>&1) ||
            note "$4: npm could not install it"
    else
        note "$4: npm is missing"
    fi
}
from_npm npm devcontainer @devcontainers/cli@0.89.0 "the dev container CLI"
from_npm ampt ampt @ampt/cli@1.1.26 "Ampt's CLI"
[ -z "${LARGE_TOOLS:-}" ] || from_npm wing wing winglang@0.85.49 "Wing's CLI"

# Debian's next release has Compose and buildx as plugins of the docker command, and newer kubectl, Distrobox and
# Toolbx; their programs run here too.
plugins=docker/cli-plugins
wanted=
docker compose version >/dev/null 2>&1 || [ -x $plugins/docker-compose ] || wanted="docker-compose docker-buildx"
command -v kubectl >/dev/null 2>&1 || [ -x bin/kubectl ] || wanted="$wanted kubernetes-client"
command -v toolbox >/dev/null 2>&1 || [ -x bin/toolbox ] || wanted="$wanted podman-toolbox"
# Debian 12's is too old.
case $(distrobox --version 2>/dev/null) in
"" | *" 1."[0-4].*) [ -x bin/distrobox ] || wanted="$wanted distrobox" ;;
esac
mirror=$(grep -hoE 'https?://[^ ]+/debian/?$' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
[ -n "$mirror" ] || mirror=$(grep -hoE 'https?://[^ ]+/debian/? ' /etc/apt/sources.list 2>/dev/null | head -n 1)
if [ -n "$wanted" ] && [ -n "$mirror" ] && [ -r /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    apt=$dir/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" deb
    : >"$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror forky main" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
END
    # shellcheck disable=SC2086 # a list of names
    if (
        export APT_CONFIG="$apt/apt.conf"
        cd deb && apt-get -qq update >/dev/null 2>&1 && apt-get -qq download $wanted >/dev/null 2>&1
    ); then
        for package in deb/*.deb; do dpkg-deb -x "$package" deb/x; done
        mkdir -p $plugins bin
        cp deb/x/usr/libexec/docker/cli-plugins/docker-* $plugins/ 2>/dev/null
        for program in deb/x/usr/bin/kubectl deb/x/usr/bin/toolbox deb/x/usr/bin/distrobox*; do
            [ ! -f "$program" ] || cp "$program" bin/
        done
    else
        note "$wanted: they could not be downloaded"
    fi
    rm -rf deb "$apt"
elif [ -n "$wanted" ]; then
    note "$wanted: this is not Debian"
fi
exit 0
