#!/bin/sh
# usage: use_system_libraries.sh <mediasoup worker dir>
# Fills worker/subprojects with stand-ins that declare Debian's libraries, in the place of the meson
# wraps, whose downloads a build may not be able to reach.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"

# The options that mediasoup's meson.build sets on a subproject; meson 1.0 refuses unknown ones.
options_of() {
	case $1 in
	libuv) printf "option('%s', type: 'boolean')\n" build_tests build_benchmarks ;;
	usrsctp) printf "option('%s', type: 'boolean')\n" sctp_build_programs ;;
	libsrtp2 | libsrtp3) printf "option('%s', type: 'string')\n" crypto-library crypto-library-kdf tests ;;
	esac
}

# mediasoup also link_whole's the static library of each subproject: an empty list satisfies that.
system_library() {
	echo "$1_dep = dependency('$2', allow_fallback: false)"
	for variable in $3; do echo "$variable = []"; done
}

stand_in() {
	case $1 in
	libuv) system_library libuv libuv libuv ;;
	openssl) system_library openssl openssl 'libcrypto_lib libssl_lib' ;;
	usrsctp) system_library usrsctp usrsctp usrsctp ;;
	nlohmann_json) system_library nlohmann_json nlohmann_json '' ;;
	flatbuffers) system_library flatbuffers flatbuffers flatbuffers_lib ;;
	libsrtp2) srtp_library libsrtp2 /usr/include/srtp2 ;;
	libsrtp3) srtp_library libsrtp3 include ;;
	abseil-cpp)
		system_library absl_strings absl_strings ''
		system_library absl_container absl_flat_hash_map absl_container_lib
		echo "absl_types_dep = [dependency('absl_optional', allow_fallback: false), dependency('absl_memory', allow_fallback: false)]"
		;;
	unordered-dense) echo "ankerl_unordered_dense_dep = declare_dependency(include_directories: include_directories('include'))" ;;
	catch2) echo "catch2_dep = declare_dependency()" ;;
	esac
}

srtp_library() {
	arguments=
	if grep -qs srtp_policy_create src/RTC/SrtpSession.cpp; then arguments="'-DSRTP3_OPAQUE_POLICY'"; fi
	echo "$1_dep = declare_dependency("
	echo "  dependencies: dependency('libsrtp2', allow_fallback: false),"
	echo "  include_directories: include_directories('$2'), compile_args: [$arguments])"
	echo "$1 = []"
}

for wrap in subprojects/*.wrap; do
	name=$(basename "$wrap" .wrap)
	[ -n "$(stand_in "$name")" ] || continue
	dir=subprojects/$(sed -n 's/^directory *= *//p' "$wrap")
	mkdir -p "$dir/include"
	options_of "$name" >"$dir/meson_options.txt"
	{
		echo "project('$name', 'c', 'cpp')"
		stand_in "$name"
	} >"$dir/meson.build"
	case $name in
	libsrtp3) cp -r "$here/shim/srtp3/." "$dir/include/" ;;
	unordered-dense) cp -r "$here/shim/ankerl" "$dir/include/" ;;
	esac
done

sed -i "s/meson_version: '>= 1\.[0-9.]*'/meson_version: '>= 1.0.0'/" meson.build
# Debian's libssl can do kTLS and asks through this BIO callback. The callback compares the whole
# operation type where it must test one bit, so it answers yes to BIO_CTRL_GET_KTLS_SEND and the worker
# crashes in the first real DTLS handshake.
sed -i 's/operationType == BIO_CB_RETURN)/(operationType \& BIO_CB_RETURN) != 0)/' src/RTC/DtlsTransport.cpp
