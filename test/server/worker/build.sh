#!/bin/sh
# usage: build.sh <mediasoup package dir> <output file>
# Builds mediasoup-worker from the sources in the npm package, offline, with Debian 12's tools: since
# mediasoup 3.9 by meson with Debian's libraries in place of the downloaded ones, before that by the
# bundled gyp. The package dir is changed in the process.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
worker=$(cd "$1" && pwd)/worker
output=$2
jobs=$(nproc)

if [ -f "$worker/meson.build" ]; then
	"$here/use_system_libraries.sh" "$worker"
	meson setup --buildtype release -Db_ndebug=true --wrap-mode nodownload "$worker/build" "$worker"
	ninja -j "$jobs" -C "$worker/build" mediasoup-worker
	built=$worker/build/mediasoup-worker
else
	"$here/fit_gyp.sh" "$worker"
	make -C "$worker" CORES="$jobs" PYTHON=python3 MEDIASOUP_BUILDTYPE=Release
	built=$worker/out/Release/mediasoup-worker
fi
strip -o "$output" "$built"
