#!/bin/bash
# Sets everything up on a bare machine, joins two peers to a real room server and records; or lets a
# browser join.
set -euo pipefail
# shellcheck source=test/support/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/../test/support/steps.sh"

usage() {
	cat <<-'TEXT'
		usage: quickstart.sh [--seconds N] [--output DIR]
		       quickstart.sh --serve [--seconds N] [--output DIR]

		Builds cosoup, starts a mediasoup room server, lets one peer send a test picture and a tone and
		another record it.
		  --seconds N          how long (default 10; --serve: until Ctrl-C)
		  --output DIR         where the recording goes (default ./recordings)
		  --serve, --browser   instead let a browser on this machine join the peer that sends, by the link
		                       that is printed; with --output that peer records who comes
	TEXT
}

usage_error() {
	say "quickstart.sh: $*"
	usage >&2
	exit 2
}

seconds=
output=
serve=

parse_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--seconds=* | --output=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
		esac
		case $1 in
		--seconds | --output) [ $# -ge 2 ] || usage_error "$1 needs a value" ;;
		esac
		case $1 in
		--seconds)
			[[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || usage_error "--seconds $2: expected a whole number from 1 to 99999"
			seconds=$2
			shift 2
			;;
		--output)
			[ -n "$2" ] || usage_error "--output needs a value"
			output=$2
			shift 2
			;;
		--serve | --browser)
			serve=yes
			shift
			;;
		-h | --help)
			usage
			exit
			;;
		*) usage_error "unknown option $1" ;;
		esac
	done
	if [ -z "$serve" ]; then
		: "${seconds:=10}" "${output:=$PWD/recordings}"
	fi
}

make_output() {
	mkdir -p "$output" || fail "cannot make $output"
	output=$(cd "$output" && pwd)
}

# ---- peers -----------------------------------------------------------------------------------

trust=() # how a peer knows the server

# start_peer <name> <option>...: peer_pid; its events are in $work_dir/<name>.json.
start_peer() {
	local name=$1
	shift
	start "$repo/build-release/demos/launch/cosoup-launch" "$server_url" --room quickstart --peer "$name" \
		"${trust[@]}" --json "$@" \
		>"$work_dir/$name.json" 2>"$work_dir/$name.log"
	peer_pid=$child
}

has_event() { grep -q "^{\"event\":\"$2\"" "$work_dir/$1.json"; }
has_event_or_ended() { has_event "$1" "$2" || has_ended "$3"; }

# expect_event <peer> <event> <pid> <seconds>
expect_event() {
	wait_for "$4" has_event_or_ended "$1" "$2" "$3" || true
	has_event "$1" "$2" || peer_failed "$1" "no \"$2\" of the $1"
}

peer_failed() {
	cat "$work_dir/$1.log" >&2
	fail "$2"
}

# event_fields <peer> <event> <field>: a line for each such event
event_fields() {
	python3 -c '
import json, sys
path, event, field = sys.argv[1:]
for line in open(path, encoding="utf-8"):
    record = json.loads(line)
    if record["event"] == event:
        print(record[field])
' "$work_dir/$1.json" "$2" "$3"
}

# ---- the call --------------------------------------------------------------------------------

# Records from the sender's first packet until it leaves, which finalises the file: recording is its path.
make_call() {
	local recorder sender
	start_server --host 127.0.0.1
	trust=(--ca-file "$work_dir/certificate/cert.pem")
	say "room server: $server_url"
	start_peer recorder --consume "record:$output"
	recorder=$peer_pid
	expect_event recorder joined "$recorder" 20
	start_peer sender --produce test --consume none --for "$seconds"
	sender=$peer_pid
	expect_event recorder first-rtp "$recorder" 20
	say "in the room: a sender and a recorder; recording $seconds s"
	expect_event sender summary "$sender" $((seconds + 20))
	finish "$sender" || peer_failed sender "the sender failed"
	expect_event recorder recording "$recorder" 20
	stop "$recorder" || peer_failed recorder "the recorder failed"
	stop "$server_pid" || fail "the room server failed"
	IFS= read -r recording < <(event_fields recorder recording path) || true
	[ -s "$recording" ] || fail "there is no recording"
	# Under a name that gst-launch reads as it stands.
	ln -s "$recording" "$work_dir/recording"
}

# ---- what was recorded -----------------------------------------------------------------------

discovered() { sed -n "s/^ *$1: //p" "$work_dir/discovered" | head -n 1; }

codec_of() { sed -n "s/^ *$1 *#[0-9]*: //p" "$work_dir/discovered" | head -n 1; }

# to_ms <H:MM:SS.fraction>
to_ms() { awk -F: '{ printf "%d\n", ($1 * 3600 + $2 * 60 + $3) * 1000 + 0.5 }' <<<"$1"; }

# first_packet video|audio: milliseconds from the file's start to the first packet. One stream at a
# time: what two would print at the same time gets mixed.
first_packet() {
	gst-launch-1.0 -v filesrc location="$work_dir/recording" ! matroskademux name=file \
		file."$1"_0 ! fakesink silent=false sync=false num-buffers=1 2>&1 |
		sed -n 's/.*GstFakeSink:.* pts: \([0-9:.]*\),.*/\1/p' >"$work_dir/packet"
	to_ms "$(head -n 1 "$work_dir/packet")"
}

# take_still <path>: one frame from the middle. The frames are thinned out to three, the second one
# at half time.
take_still() {
	run_step gst-launch-1.0 -q filesrc location="$work_dir/recording" ! matroskademux ! vp8dec ! videorate ! \
		"video/x-raw,framerate=2/$seconds" ! videoconvert ! pngenc ! \
		multifilesink location="$work_dir/still-%d.png" >"$work_dir/still.log" 2>&1 &&
		mv "$work_dir/still-1.png" "$1"
}

report() {
	local duration_ms video_start audio_start apart still
	run_step gst-discoverer-1.0 "$work_dir/recording" >"$work_dir/discovered" 2>&1 ||
		{ cat "$work_dir/discovered" >&2 && fail "gst-discoverer-1.0 cannot read $recording"; }
	[ "$(codec_of video)" = VP8 ] || fail "the video of $recording is not VP8"
	[ "$(codec_of audio)" = Opus ] || fail "the audio of $recording is not Opus"
	duration_ms=$(to_ms "$(discovered Duration)")
	video_start=$(first_packet video)
	audio_start=$(first_packet audio)
	apart=$((video_start - audio_start))
	still=${recording%.*}.png
	take_still "$still" || { cat "$work_dir/still.log" >&2 && fail "no picture could be taken"; }
	cat <<-TEXT

		recording  $recording
		duration   $((duration_ms / 1000)).$(printf %03d $((duration_ms % 1000))) s
		video      $(codec_of video), $(discovered Width) x $(discovered Height)
		audio      $(codec_of audio), starts ${apart#-} ms $([ "$apart" -ge 0 ] && echo before || echo after) the video
		still      $still
	TEXT
	check "$duration_ms" "${apart#-}"
}

check() {
	local duration_ms=$1 apart=$2 wrong_by
	wrong_by=$((duration_ms - seconds * 1000))
	[ "${wrong_by#-}" -le 1000 ] || fail "the recording is not $seconds s long"
	[ "$apart" -le 200 ] || fail "audio and video do not start together"
}

# ---- a room for a browser --------------------------------------------------------------------

is_over() { [ -n "$interrupted" ] || has_ended "$server_pid" || has_ended "$sender"; }

# Without TLS: on the machine itself browsers trust a page as it is, while they warn of a certificate
# that nobody has signed.
serve_room() {
	local sender interrupted='' consume=none
	[ -z "$output" ] || consume=record:$output
	start_server --host 127.0.0.1 --insecure-ws
	start_peer sender --name cosoup --produce test --consume "$consume"
	sender=$peer_pid
	expect_event sender joined "$sender" 20
	trap 'interrupted=yes' INT TERM
	echo "open in Chromium: http${server_url#ws}/?room=quickstart"
	say "until ${seconds:+$seconds s have passed or }Ctrl-C is pressed"
	wait_for "${seconds:-1000000000}" is_over || true
	trap 'exit 130' INT TERM
	! has_ended "$server_pid" || fail "the room server has ended"
	! has_ended "$sender" || peer_failed sender "the sender has ended"
	stop "$sender" || peer_failed sender "the sender failed"
	stop "$server_pid" || fail "the room server failed"
	event_fields sender recording path
}

main() {
	parse_options "$@"
	begin
	[ -z "$output" ] || make_output
	set_up demos
	build release --buildtype release -- demos/launch/cosoup-launch || fail "cosoup could not be built"
	if [ -n "$serve" ]; then
		serve_room
	else
		make_call
		report
	fi
}

main "$@"
