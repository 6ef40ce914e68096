#!/bin/sh
# usage: packages.sh <mediasoup package dir>: prints the Debian packages that its worker build needs
set -eu
worker=$1/worker
has_wrap() { [ -f "$worker/subprojects/$1.wrap" ]; }

if [ ! -f "$worker/meson.build" ]; then
	echo g++ make python3
	exit
fi
echo g++ pkg-config meson ninja-build
if has_wrap libuv; then echo libuv1-dev; fi
if has_wrap openssl; then echo libssl-dev; fi
if has_wrap libsrtp2 || has_wrap libsrtp3; then echo libsrtp2-dev; fi
if has_wrap abseil-cpp; then echo libabsl-dev; fi
if has_wrap flatbuffers; then echo libflatbuffers-dev flatbuffers-compiler; fi
if has_wrap usrsctp; then echo libusrsctp-dev; fi
if has_wrap nlohmann_json; then echo nlohmann-json3-dev; fi
