#!/usr/bin/env python3
"""usage: exported_symbols.py BUILD_DIR
The shared library shows what the installed headers declare, and nothing else: each function that
they declare without a body can be linked; and each function of cosoup's that can be linked is
declared there or is what the library of test doubles needs, or belongs to a class of which that is
true: what a class keeps to itself goes with it.
"""

import json
import pathlib
import shutil
import subprocess
import sys

from public_headers import installed_headers, package_flags

FUNCTIONS = {"FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl", "CXXDestructorDecl",
             "CXXConversionDecl"}
BODIES = {"CompoundStmt", "CoroutineBodyStmt"}
TEMPLATES = {"ClassTemplateDecl", "FunctionTemplateDecl"}


def symbols(library, *nm_options):
    """Pairs of a mangled name and nm's letter for it."""
    listing = subprocess.run(["nm", "-P", *nm_options, str(library)], capture_output=True, text=True,
                             check=True).stdout
    fields = (line.split() for line in listing.splitlines())
    return {(field[0], field[1]) for field in fields if len(field) > 1}


def demangled(names):
    """Constructors and destructors have several symbols each, which read alike."""
    text = "\n".join(sorted(names))
    return set(subprocess.run(["c++filt"], input=text, capture_output=True, text=True,
                              check=True).stdout.splitlines())


def path_of(function):
    """Its namespaces and classes, and its own name."""
    return function.partition("(")[0].rpartition(" ")[2].split("::")


def ours(functions):
    return {name for name in functions if path_of(name)[0] == "cosoup"}


def documents(text):
    """Each of the JSON values that stand one after the other."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        value, end = decoder.raw_decode(text, at)
        yield value
        at = text.find("{", end)


def declared(node, access="public"):
    """What others can call: mangled names, and whether the library has to have it."""
    if node.get("kind") in TEMPLATES:
        return  # of which only what is specialized by hand lies in the library
    if node.get("kind") in FUNCTIONS and access == "public" and "mangledName" in node:
        yield node["mangledName"], needs_library(node)
    inner_access = "private" if node.get("tagUsed") == "class" else "public"
    for child in node.get("inner", []):
        inner_access = child["access"] if child.get("kind") == "AccessSpecDecl" else inner_access
        yield from declared(child, inner_access)


def classes(node):
    if node.get("kind") == "CXXRecordDecl" and "name" in node:
        yield node["name"]
    for child in node.get("inner", []):
        yield from classes(child)


def needs_library(function):
    has_body = any(part.get("kind") in BODIES for part in function.get("inner", []))
    return not (has_body or function.get("pure") or function.get("explicitlyDeleted")
                or function.get("explicitlyDefaulted") or function.get("isImplicit"))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not shutil.which("clang++"):
        sys.exit("exported_symbols.py needs clang++, which reads the headers for it")
    build = pathlib.Path(sys.argv[1])
    headers = [name for _, name in installed_headers(build) if "/testing/" not in name]
    root = pathlib.Path(__file__).resolve().parent.parent / "lib"
    tree = subprocess.run(
        ["clang++", "-std=c++20", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang",
         "-ast-dump-filter=cosoup", "-I", str(root), *package_flags(), "-x", "c++", "-"],
        input="".join(f"#include <{name}>\n" for name in headers),
        stdout=subprocess.PIPE, text=True, check=True).stdout
    trees = list(documents(tree))
    functions = {pair for document in trees for pair in declared(document)}
    # An inline one may have its body further down.
    wanted = demangled({name for name, needed in functions if needed}
                       - {name for name, needed in functions if not needed})
    public = {name for document in trees for name in classes(document)}
    shared = next(path for path in (build / "lib").glob("libcosoup.so.*") if path.is_file())
    exported = symbols(shared, "-D", "--defined-only")
    doubles = symbols(build / "lib/cosoup/testing/libcosoup-testing.a", "--undefined-only")
    needed = ours(demangled(name for name, _ in doubles))
    public |= {parts[-2] for parts in map(path_of, needed) if len(parts) > 2}
    strong = ours(demangled(name for name, letter in exported if letter == "T"))
    failures = [f"declared, but hidden: {name}"
                for name in wanted - demangled(name for name, _ in exported)]
    failures += [f"internal, but exported: {name}" for name in strong - wanted - needed
                 if public.isdisjoint(path_of(name))]
    print("\n".join(failures))
    print(f"{len(wanted)} functions declared, {len(strong)} exported, {len(failures)} failures")
    sys.exit(bool(failures) or not wanted or not strong)


if __name__ == "__main__":
    main()
