#!/usr/bin/env python3
"""first_example.py README OUTPUT: writes the first C++ block of a Markdown file to OUTPUT."""
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
found = re.search(r"^```cpp\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
if not found:
    sys.exit(f"{sys.argv[1]}: no C++ block")
with open(sys.argv[2], "w", encoding="utf-8") as output:
    output.write(found.group(1))
