#!/usr/bin/env python3
"""usage: doc_names.py ROOT
Holds the tables of lib/docs against the sources: what stands in quotes in a column "test" or "shown by"
must be the title of a test (or its end, after "…"), and what stands in code in a column "cosoup" must be
a name of the headers.
"""

import pathlib
import re
import sys

ADJACENT = re.compile(r'"\s*\n\s*"')  # a title that goes on in the next line
WORDS = re.compile(r"[A-Za-z_]\w+")


def titles(root):
    found = []
    for source in root.glob("test/**/*.cpp"):
        text = ADJACENT.sub("", source.read_text())
        found += re.findall(r'TEST_CASE(?:_METHOD)?\([^"]*"((?:[^"\\]|\\.)*)"', text)
    return found


def header_words(root):
    words = set(WORDS.findall("\n".join(p.read_text() for p in root.glob("lib/cosoup/**/*.hpp"))))
    return words | {"co_await"}


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table_rows(text):
    """Each row as a dict from the heading of its column, with its line number."""
    heads = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith("|"):
            heads = None
        elif heads is None:
            heads = cells(line)
        elif not re.match(r"\|[\s:|-]+$", line):
            yield number, dict(zip(heads, cells(line)))


def faults(row, known_titles, known_words):
    for quoted in re.findall(r'"([^"]+)"', row.get("test", "") + row.get("shown by", "")):
        wanted = quoted.removeprefix("…").strip()
        if wanted not in known_titles and not any(t.endswith(wanted) for t in known_titles):
            yield f'no test has the title "{quoted}"'
    for code in re.findall(r"`([^`]+)`", row.get("cosoup", "")):
        if "/" in code or "<" in code or "=" in code:
            continue  # a path, a URL, a line of shell
        for word in WORDS.findall(code):
            if word not in known_words:
                yield f"no header has the name {word}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    known_titles, known_words = set(titles(root)), header_words(root)
    checked = failures = 0
    for page in sorted(root.glob("lib/docs/*.md")):
        for number, row in table_rows(page.read_text()):
            checked += 1
            for fault in faults(row, known_titles, known_words):
                failures += 1
                print(f"{page.relative_to(root)}:{number}: {fault}")
    print(f"{checked} rows, {failures} faults")
    sys.exit(failures > 0 or checked == 0)


if __name__ == "__main__":
    main()
