#!/bin/sh
# usage: setup.sh [--env]
# Makes everything that run.sh needs: a Node >= 22, the npm modules, the mediasoup worker binary and the
# page, in ${XDG_CACHE_HOME:-~/.cache}/cosoup, each in a folder of its own that appears only when it is
# whole.
# --env prints the result as shell assignments. MEDIASOUP_VERSION selects another mediasoup.
# shellcheck disable=SC2317 # make_whole calls functions by name
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cosoup
default_version=$(sed -n 's/.*"mediasoup": "\(.*\)".*/\1/p' "$here/package.json")
version=${MEDIASOUP_VERSION:-$default_version}
prebuilt_timeout=20
unset MEDIASOUP_WORKER_BIN # of a set-up before this one; with it mediasoup's own makefile builds nothing

say() { echo "setup: $*" >&2; }
fail() {
	say "$*"
	exit 1
}

# A key that changes with the content of the given files.
hash_of() { cat "$@" | sha256sum | cut -c1-12; }

node_dir=$cache/node-22
modules_dir=$cache/modules-$version-$(hash_of "$here/package.json" "$here/package-lock.json")
worker_dir=$cache/worker-$version-$(hash_of "$here"/worker/*.sh "$here"/worker/shim/*/*)
page_dir=$cache/page-$(hash_of "$here"/package*.json "$here/src/build_page.js" "$here"/page/*)

# ---- Debian packages -------------------------------------------------------------------------

install_packages() { "$here/../support/packages.sh" these "$@" >&2 || fail "could not install: $*"; }

# ---- Node and npm modules --------------------------------------------------------------------

is_new_enough() {
	"$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 22 ? 0 : 1)' 2>/dev/null
}

run_npm() {
	command -v npm >/dev/null || install_packages npm
	npm "$@" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
}

# The npm package `node` fetches its binary in an install script; the packages per platform simply
# hold it.
install_node() {
	case $(uname -m) in
	x86_64) platform=linux-x64 ;;
	aarch64) platform=linux-arm64 ;;
	*) fail "no Node >= 22 here, and none for $(uname -m) in npm" ;;
	esac
	say "installing Node 22 (seconds)"
	run_npm install --prefix "$1" "node-$platform@22" || fail "could not install Node 22"
	ln -s "node_modules/node-$platform/bin/node" "$1/node"
	is_new_enough "$1/node" || fail "the installed Node 22 does not run"
}

install_modules() {
	say "installing the npm modules for mediasoup $version (seconds)"
	cp "$here/package.json" "$here/package-lock.json" "$1/"
	if [ "$version" = "$default_version" ]; then
		run_npm ci --prefix "$1"
	else
		run_npm install --prefix "$1" --save-exact "mediasoup@$version"
	fi || fail "could not install the npm modules"
}

# ---- mediasoup-worker ------------------------------------------------------------------------

# mediasoup's own install script knows where the ready binaries are and whether one runs here. When it
# finds none it would build with pip and meson, which PYTHON and MAKE keep it from.
download_worker() {
	[ -f "$1/npm-scripts.mjs" ] || return 1
	say "looking for a ready mediasoup-worker (at most $prebuilt_timeout s)"
	(cd "$1" && PYTHON=false MAKE=false timeout "$prebuilt_timeout" "$node" npm-scripts.mjs postinstall) \
		>/dev/null 2>&1 || return 1
	cp "$1/worker/out/Release/mediasoup-worker" "$2"
}

build_worker() {
	say "building mediasoup-worker $version (5 to 10 minutes on two cores)"
	# shellcheck disable=SC2046 # a list of names
	install_packages $("$here/worker/packages.sh" "$1")
	"$here/worker/build.sh" "$1" "$2" >"$cache/build.log" 2>&1 || {
		tail -n 30 "$cache/build.log" >&2
		fail "the build failed; all of its output: $cache/build.log"
	}
}

make_worker() {
	cp -r "$modules_dir/node_modules" "$1/"
	package=$1/node_modules/mediasoup
	binary=$1/mediasoup-worker
	download_worker "$package" "$binary" || build_worker "$package" "$binary"
	say "checking the worker with a DTLS handshake"
	NODE_PATH=$modules_dir/node_modules MEDIASOUP_WORKER_BIN=$binary "$node" "$here/src/check_worker.js" >&2 ||
		fail "the mediasoup-worker does not work"
	rm -rf "$1/node_modules"
}

has_libraries() { ! ldd "$worker_dir/mediasoup-worker" | grep -q 'not found'; }

# A worker in the cache may have been built on another machine, which had its libraries.
install_libraries() {
	has_libraries && return 0
	# shellcheck disable=SC2046 # a list of names
	install_packages $("$here/worker/packages.sh" "$modules_dir/node_modules/mediasoup")
	has_libraries || fail "the mediasoup-worker lacks libraries; remove $worker_dir to have it built anew"
}

# ---- the page --------------------------------------------------------------------------------

make_page() {
	NODE_PATH=$modules_dir/node_modules "$node" "$here/src/build_page.js" "$1" >&2 || fail "could not build the page"
}

# ---- the cache -------------------------------------------------------------------------------

# make_whole <dir> <function>: calls the function with a temporary folder, which then becomes <dir>.
make_whole() {
	[ ! -e "$1" ] || return 0
	temporary=$(mktemp -d "$cache/unfinished.XXXXXX")
	"$2" "$temporary"
	chmod 755 "$temporary"
	mv -T "$temporary" "$1"
	temporary=
}

select_node() {
	for node in "$(command -v node || true)" "$node_dir/node"; do
		if [ -x "$node" ] && is_new_enough "$node"; then return 0; fi
	done
	return 1
}

set_up() {
	command -v openssl >/dev/null || install_packages openssl
	if ! select_node; then
		make_whole "$node_dir" install_node
		select_node
	fi
	make_whole "$modules_dir" install_modules
	make_whole "$worker_dir" make_worker
	install_libraries
	make_whole "$page_dir" make_page
}

is_complete() {
	command -v openssl >/dev/null && [ -e "$modules_dir" ] && [ -e "$worker_dir" ] && has_libraries &&
		[ -e "$page_dir" ] && select_node
}

main() {
	if ! is_complete; then
		mkdir -p "$cache"
		exec 9>"$cache/lock"
		flock -n 9 || { say "waiting for another set-up to finish" && flock 9; }
		rm -rf "$cache"/unfinished.* # of a set-up that was killed; none runs now
		temporary=
		trap 'if [ -n "$temporary" ]; then rm -rf "$temporary"; fi' EXIT
		trap 'exit 130' INT TERM
		set_up
		say "done"
	fi
	if [ "${1-}" = --env ]; then
		echo "COSOUP_NODE='$node'"
		echo "export NODE_PATH='$modules_dir/node_modules'"
		echo "export MEDIASOUP_WORKER_BIN='$worker_dir/mediasoup-worker'"
		echo "export COSOUP_PAGE='$page_dir'"
	fi
}

# One line, read in one go: the shell does not look into this file again, should it change meanwhile.
main "$@"; exit
