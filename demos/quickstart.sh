#!/bin/bash
# Sets everything up on a bare machine, joins two peers to a real room server and records.
set -euo pipefail
# shellcheck source=demos/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
	cat <<-'TEXT'
		usage: quickstart.sh [--seconds N] [--output DIR]

		Builds cosoup, starts a mediasoup room server, lets one peer send a test picture and a tone and
		another record it.
		  --seconds N    how long (default 10)
		  --output DIR   where the recording goes (default ./recordings)
	TEXT
}

usage_error() {
	say "quickstart.sh: $*"
	usage >&2
	exit 2
}

seconds=10
output=$PWD/recordings

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
		-h | --help)
			usage
			exit
			;;
		*) usage_error "unknown option $1" ;;
		esac
	done
}

# ---- the call --------------------------------------------------------------------------------

# start_peer <name> <option>...: peer_pid; its events are in $work_dir/<name>.json.
start_peer() {
	local name=$1
	shift
	start "$repo/build-release/demos/launch/cosoup-launch" "$server_url" --room quickstart --peer "$name" \
		--ca-file "$work_dir/certificate/cert.pem" --json "$@" \
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

# event_field <peer> <event> <field>: of the first such event
event_field() {
	python3 -c '
import json, sys
path, event, field = sys.argv[1:]
for line in open(path, encoding="utf-8"):
    record = json.loads(line)
    if record["event"] == event:
        print(record[field])
        break
' "$work_dir/$1.json" "$2" "$3"
}

# Records from the sender's first packet until it leaves, which finalises the file: recording is its path.
make_call() {
	local recorder sender
	start_server --host 127.0.0.1
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
	recording=$(event_field recorder recording path)
	[ -s "$recording" ] || fail "there is no recording"
	# Under a name that gst-launch reads as it stands.
	ln -s "$recording" "$work_dir/recording"
}

# ---- what was recorded -----------------------------------------------------------------------

discovered() { sed -n "s/^ *$1: //p" "$work_dir/discovered" | head -n 1; }

codec_of() { sed -n "s/^ *$1 *#[0-9]*: //p" "$work_dir/discovered" | head -n 1; }

# to_ms <H:MM:SS.fraction>
to_ms() { awk -F: '{ printf "%d\n", ($1 * 3600 + $2 * 60 + $3) * 1000 + 0.5 }' <<<"$1"; }

# Milliseconds from the file's start to the first packet, a line for video and one for audio.
first_packets() {
	gst-launch-1.0 -v filesrc location="$work_dir/recording" ! matroskademux name=file \
		file.video_0 ! queue ! fakesink name=video silent=false sync=false \
		file.audio_0 ! queue ! fakesink name=audio silent=false sync=false 2>&1 |
		sed -n 's/.*GstFakeSink:\([a-z]*\): .* pts: \([0-9:.]*\),.*/\1 \2/p' >"$work_dir/packets"
	first_packet video
	first_packet audio
}

first_packet() { to_ms "$(sed -n "s/^$1 //p" "$work_dir/packets" | head -n 1)"; }

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
	read -r -d '' video_start audio_start < <(first_packets) || true
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

main() {
	parse_options "$@"
	begin
	mkdir -p "$output" || fail "cannot make $output"
	output=$(cd "$output" && pwd)
	set_up demos
	build release --buildtype release -- demos/launch/cosoup-launch || fail "cosoup could not be built"
	make_call
	report
}

main "$@"
