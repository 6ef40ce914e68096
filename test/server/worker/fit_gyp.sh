#!/bin/sh
# usage: fit_gyp.sh <mediasoup worker dir>
# Makes the sources of mediasoup < 3.9, with their own gyp, build with today's python and glibc.
set -eu
cd "$1"
# These abstract classes left `collections` with python 3.10.
grep -rlE 'collections\.(MutableSet|Iterable)' deps/gyp/pylib --include='*.py' |
	xargs sed -i -E 's/collections\.(MutableSet|Iterable)/collections.abc.\1/; s/^import collections$/import collections.abc/'
# SIGSTKSZ is no constant any more, and of another type than std::max's other argument.
sed -i 's/std::max(SIGSTKSZ,/std::max<size_t>(SIGSTKSZ,/' \
	deps/libwebrtc/deps/abseil-cpp/abseil-cpp/absl/debugging/failure_signal_handler.cc
