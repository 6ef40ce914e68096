#!/usr/bin/env python3
"""usage: public_headers.py BUILD_DIR [COMPILER...]
Compiles each installed header alone, twice included, with nothing but the installed headers in
reach: each must include what it needs, and none may need one that stays behind.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKAGES = ["json-glib-1.0", "gio-2.0", "gstreamer-1.0"]
# The two words that Qt makes macros of, and that none of the other headers uses, may not be ours.
FLAGS = "-std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Demit= -Dslots= -x c++ -".split()


def installed_headers(build):
    """Where each header comes from, and its name for an #include."""
    installed = json.loads((build / "meson-info" / "intro-installed.json").read_text())
    for source, target in installed.items():
        name = target.partition("/include/")[2]
        if name.endswith(".hpp"):
            yield pathlib.Path(source), name


def package_flags():
    command = ["pkg-config", "--cflags", *PACKAGES]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def compile_alone(compiler, name, include_flags):
    text = f"#include <{name}>\n#include <{name}>\n"
    command = [compiler, *include_flags, *FLAGS]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1])
    compilers = [c for c in sys.argv[2:] or ["g++", "clang++"] if shutil.which(c)]
    flags = package_flags()
    headers = sorted(installed_headers(build), key=lambda header: header[1])
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for source, name in headers:
            copy = pathlib.Path(folder) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
        jobs = [(compiler, name) for compiler in compilers for _, name in headers]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(
                lambda job: compile_alone(*job, ["-I", folder, *flags]), jobs)
            for (compiler, name), result in zip(jobs, results):
                if result.returncode != 0:
                    failures += 1
                    print(f"{name} does not compile alone with {compiler}:\n{result.stderr}")
    print(f"{len(headers)} headers, {' and '.join(compilers)}, {failures} failures")
    sys.exit(failures > 0 or not headers or not compilers)


if __name__ == "__main__":
    main()
