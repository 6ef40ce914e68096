#!/bin/bash
# Configures cosoup as on a system without Catch2. See usage.
set -euo pipefail
# shellcheck source=test/support/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/steps.sh"

usage() {
	cat <<-'TEXT'
		usage: wraps.sh

		Hides the system's Catch2 and configures a copy of the tree, which has to fall back on
		subprojects/catch2.wrap. The archive that it names is taken from the mirror of this system's
		apt, where Debian keeps the same one, and is kept in ${XDG_CACHE_HOME:-~/.cache}/cosoup; the
		exit status is 77 where that does not have it.
	TEXT
}

wrap=$repo/subprojects/catch2.wrap

of_wrap() { sed -n "s/^$1 = //p" "$wrap"; }

# fetch_archive: puts it into the cache, unless it is there, and checks it as meson will.
fetch_archive() {
	local version uri
	archive=$cache_dir/wraps/$(of_wrap source_filename)
	if [ ! -e "$archive" ]; then
		version=$(of_wrap directory)
		uri=$(debian_mirror)
		mkdir -p "${archive%/*}"
		run_step /usr/lib/apt/apt-helper download-file \
			"${uri%/}/pool/main/c/catch2/catch2_${version#Catch2-}.orig.tar.gz" "$archive.part" >"$work_dir/fetch.log" 2>&1 || {
			cat "$work_dir/fetch.log" >&2
			say "the mirror does not give the archive"
			exit 77
		}
		mv "$archive.part" "$archive"
	fi
	echo "$(of_wrap source_hash)  $archive" | sha256sum --check --quiet
}

hide_catch2() {
	mkdir "$work_dir/bin"
	printf '#!/bin/sh\ncase "$*" in *catch2*) exit 1 ;; esac\nexec %s "$@"\n' "$(command -v pkg-config)" \
		>"$work_dir/bin/pkg-config"
	printf '#!/bin/sh\nexit 1\n' >"$work_dir/bin/cmake"
	chmod 755 "$work_dir"/bin/*
	export PATH="$work_dir/bin:$PATH" PKG_CONFIG="$work_dir/bin/pkg-config" CMAKE="$work_dir/bin/cmake"
}

main() {
	if [ $# -gt 0 ]; then
		usage
		[ "$*" = --help ] || [ "$*" = -h ] || exit 2
		exit
	fi
	local tree log
	begin
	tree=$work_dir/tree
	log=$work_dir/configure.log
	fetch_archive
	mkdir "$tree"
	tar -C "$repo" --exclude='./build*' --exclude=./.git --exclude=node_modules --exclude='./subprojects/*/' -cf - . |
		tar -C "$tree" -xf -
	install -D "$archive" "$tree/subprojects/packagecache/${archive##*/}"
	hide_catch2
	run_step meson setup --wrap-mode=nodownload -Ddemos=disabled "$tree/build" "$tree" >"$log" 2>&1 || {
		cat "$log" >&2
		return 1
	}
	if ! grep -q 'Subproject catch2 finished' "$log"; then
		cat "$log" >&2
		fail "the system's Catch2 was taken"
	fi
	echo "without Catch2 the wrap is taken: $(of_wrap directory)"
}

main "$@"
