# shellcheck shell=bash
# Sourced by the commands that set up, build and run: quickstart.sh, test/run.sh, test/bench/run.sh.
#
# Progress goes to stderr, in concise lines; a tool's own output goes to a log in $work_dir and is
# shown when it fails. Whatever runs is a child in a session of its own, and it is ended by its pid
# when the script ends in whatever way.

LC_ALL=C.UTF-8
export LC_ALL
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/cosoup
# One cache for all build folders and checkouts.
export CCACHE_DIR=${CCACHE_DIR:-$cache_dir/ccache}
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$repo} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

work_dir=
# Pids of children; each is also the id of a process group and session.
children=()
step= # the one that run_step waits for

say() { echo "$*" >&2; }
fail() {
	say "error: $*"
	exit 1
}

# ---- beginning and end -----------------------------------------------------------------------

# To be called first.
begin() {
	work_dir=$(mktemp -d "${TMPDIR:-/tmp}/cosoup.XXXXXX")
	trap 'end' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

end() {
	local status=$? pid
	trap '' HUP INT TERM
	trap - EXIT
	if [ -n "$step" ]; then kill -TERM -- "-$step" 2>/dev/null || true; fi
	for pid in "${children[@]}"; do
		# To many programs a second signal means: at once.
		[ "$pid" = "$step" ] || kill -TERM "$pid" 2>/dev/null || true
	done
	for pid in "${children[@]}"; do await_end "$pid" || true; done
	rm -rf "$work_dir"
	exit "$status"
}

# ---- children --------------------------------------------------------------------------------

# start <command>...: runs it in the background; child is its pid.
# A session of its own keeps a Ctrl-C for this script, which then ends its children in order.
start() {
	setsid -- "$@" &
	child=$!
	children+=("$child")
}

is_running() { kill -0 "$1" 2>/dev/null; }

# wait_for <seconds> <condition>...: polls; fails when the time is over.
wait_for() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.1
	done
}

has_ended() { ! is_running "$1"; }

forget() {
	local pid left=()
	for pid in "${children[@]}"; do [ "$pid" = "$1" ] || left+=("$pid"); done
	children=("${left[@]}")
}

# finish <pid>: waits for a child, which leaves nothing behind; the status is the child's.
finish() {
	local status=0
	wait "$1" || status=$?
	kill -KILL -- "-$1" 2>/dev/null || true
	forget "$1"
	return "$status"
}

await_end() {
	wait_for 15 has_ended "$1" || kill -KILL "$1" 2>/dev/null || true
	finish "$1" 2>/dev/null
}

# stop <pid>: asks a child to end, and makes sure of it; the status is the child's.
stop() {
	kill -TERM "$1" 2>/dev/null || true
	await_end "$1"
}

# ---- steps -----------------------------------------------------------------------------------

# run_step <command>...: waits for it; interrupted, the command and all of its children end at once.
run_step() {
	local status=0
	start "$@"
	step=$child
	finish "$step" || status=$?
	step=
	return "$status"
}

# From where this system's apt takes Debian.
debian_mirror() {
	local uri
	# shellcheck disable=SC2016 # apt's own
	uri=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's/^Debian //p' | head -n 1)
	[ -n "$uri" ] || fail "apt knows no mirror of Debian"
	echo "$uri"
}

# elapsed_since <SECONDS before>
elapsed_since() {
	local seconds=$((SECONDS - $1))
	if [ "$seconds" -lt 100 ]; then echo "$seconds s"; else echo "$((seconds / 60)) min $((seconds % 60)) s"; fi
}

# show_progress <title> <log>: how far ninja is; in place on a terminal, else now and then.
show_progress() {
	local at
	at=$(tail -n 5 "$2" 2>/dev/null | sed -n 's/^\[\([0-9]*\)\/\([0-9]*\)\].*/\1 of \2/p' | tail -n 1)
	[ -n "$at" ] || return 0
	if [ -t 2 ]; then
		printf '\r\033[K%s: %s' "$1" "$at" >&2
	elif [ $((SECONDS - reported)) -ge 15 ]; then
		reported=$SECONDS
		say "$1: $at"
	fi
}

# run_ninja <title> <log> <argument>...
run_ninja() {
	local title=$1 log=$2 status=0 reported=$SECONDS
	shift 2
	NINJA_STATUS='[%f/%t] ' start ninja "$@" >"$log" 2>&1
	step=$child
	while is_running "$step"; do
		sleep 0.2
		show_progress "$title" "$log"
	done
	finish "$step" || status=$?
	step=
	if [ -t 2 ]; then printf '\r\033[K' >&2; fi
	return "$status"
}

# show_failure <log>: from ninja's first complaint on, without its progress.
show_failure() {
	if grep -q '^FAILED: ' "$1"; then
		sed -n '/^FAILED: /,$p' "$1" | grep -v '^\[' | head -n 200 >&2
	else
		tail -n 30 "$1" >&2
	fi
}

# configure <folder> <log> <meson options>...
configure() {
	local folder=$1 log=$2
	shift 2
	if [ -e "$folder/build.ninja" ]; then
		# Packages that have been installed since may be looked for, too.
		[ /var/lib/dpkg/status -nt "$folder/build.ninja" ] || return 0
		run_step meson setup --reconfigure "$folder" "$repo" >"$log" 2>&1
		return
	fi
	rm -rf "$folder" # one that was interrupted
	run_step meson setup "$folder" "$repo" "$@" >"$log" 2>&1
}

# build <name> <meson options>... [-- <targets>...]: in build-<name> beside the sources.
build() {
	local name=$1 options=() log=$work_dir/build-$1.log began=$SECONDS
	local folder=$repo/build-$name title="building cosoup ($1)"
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	say "$title"
	if ! configure "$folder" "$log" "${options[@]}"; then
		tail -n 20 "$log" >&2
		say "error: meson could not configure $folder"
		return 1
	fi
	if ! run_ninja "$title" "$log" -C "$folder" "$@"; then
		show_failure "$log"
		say "error: the build in $folder failed"
		return 1
	fi
	say "$title: done in $(elapsed_since "$began")"
}

# ---- the room server -------------------------------------------------------------------------

# set_up demos|tests: packages, and the room server's Node, modules and worker.
set_up() {
	run_step "$repo/test/support/packages.sh" "$1" || fail "the set-up failed"
	set_up_server || fail "the set-up of the room server failed"
}

# Shows of the set-up's output only its own lines, and how far a build of the worker is.
set_up_server() {
	local log=$work_dir/server-setup.log shown=0 status=0 reported=$SECONDS lines line
	start "$repo/test/server/setup.sh" >"$log" 2>&1
	step=$child
	while is_running "$step"; do
		sleep 0.1
		mapfile -t lines < <(grep '^setup: ' "$log")
		for line in "${lines[@]:shown}"; do say "$line"; done
		shown=${#lines[@]}
		if [[ ${lines[*]} == *"building mediasoup-worker"* ]]; then
			show_progress "building mediasoup-worker" "$cache_dir/build.log"
		fi
	done
	finish "$step" || status=$?
	step=
	if [ "$status" != 0 ]; then tail -n 30 "$log" >&2; fi
	return "$status"
}

# start_server <option>...: server_url and server_pid; its log is $work_dir/server.log.
start_server() {
	local log=$work_dir/server.log out=$work_dir/server.out
	start "$repo/test/server/run.sh" --port 0 --cert-dir "$work_dir/certificate" "$@" \
		>"$out" 2>"$log"
	server_pid=$child
	if ! wait_for 60 server_decided "$out" || ! grep -q '^listening ' "$out"; then
		cat "$log" >&2
		fail "the room server did not start"
	fi
	# shellcheck disable=SC2034 # for the script that sources this
	server_url=$(sed -n 's/^listening //p' "$out")
}

server_decided() { grep -q '^listening ' "$1" || has_ended "$server_pid"; }
