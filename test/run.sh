#!/bin/bash
# Sets up, builds and tests cosoup. See usage.
set -euo pipefail
# shellcheck source=test/support/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/steps.sh"

usage() {
	cat <<-'TEXT'
		usage: run.sh [SUITE]...

		Sets up what is missing, builds cosoup and runs its tests; without a SUITE all of them.
		  unit          no network; with sanitizers and optimised, and a build with clang, whose
		                fuzzer reads broken messages; a configuration without Catch2
		  integration   against the room server, which speaks the dialect of 2025 of the
		                demo's protocol, and what that touches in the one of 2024, too; and the
		                tests of the server itself; with
		                MEDIASOUP_VERSION in the environment against that mediasoup, with an older one
		                without the cases tagged [newer-mediasoup]
		  browser       with Chromium in the room
		Ends with what failed and "N passed, N failed, N skipped"; the exit status is 0 if all is
		well.
	TEXT
}

all_suites=(unit integration browser)
passed=0
failed=0
skipped=0

is_suite() { [[ " ${all_suites[*]} " == *" $1 "* ]]; }

# count <title> <passed> <failed> <skipped>
count() {
	passed=$((passed + $2))
	failed=$((failed + $3))
	skipped=$((skipped + $4))
	echo "$1: $2 passed, $3 failed, $4 skipped"
}

# A build that fails is one failed test.
try_build() {
	if build "$@"; then return; fi
	count "build $1" 0 1 0
	return 1
}

# Older than the one that the cases tagged [newer-mediasoup] need.
is_old_mediasoup() {
	local ours
	ours=$(sed -n 's/.*"mediasoup": "\(.*\)".*/\1/p' "$repo/test/server/package.json")
	[ "$(printf '%s\n' "${MEDIASOUP_VERSION:-$ours}" "$ours" | sort -V | head -n 1)" != "$ours" ]
}

# run_meson_tests <build> <suite>
run_meson_tests() {
	local logs=$repo/build-$1/meson-logs cases filter=()
	if [ "$2" = integration ] && is_old_mediasoup; then filter=(--test-args '~[newer-mediasoup]'); fi
	say "testing $2 ($1)"
	rm -f "$logs/$2.json"
	# The exit status says no more than the log.
	run_step meson test -C "$repo/build-$1" --no-rebuild --suite "$2" --logbase "$2" \
		"${filter[@]}" >&2 || true
	if [ ! -e "$logs/$2.json" ]; then
		count "$2 ($1)" 0 1 0
		return
	fi
	cases=$(python3 "$repo/test/support/count_cases.py" "$logs/$2.json" "$work_dir/failures")
	cat "$work_dir/failures"
	sed -n '/^failed: /,$p' "$work_dir/failures" >>"$work_dir/failed"
	# shellcheck disable=SC2086 # three numbers
	count "$2 ($1)" $cases
}

# run_node_tests <title> <command>...: the command runs Node's test runner with the spec reporter.
run_node_tests() {
	local title=$1 log=$work_dir/node-tests.log status=0 cases
	shift
	say "testing $title"
	run_step "$@" >"$log" 2>&1 || status=$?
	cases=$(node_cases "$log" "$status")
	if [ "$status" != 0 ]; then
		cat "$log"
		echo "failed: $title" >>"$work_dir/failed"
	fi
	# shellcheck disable=SC2086 # three numbers
	count "$title" $cases
}

# node_cases <log> <status>: passed, failed and skipped
node_cases() {
	awk -v status="$2" '
		/^ℹ (pass|fail|cancelled|skipped|todo) [0-9]+$/ { n[$2] = $3 }
		END {
			failed = n["fail"] + n["cancelled"]
			if (status != 0 && failed == 0) failed = 1
			print n["pass"] + 0, failed, n["skipped"] + n["todo"]
		}' "$1"
}

# ---- suites ----------------------------------------------------------------------------------

test_unit() {
	if try_build asan "${asan_options[@]}"; then run_meson_tests asan unit; fi
	if try_build release --buildtype release -- unit-tests; then
		run_meson_tests release unit
	fi
	test_clang
	test_wraps
	run_node_tests "benchmarks" "$COSOUP_NODE" --test --test-reporter=spec \
		--test-timeout=30000 "$repo"/test/bench/*.test.js
}

# For its warnings, which are errors, and so without optimisation, and for its fuzzer.
test_clang() {
	if CXX=clang++ CC=clang try_build clang --buildtype plain -Doptimization=0; then
		count "clang without warnings" 1 0 0
		run_meson_tests clang fuzz
	fi
}

# As on a system without Catch2.
test_wraps() {
	local status=0
	run_step "$repo/test/wraps.sh" >&2 || status=$?
	case $status in
	0) count "wraps" 1 0 0 ;;
	77) count "wraps (skipped without the archive)" 0 0 1 ;;
	*)
		count "wraps" 0 1 0
		echo "failed: wraps" >>"$work_dir/failed"
		;;
	esac
}

test_integration() {
	if try_build asan "${asan_options[@]}"; then run_meson_tests asan integration; fi
	list_dialect_cases
	run_node_tests "room server" "$repo/test/server/test.sh"
}

# The programs that run a second time, with a room server of the older dialect, and their cases.
list_dialect_cases() {
	local name program
	[ -e "$repo/build-asan/build.ninja" ] || return 0
	echo "in both dialects of the protocol, of 2025 and (again) of 2024:"
	while read -r name; do
		program=$repo/build-asan/test/integration/integration-${name%-2024}
		[ -x "$program" ] || continue
		# Catch2 answers with how many there are.
		"$program" --list-test-names-only '[dialect]' 2>/dev/null | sed 's/^/  /' || true
	done < <(meson test -C "$repo/build-asan" --list --no-rebuild 2>/dev/null | sed -n 's/.*[:/ ]\([a-z-]*-2024\)$/\1/p')
}

# Optimised: the machine has a browser to run beside it.
test_browser() {
	if ! run_step "$repo/test/support/packages.sh" browser; then
		count "set-up of the browser" 0 1 0
		return
	fi
	if try_build release --buildtype release -- demos/launch/cosoup-launch; then
		run_node_tests browser "$repo/test/browser/test.sh"
	fi
}

asan_options=(--buildtype debug '-Db_sanitize=address,undefined')

main() {
	local suite environment suites=("$@")
	for suite; do
		case $suite in
		-h | --help)
			usage
			exit
			;;
		esac
		if ! is_suite "$suite"; then
			say "run.sh: there is no suite $suite"
			usage >&2
			exit 2
		fi
	done
	[ $# -gt 0 ] || suites=("${all_suites[@]}")
	begin
	set_up tests
	environment=$("$repo/test/server/setup.sh" --env)
	eval "$environment"
	for suite in "${all_suites[@]}"; do
		if [[ " ${suites[*]} " == *" $suite "* ]]; then "test_$suite"; fi
	done
	if [ -s "$work_dir/failed" ]; then cat "$work_dir/failed"; fi
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

main "$@"
