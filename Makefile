# Terrace's two commands are `make run` and `make test`; `make help` lists the others.

SHELL := /bin/sh
CARGO ?= $(or $(shell command -v cargo 2>/dev/null),$(HOME)/.cargo/bin/cargo)
# Where make install puts things.
PREFIX ?= /usr/local
TARGET := $(or $(CARGO_TARGET_DIR),target)
TERRACE := $(TARGET)/release/terrace
# A short shell session as a picture, for machines without a screen.
DEMO = mkdir -p target && \
	XDG_RUNTIME_DIR=$${XDG_RUNTIME_DIR:-$$(mktemp -d)} $(TERRACE) shot --cols 100 --rows 28 -o target/terrace.png -- sh assets/demo/session.sh && \
	echo "Picture: target/terrace.png"

# Debian's and Ubuntu's names. What the window needs at run time; winit and wgpu open these
# libraries when they start, so no headers are needed to build.
RUN_PACKAGES := gcc libc6-dev libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon0 \
	libxkbcommon-x11-0 libwayland-client0 libwayland-egl1 libegl1 libgl1-mesa-dri libvulkan1 mesa-vulkan-drivers \
	libfontconfig1 fonts-dejavu-core fonts-noto-color-emoji xkb-data xdg-utils ca-certificates
# What the tests run, look through and type into.
TEST_PACKAGES := $(RUN_PACKAGES) xvfb xauth xdotool x11-utils imagemagick xclip \
	fonts-wqy-microhei bash zsh fish tmux vim-tiny less htop vttest fzf nano mc dtach git procps \
	ncurses-bin gh dbus busybox elvish ksh mksh openssh-client passwd podman python3 runc screen sudo tcsh util-linux \
	awscli nix-bin vagrant \
	liquidprompt zsh-autosuggestions zsh-syntax-highlighting zsh-theme-powerlevel9k
# Debian starts and enables these servers at once where there is a service manager; the tests that need them
# are skipped there unless they are installed already.
TEST_PACKAGES += $(if $(wildcard /run/systemd/system),,openssh-server docker.io iptables)

# Packages before compilers: the targets that install must end first.
.NOTPARALLEL:
.PHONY: help run test check build bench bench-frames pgo install uninstall assets demo clean need-cargo need-run need-test

help: ## List these commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: need-cargo need-run build ## Build Terrace and open a window (without a screen: a picture).
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		exec $(TERRACE) $(ARGS); \
	else \
		echo "No screen: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can open."; \
		echo "Running a short shell session through the same terminal and renderer instead:"; \
		$(DEMO); \
	fi

test: need-cargo need-test ## Run every test.
	@dir=$${XDG_RUNTIME_DIR:-}; \
	if [ -z "$$dir" ] || [ ! -w "$$dir" ]; then \
		dir=$$(mktemp -d) && chmod 700 "$$dir" && trap 'rm -rf "$$dir"' EXIT; \
	fi; \
	$(if $(ARGS),,PROGRAM_IS_BUILT=1) XDG_RUNTIME_DIR=$$dir $(CARGO) test --workspace --locked $(ARGS)

check: need-cargo ## Check form and lints, as .ci/run does.
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

build: need-cargo ## Build the release.
	@$(CARGO) build --release --locked --package app

bench: need-cargo ## Measure the terminal core beside alacritty_terminal; count its instructions.
	$(CARGO) bench --locked --package terminal --bench cores
	@CARGO=$(CARGO) sh tests/perf/instructions.sh

pgo: need-cargo ## Build the release with a profile of its own work; needs rustup's llvm-tools.
	@CARGO=$(CARGO) sh tests/perf/pgo.sh

bench-frames: need-cargo ## Measure frames of 300x100 cells at 3840x2160, on the graphics device.
	$(CARGO) bench --locked --package renderer --bench frames -- $(ARGS)

install: build ## Install below PREFIX (/usr/local), with DESTDIR before it.
	install -Dm755 $(TERRACE) $(DESTDIR)$(PREFIX)/bin/terrace
	install -Dm644 assets/desktop/terrace.desktop $(DESTDIR)$(PREFIX)/share/applications/terrace.desktop
	install -Dm644 assets/icons/terrace.svg $(DESTDIR)$(PREFIX)/share/icons/hicolor/scalable/apps/terrace.svg
	install -Dm644 assets/icons/terrace.png $(DESTDIR)$(PREFIX)/share/icons/hicolor/256x256/apps/terrace.png
	install -Dm644 assets/man/terrace.1 $(DESTDIR)$(PREFIX)/share/man/man1/terrace.1
	install -Dm644 assets/man/terrace.toml.5 $(DESTDIR)$(PREFIX)/share/man/man5/terrace.toml.5

uninstall: ## Remove what make install put there.
	rm -f $(DESTDIR)$(PREFIX)/bin/terrace \
		$(DESTDIR)$(PREFIX)/share/applications/terrace.desktop \
		$(DESTDIR)$(PREFIX)/share/icons/hicolor/scalable/apps/terrace.svg \
		$(DESTDIR)$(PREFIX)/share/icons/hicolor/256x256/apps/terrace.png \
		$(DESTDIR)$(PREFIX)/share/man/man1/terrace.1 \
		$(DESTDIR)$(PREFIX)/share/man/man5/terrace.toml.5

assets: need-cargo ## Make the default configuration file and its manual page anew.
	TERRACE_UPDATE=1 $(CARGO) test --locked --package config --lib the_assets_are_up_to_date

demo: build ## Draw a short shell session to target/terrace.png, without a window.
	@$(DEMO)

clean: ## Remove everything that was built.
	$(CARGO) clean

need-cargo:
	@command -v "$(CARGO)" >/dev/null 2>&1 || { \
		echo "Rust is missing: install it from https://rustup.rs, then run make again." >&2; exit 1; }

need-run:
	@sh .ci/packages.sh "Terrace" $(RUN_PACKAGES)

need-test:
	@sh .ci/packages.sh "the tests" $(TEST_PACKAGES)
	@sh .ci/environments.sh
