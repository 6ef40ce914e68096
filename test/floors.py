#!/usr/bin/env python3
"""usage: floors.py ROOT
Checks in the sources what no compiler checks: which floor includes what (lib/docs/architecture.md:
each floor knows only those below it), that no header includes itself by a detour, that no name is
given to two types, that a header which is not installed says so, that coroutine machinery stays at
the bottom, that the library uses no POSIX header, and that no statement with a co_await contains
what GCC 12.2 miscompiles without a warning (aggregate temporaries, lambdas with captures by value,
ternaries: double frees).
"""

import pathlib
import re
import sys

from await_statements import check_awaits, line_of

GSTREAMER = {"glib", "gio", "gstreamer"}
BELOW_MEDIA = {"core", "async", "glib", "gst", "rtc"}
MEDIA_LIBRARIES = GSTREAMER | {"gst-app"}
# floor or wing of one: (what it may include, libraries that it may include); who may include a
# floor from elsewhere may include its wings
FLOORS = {
    "core": ({"core"}, {"glib"}),
    "async": ({"async", "core"}, {"glib"}),
    "glib": ({"glib", "core", "async"}, {"glib", "gio"}),
    "gst": ({"gst", "core", "async", "glib"}, GSTREAMER),
    "rtc": ({"rtc", "core"}, set()),
    "rtc/congestion": ({"rtc", "rtc/congestion", "core"}, set()),
    "rtc/sending": ({"rtc/sending", "rtc", "core"}, set()),
    "webrtc": ({"webrtc", "core", "async", "glib", "gst", "rtc"}, GSTREAMER | {"gst-webrtc", "nice"}),
    "media": ({"media"} | BELOW_MEDIA, MEDIA_LIBRARIES),
    "media/source": ({"media", "media/source"} | BELOW_MEDIA, MEDIA_LIBRARIES),
    "media/sink": ({"media", "media/sink"} | BELOW_MEDIA, MEDIA_LIBRARIES),
    "media/record": ({"media", "media/record", "media/sink"} | BELOW_MEDIA, MEDIA_LIBRARIES),
    "media/rtp": ({"media", "media/rtp"} | BELOW_MEDIA, MEDIA_LIBRARIES),
    "signaling": ({"signaling", "core", "async", "glib", "rtc"}, {"glib", "gio", "libsoup"}),
    "client": ({"client", "core", "async", "glib", "gst", "rtc", "webrtc", "media"}, GSTREAMER),
    "room": ({"room", "client", "signaling", "core", "async", "rtc", "media"}, {"glib"}),
    "testing": (
        {"testing", "client", "core", "async", "glib", "gst", "rtc", "webrtc", "media"}, GSTREAMER),
    "": None,  # mediasoup_client.* and cosoup.hpp: anything of ours, no library
}
# Single files may include more than their floor.
EXTRA_LIBRARIES = [
    (r"core/json\.cpp", {"json-glib"}),
    (r"webrtc/certificate\.cpp", {"openssl"}),
    (r"rtc/(sdp_\w+)\.(cpp|hpp)", {"glib", "gst-sdp"}),
    (r"testing/fake_sdp\.cpp", {"gst-sdp"}),
    (r"webrtc/(webrtcbin_connection|sdp_\w+)\.(cpp|hpp)", {"gst-sdp"}),
]
LIBRARIES = [
    (r"glib-unix\.h", "glib-unix"),
    (r"glib(-object)?\.h|glib/.*", "glib"),
    (r"gio/.*", "gio"),
    (r"json-glib/.*", "json-glib"),
    (r"libsoup/.*", "libsoup"),
    (r"nice/.*|agent\.h", "nice"),
    (r"gst/sdp/.*", "gst-sdp"),
    (r"gst/webrtc/.*", "gst-webrtc"),
    (r"openssl/.*", "openssl"),
    (r"gst/app/.*", "gst-app"),
    (r"gst/.*", "gstreamer"),
]
POSIX = re.compile(r"(unistd|poll|pthread|dlfcn)\.h|(sys|netinet|arpa)/.*")
MACHINERY = re.compile(r"\b(await_suspend|coroutine_handle|GAsyncReadyCallback)\b")
MACHINERY_HOMES = ("async/", "glib/", "webrtc/promise.")
# Leaves the element behind when another thread changes the parent's state; see gst/parent_state.hpp.
RACY_SYNC = re.compile(r"\bgst_element_sync_state_with_parent\(")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def without_comments(text, keep_strings):
    """The same text, of the same line structure, with comments (and string contents) blanked."""
    token = re.compile(
        r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|"""
        r"""(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""",
        re.S,
    )

    def blank(match):
        found = match.group()
        newlines = "\n" * found.count("\n")
        if found.startswith("/"):
            return " " + newlines
        return found if keep_strings else '""' + newlines

    return token.sub(blank, text)


# ---- includes ---------------------------------------------------------------------------------


def floor_of(path):
    """The folder of a file, "" for those at the top."""
    return path.rpartition("/")[0]


def is_in_unix_block(text, position):
    block = re.compile(r"#ifdef G_OS_UNIX\n(.*?)#(endif|else)", re.S)
    return any(m.start(1) <= position < m.end(1) for m in block.finditer(text))


def check_library_include(path, name, text, position):
    if POSIX.fullmatch(name):
        return f"POSIX header <{name}>"
    library = next((lib for pattern, lib in LIBRARIES if re.fullmatch(pattern, name)), None)
    if library is None:
        is_standard = re.fullmatch(r"[a-z_]+|fcntl\.h", name)  # the latter's flags go with g_open()
        return None if is_standard else f"unknown library header <{name}>"
    if library == "glib-unix":
        fine = path == "async/loop.cpp" and is_in_unix_block(text, position)
        return None if fine else "<glib-unix.h> belongs into #ifdef G_OS_UNIX of async/loop.cpp"
    allowed = set(FLOORS[floor_of(path)][1]) if FLOORS[floor_of(path)] else set()
    for pattern, more in EXTRA_LIBRARIES:
        if re.fullmatch(pattern, path):
            allowed |= more
    return None if library in allowed else f"{library} (<{name}>) is not for this floor"


def check_own_include(path, name):
    if not name.startswith("cosoup/"):
        return f'"{name}" is not named from the include root'
    target = name[len("cosoup/") :]
    floor, wing = floor_of(path), floor_of(target)
    if FLOORS[floor] is None or wing in FLOORS[floor][0]:
        return None
    storey = wing.split("/")[0]
    if storey != floor.split("/")[0] and storey in FLOORS[floor][0]:
        return None
    return f"{floor}/ may not include {target}"


def check_includes(path, text):
    """`path` is relative to lib/cosoup."""
    if floor_of(path) not in FLOORS:
        yield 1, f"unknown floor {floor_of(path)}/"
        return
    for match in INCLUDE.finditer(text):
        quote, name = match.groups()
        if quote == '"':
            fault = check_own_include(path, name)
        else:
            fault = check_library_include(path, name, text, match.start())
        if fault:
            yield line_of(text, match.start()), fault


def check_machinery(path, text):
    if path.startswith(MACHINERY_HOMES):
        return
    for match in MACHINERY.finditer(text):
        # A parameter of an awaitAsync() start function is what the type is for.
        before = text[: match.start()].rstrip()
        if match.group() == "GAsyncReadyCallback" and before.endswith(","):
            continue
        yield line_of(text, match.start()), f"{match.group()} belongs to async/ and glib/"


def check_states(text):
    for match in RACY_SYNC.finditer(text):
        yield line_of(text, match.start()), "syncStateWithParent() has no race with other threads"


# ---- the tree ---------------------------------------------------------------------------------


def markdown_code(text):
    """Only the C++ of a Markdown page, on the same lines."""
    result, inside = [], False
    for line in text.split("\n"):
        if line.startswith("```"):
            inside = line.startswith(("```cpp", "```c++")) and not inside
            result.append("")
        else:
            result.append(line if inside else "")
    return "\n".join(result)


def installed_headers(library):
    """By what the floors' build files say."""
    for build in library.rglob("meson.build"):
        for listed in re.findall(r"\binstall_headers\((.*?)\)", build.read_text(), re.S):
            for name in re.findall(r"'([\w/]+\.hpp)'", listed):
                yield build.parent / name


def check_internal(library, files):
    installed = set(installed_headers(library))
    for file in files:
        if file.suffix != ".hpp" or library not in file.parents or file in installed:
            continue
        comment = re.match(r"(//[^\n]*\n)*", file.read_text(encoding="utf-8")).group()
        if "nternal" not in comment:
            yield file, 1, "is not installed, and does not say that it is internal"


def check_circles(library, files):
    """No file may include itself, however far around."""
    included = {}
    for file in files:
        if library in file.parents:
            text = without_comments(file.read_text(encoding="utf-8"), keep_strings=True)
            names = (match[2] for match in INCLUDE.finditer(text) if match[1] == '"')
            included[file] = [library.parent / name for name in names]
    done = set()

    def circle_from(file, trail):
        if file in trail:
            return trail[trail.index(file) :]
        if file in done:
            return None
        found = [circle_from(other, [*trail, file]) for other in included.get(file, [])]
        done.add(file)
        return next(filter(None, found), None)

    for file in included:
        if circle := circle_from(file, []):
            names = " -> ".join(each.name for each in [*circle, circle[0]])
            yield circle[0], 1, f"circle of includes: {names}"


def types_defined(text):
    """(line, name with its namespaces) of each class that other files can see."""
    spaces = []
    for number, line in enumerate(text.split("\n"), 1):
        if opened := re.match(r"(?:inline )?namespace\b ?([\w:]*) ?\{$", line):
            spaces.append(opened[1])
        elif line == "}" and spaces:
            # What a comment said after it is blanked.
            spaces.pop()
        elif "" not in spaces and (
            defined := re.match(r"(?:class|struct|enum class) (\w+)(?: final)?(?: :.*)? \{", line)
        ):
            yield number, "::".join([*spaces, defined[1]])


def check_names(library, files):
    """Two types of one name make a program of which anything may come (the rule of one definition)."""
    homes = {}
    for file in files:
        if library not in file.parents:
            continue
        text = without_comments(file.read_text(encoding="utf-8"), keep_strings=False)
        for line, name in types_defined("\n".join(row.rstrip() for row in text.split("\n"))):
            if name in homes:
                yield file, line, f"{name} is defined in {homes[name].name}, too"
            homes[name] = file


def check_file(root, file):
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        text = markdown_code(text)
    code = without_comments(text, keep_strings=False)
    yield from check_awaits(code)
    library = root / "lib" / "cosoup"
    if library in file.parents:
        path = file.relative_to(library).as_posix()
        yield from check_includes(path, without_comments(text, keep_strings=True))
        yield from check_machinery(path, code)
        yield from check_states(code)


def check_tree(root):
    files = [root / "README.md", *(root / "lib").rglob("*.md")]
    for folder in ("lib", "demos", "test"):
        files += [f for f in (root / folder).rglob("*") if f.suffix in (".cpp", ".hpp")]
    files = sorted(f for f in files if f.is_file() and "node_modules" not in f.parts)
    found = [(file, *fault) for file in files for fault in check_file(root, file)]
    found += check_internal(root / "lib" / "cosoup", files)
    found += check_circles(root / "lib" / "cosoup", files)
    found += check_names(root / "lib" / "cosoup", files)
    faults = [f"{file.relative_to(root).as_posix()}:{line}: {fault}" for file, line, fault in found]
    return len(files), faults


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    count, faults = check_tree(pathlib.Path(sys.argv[1]).resolve())
    print(*faults, f"{count} checked, {len(faults)} faults", sep="\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
