#!/bin/bash
# Builds cosoup optimised and measures it. See usage.
set -euo pipefail
# shellcheck source=test/support/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/steps.sh"

usage() {
	cat <<-'TEXT'
		usage: run.sh NAME [OPTION]...

		Prints figures as JSON, one object a line, on stdout; all else on stderr.
		  join [--rtt MS] [--joins N] [--insecure-ws] [--protocol 2025|2024|both]
		      joining a room over a path with a set delay: round trips until joined, until the first RTP
		      packet arrives, and until the server has the first one of ours, a line for each protocol
		      of the demo's (see join.js)
		  media [--seconds S] [--pairs N] [--jobs NAME,...] [--threads] [--no-chromium]
		      CPU cores of publishing, recording and decoding, and what a Chromium needs for the same
		      (see media.js)
		  scale [--seconds S] [--pairs N,...] [--jobs discard,record] [--no-chromium]
		      receiving 1, 10, 50, 100 and 200 pairs of video and audio: CPU cores, memory, threads, CPU
		      time of negotiating (negotiateCpuMs: from having joined until all consumers are there,
		      which the server offers at once; for each 100 consumers), what was lost, and what plain
		      recv() and srtp_unprotect() of the same packets take; a line for each number of pairs and
		      each job, and what a Chromium needs for 8 and 16 pairs (see scale.js)
		  lossy [--seconds S] [--lines NAME,...] [--seed N] [--no-chromium]
		      what a receiver makes of a bad line: pictures a second, freezes, what was lost and recovered,
		      broken frames, sound; a line for each of clean, random5, random10, bursts, slow and
		      reordering, and each of cosoup, which records, and a Chromium, which plays (see lossy.js)
		  network [--seconds S] [--lines NAME,...] [--seed N] [--no-chromium]
		      what comes of sending over a line that is bad on the way up: pictures a second, frozen and
		      broken ones, sound, what was sent, asked for and sent again, waiting and latency; a line for
		      each of clean, loss1up, loss5up, loss10up, burstsup, rtt300loss1, and each phase of
		      queue500k, queue150k (3 Mbit/s, so little, and 3 again; the queue holds 300 ms) and
		      blackout3 (nothing goes either way for 3 s), and each of cosoup and a Chromium, which encode
		      the same pictures (see network.js)
		  soak [--minutes N]
		      a room in which peers, connections, recordings and all else come and go, for 60 minutes:
		      memory, threads, descriptors and turns of the loop, round by round, and how much they
		      have grown (see soak.cpp); fails when that is more than 5 %
		  churn [--consumers N] [--rounds N]
		      1000 consumers that are opened and closed one after the other on one transport, and 10
		      clients that join, receive and leave 100 times: a line for each, with what the process
		      and the transport hold before, after a warm-up and in the end, how much each 100 of them
		      add (per100) in the first and in the second half (what is made once is in one of them,
		      what leaks in both), and time and CPU time for each consumer and each client (see
		      churn.cpp)
	TEXT
}

usage_error() {
	say "run.sh: $*"
	usage >&2
	exit 2
}

# Options are checked before anything is built.
check_join_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--rtt | --joins)
			[[ ${2-} =~ ^[0-9]{1,5}$ ]] || usage_error "$1 needs a whole number"
			shift 2
			;;
		--protocol)
			[[ ${2-} =~ ^(2025|2024|both)$ ]] || usage_error "$1 takes 2025, 2024 or both"
			shift 2
			;;
		--insecure-ws) shift ;;
		*) usage_error "unknown option $1" ;;
		esac
	done
}

check_media_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--seconds | --pairs)
			[[ ${2-} =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "$1 needs a whole number"
			shift 2
			;;
		--jobs)
			[[ ${2-} =~ ^[A-Za-z,]+$ ]] || usage_error "$1 needs names"
			shift 2
			;;
		--threads | --no-chromium) shift ;;
		*) usage_error "unknown option $1" ;;
		esac
	done
}

check_scale_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--seconds)
			[[ ${2-} =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "$1 needs a whole number"
			shift 2
			;;
		--pairs)
			[[ ${2-} =~ ^[1-9][0-9]{0,2}(,[1-9][0-9]{0,2})*$ ]] || usage_error "$1 needs whole numbers"
			shift 2
			;;
		--jobs)
			[[ ${2-} =~ ^(discard|record)(,(discard|record))*$ ]] || usage_error "$1 takes discard and record"
			shift 2
			;;
		--no-chromium) shift ;;
		*) usage_error "unknown option $1" ;;
		esac
	done
}

check_line_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--seconds | --seed)
			[[ ${2-} =~ ^[1-9][0-9]{0,2}$ ]] || usage_error "$1 needs a whole number below 1000"
			shift 2
			;;
		--lines)
			[[ ${2-} =~ ^[a-z0-9,]+$ ]] || usage_error "$1 needs names"
			shift 2
			;;
		--no-chromium) shift ;;
		*) usage_error "unknown option $1" ;;
		esac
	done
}

check_soak_options() {
	while [ $# -gt 0 ]; do
		[ "$1" = --minutes ] || usage_error "unknown option $1"
		[[ ${2-} =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "$1 needs a whole number"
		export COSOUP_SOAK_MINUTES=$2
		shift 2
	done
}

check_churn_options() {
	while [ $# -gt 0 ]; do
		[[ $1 =~ ^--(consumers|rounds)$ ]] || usage_error "unknown option $1"
		[[ ${2-} =~ ^[1-9][0-9]{0,4}$ ]] || usage_error "$1 needs a whole number"
		if [ "$1" = --rounds ]; then
			export COSOUP_CHURN_ROUNDS=$2
		else
			export COSOUP_CHURN_CONSUMERS=$2
		fi
		shift 2
	done
}

# run_program <name> <further target>...: one of the benchmarks that are programs of ours alone.
run_program() {
	local name=$1 environment
	set_up tests
	build release --buildtype release -- "test/bench/$name" "${@:2}" || fail "cosoup could not be built"
	environment=$("$repo/test/server/setup.sh" --env)
	eval "$environment"
	# What is slow for a while is no fault here.
	COSOUP_TEST_PATIENCE=8 run_step "$repo/build-release/test/bench/$name" --out /dev/stderr
}

# What scale.js needs besides: targets and programs.
add_scale_programs() {
	local bench=$repo/build-release/test/bench
	targets+=(test/bench/rtp-sender)
	programs+=(--sender "$bench/rtp-sender")
	if pkg-config --exists libsrtp2; then
		targets+=(test/bench/srtp-floor)
		programs+=(--floor "$bench/srtp-floor")
	else
		say "libsrtp2-dev is missing: there will be no floorCores"
	fi
}

# What network.js needs besides.
add_network_programs() {
	local bench=$repo/build-release/test/bench
	targets+=(test/bench/known-clip test/bench/picture-watch)
	programs+=(--clip "$bench/known-clip" --watch "$bench/picture-watch")
}

# What lossy.js needs besides.
add_lossy_programs() {
	local bench=$repo/build-release/test/bench
	targets+=(test/bench/rtp-sender test/bench/recorded-frames)
	programs+=(--sender "$bench/rtp-sender" --frames "$bench/recorded-frames")
}

main() {
	local name=${1-} environment targets programs
	case $name in
	join) check_join_options "${@:2}" ;;
	media) check_media_options "${@:2}" ;;
	scale) check_scale_options "${@:2}" ;;
	lossy | network) check_line_options "${@:2}" ;;
	soak) check_soak_options "${@:2}" ;;
	churn) check_churn_options "${@:2}" ;;
	-h | --help)
		usage
		exit
		;;
	'') usage_error "which benchmark?" ;;
	*) usage_error "there is no benchmark $name" ;;
	esac
	begin
	case $name in
	soak)
		run_program soak
		return
		;;
	churn)
		# Memory that GLib keeps for itself would look like a leak, or hide one.
		G_SLICE=always-malloc run_program churn demos/launch/cosoup-launch
		return
		;;
	esac
	set_up demos
	if [[ $name =~ ^(media|scale|lossy|network)$ ]] && [[ " ${*:2} " != *' --no-chromium '* ]]; then
		run_step "$repo/test/support/packages.sh" browser || fail "the set-up of the browser failed"
	fi
	targets=(demos/launch/cosoup-launch)
	programs=(--launch "$repo/build-release/demos/launch/cosoup-launch")
	if [ "$name" = scale ]; then add_scale_programs; fi
	if [ "$name" = lossy ]; then add_lossy_programs; fi
	if [ "$name" = network ]; then add_network_programs; fi
	build release --buildtype release -- "${targets[@]}" || fail "cosoup could not be built"
	environment=$("$repo/test/server/setup.sh" --env)
	eval "$environment"
	run_step "$COSOUP_NODE" "$repo/test/bench/$name.js" "${programs[@]}" "${@:2}"
}

main "$@"
