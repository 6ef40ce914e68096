#!/bin/bash
# Runs on Debian 13 what records. See usage.
set -euo pipefail
# shellcheck source=test/support/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/steps.sh"

usage() {
	cat <<-'TEXT'
		usage: debian13.sh [COUNT]

		Builds cosoup in a chroot with Debian 13, whose muxers work in another way than those of
		Debian 12, runs the tests that record there, and makes COUNT recordings of 2 s (100).
		The chroot is made once, in ${XDG_CACHE_HOME:-~/.cache}/cosoup, from the mirror of this
		system's apt. The room server runs outside. Needs root and a Debian.
		Ends with "N of N recordings are whole"; the exit status is 0 if all is well.
	TEXT
}

root=${XDG_CACHE_HOME:-$HOME/.cache}/cosoup/debian13
at_once=4

# Appears only when it is whole.
make_chroot() {
	[ ! -e "$root" ] || return 0
	local unfinished=$root.unfinished uri
	uri=$(debian_mirror)
	"$repo/test/support/packages.sh" chroot
	say "making a chroot with Debian 13 (minutes)"
	rm -rf "$unfinished"
	mkdir -p "$unfinished"
	run_step debootstrap --variant=minbase trixie "$unfinished" "$uri" >"$work_dir/debootstrap.log" || {
		tail -n 20 "$work_dir/debootstrap.log" >&2
		return 1
	}
	mv "$unfinished" "$root"
}

# The mounts are gone when this process ends: it has a namespace of its own.
mount_all() {
	mkdir -p "$root$repo" "$root/outside" "$root/build"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --bind "$repo" "$root$repo"
	mount --rbind / "$root/outside"
	# The tests start the room server, which has its own set-up, where that is.
	printf '#!/bin/sh\nexec chroot /outside "%s" "$@"\n' "$repo/test/server/run.sh" >"$root/room-server"
	chmod 755 "$root/room-server"
	mount --bind "$root/room-server" "$root$repo/test/server/run.sh"
}

inside=(chroot "$root")

build_inside() {
	say "building on Debian 13"
	run_step "${inside[@]}" "$repo/test/support/packages.sh" demos
	# shellcheck disable=SC2016 # its own argument
	run_step "${inside[@]}" sh -c '[ -e /build/build.ninja ] || meson setup /build "$1" --buildtype debug -Doptimization=0' \
		sh "$repo" >"$work_dir/build.log"
	run_step "${inside[@]}" ninja -C /build demos/launch/cosoup-launch test/unit/unit-media \
		test/integration/integration-{recording,sinks} >"$work_dir/build.log" || {
		tail -n 30 "$work_dir/build.log" >&2
		return 1
	}
	"${inside[@]}" gst-inspect-1.0 --version | sed -n 2p
}

# Of the unit tests those that record, by the names of their files.
run_tests() {
	local files=('[#recorder]' '[#record_sink]' '[#record_room]' '[#record_options]' '[#record_outage]')
	say "running the tests that record"
	run_step "${inside[@]}" meson test -C /build --no-rebuild media \
		--test-args "--filenames-as-tags $(IFS=, && echo "${files[*]}")" &&
		run_step "${inside[@]}" meson test -C /build --no-rebuild recording sinks
}

# record <number>: makes a recording; $work_dir/whole gets a line if that is whole.
record() {
	local folder=/build/recordings/$1 log=$work_dir/record-$1.log said=late attempt
	for attempt in 1 2 3 4 5; do # on a busy machine 2 s may be over before anything has come
		[ "$said" = late ] || break
		rm -rf "${root:?}$folder"
		"${inside[@]}" /build/demos/launch/cosoup-launch "$url" --room two-seconds --json \
			--consume "record:$folder" --for 2 >"$log" 2>"$log.errors" || true
		said=$(python3 "$repo/test/support/recording_is_whole.py" "$root" <"$log")
	done
	if [ "$said" = whole ] && ! grep -q warning: "$log.errors"; then
		echo "$1" >>"$work_dir/whole"
		rm -rf "${root:?}$folder"
	else
		say "recording $1 is $said after $attempt attempts: $root$folder"
		cat "$log" "$log.errors" >&2
	fi
}

is_said() { grep -q "$1" "$2"; }

record_all() {
	local count=$1 server sender number recorders=()
	say "making $count recordings of 2 s"
	start "$repo/test/server/run.sh" --port 0 --insecure-ws >"$work_dir/server.log" 2>&1
	server=$child
	wait_for 30 is_said '^listening ' "$work_dir/server.log" || fail "the room server does not start"
	url=$(sed -n 's/^listening //p' "$work_dir/server.log")
	start "${inside[@]}" /build/demos/launch/cosoup-launch "$url" --room two-seconds --produce test \
		>"$work_dir/sender.log" 2>&1
	sender=$child
	wait_for 30 is_said '^sending video' "$work_dir/sender.log" || fail "nothing is sent"
	for number in $(seq "$count"); do
		record "$number" &
		recorders+=($!)
		[ ${#recorders[@]} -lt "$at_once" ] || {
			wait "${recorders[0]}"
			recorders=("${recorders[@]:1}")
		}
	done
	wait "${recorders[@]}"
	stop "$sender" || true
	stop "$server" || true
}

main() {
	case ${1-} in
	-h | --help)
		usage
		exit
		;;
	esac
	local count=${1:-100} whole status=0
	if [ "$(id -u)" != 0 ]; then
		fail "a chroot needs root"
	fi
	if [ -z "${COSOUP_OWN_MOUNTS-}" ]; then
		COSOUP_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
	fi
	begin
	: >"$work_dir/whole"
	make_chroot
	"$repo/test/server/setup.sh" --env >/dev/null
	mount_all
	build_inside
	run_tests || status=$?
	record_all "$count"
	whole=$(wc -l <"$work_dir/whole")
	echo "$whole of $count recordings are whole"
	[ "$whole" = "$count" ] || status=1
	return "$status"
}

main "$@"
