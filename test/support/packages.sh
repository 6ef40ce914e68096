#!/bin/bash
# usage: packages.sh demos|tests|browser|chroot
#        packages.sh these PACKAGE...
# Installs the Debian packages that the demos, the demos and the tests, or all of that and the tests in
# a browser are built and run with; or what makes a chroot with another Debian; or those that are named.
# Takes no time when they are there. Needs root only if something is missing.
# The room server has a set-up of its own: test/server/setup.sh.
set -euo pipefail

# What lib/meson.build asks for, and the tools.
build_packages=(
	g++ meson ninja-build pkg-config
	libglib2.0-dev libjson-glib-dev libsoup-3.0-dev libnice-dev libssl-dev
	libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libgstreamer-plugins-bad1.0-dev
	catch2
)
# -nice: ICE; -good: RTP, VP8, WebM; -bad: webrtcbin, DTLS, SRTP, SCTP; -apps: gst-discoverer-1.0.
run_packages=(
	gstreamer1.0-nice gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
	gstreamer1.0-tools gstreamer1.0-plugins-base-apps glib-networking ca-certificates python3
)
# -libav: AAC in files that the tests make. libclang-rt: libFuzzer. coturn: STUN and TURN. libgstrtspserver, xvfb:
# sources that are tested where they are there.
test_packages=(clang libclang-rt-dev ccache gstreamer1.0-libav git coturn libgstrtspserver-1.0-dev xvfb)
browser_packages=(chromium)

say() { echo "setup: $*" >&2; }

missing_among() {
	local installed package
	installed=$(dpkg-query -W -f '${Package}|${Status}\n' "$@" 2>/dev/null || true)
	for package; do
		grep -qxF "$package|install ok installed" <<<"$installed" || echo "$package"
	done
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

install_packages() {
	local install=(apt install -y --no-install-recommends "$@")
	dpkg --configure -a # after an installation that was interrupted
	if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && "${install[@]}"; then return; fi
	# No package lists, or lists that have gone stale.
	apt update && "${install[@]}"
}

# show_progress <log> <pid>: while the process runs; in place on a terminal, else twice a minute.
show_progress() {
	local total at reported=$SECONDS
	while kill -0 "$2" 2>/dev/null; do
		sleep 0.5
		total=$(sed -n 's/.* \([0-9]*\) newly installed.*/\1/p' "$1" | tail -n 1)
		[ -n "$total" ] || continue
		at="$(grep -c '^Unpacking' "$1" || true) unpacked, $(grep -c '^Setting up' "$1" || true) set up of $total"
		if [ -t 2 ]; then
			printf '\r\033[Ksetup: %s' "$at" >&2
		elif [ $((SECONDS - reported)) -ge 30 ]; then
			reported=$SECONDS
			say "$at"
		fi
	done
	if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

# install_logged <package>...: keeps apt's chatter away unless it fails.
install_logged() {
	local log pid
	log=$(mktemp "${TMPDIR:-/tmp}/cosoup-apt.XXXXXX")
	install_packages "$@" >"$log" 2>&1 &
	pid=$!
	show_progress "$log" "$pid"
	if ! wait "$pid"; then
		tail -n 30 "$log" >&2
		say "apt-get failed; all of its output: $log"
		return 1
	fi
	rm -f "$log"
}

main() {
	local wanted=("${build_packages[@]}" "${run_packages[@]}") missing
	case "$*" in
	these\ ?*) wanted=("${@:2}") ;;
	demos) ;;
	tests) wanted+=("${test_packages[@]}") ;;
	chroot) wanted=(debootstrap) ;;
	browser) wanted+=("${test_packages[@]}" "${browser_packages[@]}") ;;
	*)
		echo "usage: packages.sh demos|tests|browser|chroot|these PACKAGE..." >&2
		exit 2
		;;
	esac
	if ! command -v apt-get dpkg-query >/dev/null; then
		say "this is no Debian; these packages, or your system's like, must be installed:"
		say "${wanted[*]}"
		return
	fi
	mapfile -t missing < <(missing_among "${wanted[@]}")
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		say "Debian packages are missing; please run as root:"
		say "apt-get install --no-install-recommends ${missing[*]}"
		exit 1
	fi
	# The tests start a TURN server of their own; Debian would start one for the whole network.
	if [[ " ${missing[*]} " == *" coturn "* && -d /run/systemd/system ]]; then
		systemctl mask --quiet coturn.service
	fi
	if [ "$1" = these ]; then
		say "installing Debian packages: ${missing[*]}"
	else
		say "installing ${#missing[@]} Debian packages and what they need (on a bare system 2 GB, minutes)"
	fi
	install_logged "${missing[@]}"
}

main "$@"
