"""Part of floors.py: statements with a co_await that GCC 12.2 miscompiles, see
lib/docs/architecture.md.
"""

import re


def line_of(text, position):
    return text.count("\n", 0, position) + 1


OPENING = "([{"
CLOSING = ")]}"


def end_of_group(text, opening):
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] in OPENING) - (text[i] in CLOSING)
        if depth == 0:
            return i
    return len(text) - 1


def is_block(text, brace):
    """Whether the { opens a block, not an initialiser."""
    before = text[:brace].rstrip()
    if not before or before[-1] in ";{}):":
        return True
    start = max(before.rfind(c) for c in ";{}") + 1
    head = before[start:].strip()
    if re.search(r"\b(else|try|do|const|noexcept|override|final|mutable)$", head):
        return True
    if re.search(r"->[^()]*$", head):
        return True
    return bool(re.match(r"(template\b.*\b)?(struct|class|namespace|enum|union)\b", head))


def statement_around(text, position):
    """Start and end of the full statement or condition around a position; and whether an
    initialiser's braces are around it."""
    start, depth, in_braces = position, 0, False
    while start > 0:
        char = text[start - 1]
        if char in CLOSING:
            if char == "}" and depth == 0 and is_block(text, opening_of(text, start - 1)):
                break
            depth += 1
        elif char in OPENING:
            if depth == 0 and char == "{":
                if is_block(text, start - 1):
                    break
                in_braces = True
            depth = max(depth - 1, 0)
        elif char == ";" and depth == 0:
            break
        start -= 1
    end, depth = start, 0
    while end < len(text):
        char = text[end]
        depth += (char in OPENING) - (char in CLOSING)
        if depth < 0 or (depth == 0 and char == ";"):
            break
        if end > position and char == "{" and depth == 1 and is_block(text, end):
            break
        end += 1
    return start, end, in_braces


def opening_of(text, closing):
    depth = 0
    for i in range(closing, -1, -1):
        depth += (text[i] in CLOSING) - (text[i] in OPENING)
        if depth == 0:
            return i
    return 0


LAMBDA = re.compile(r"(?<![\w)\]\[])\s*\[(?!\[)([^\[\]]*)\]\s*(?=[({]|mutable)")


def lambdas(statement):
    """(captures, start and end of the body) of each outermost lambda."""
    position = 0
    while match := LAMBDA.search(statement, position):
        i = match.end()
        if statement[i : i + 1] == "(":
            i = end_of_group(statement, i) + 1
        body = statement.find("{", i)
        if body < 0:
            return
        end = end_of_group(statement, body)
        yield match.group(1), body, end
        position = end + 1


def faults_of_statement(statement, in_braces):
    if in_braces:
        yield "co_await within the braces of an initialiser"
    if re.search(r"\bco_await\s*\[", statement):
        yield "co_await of a lambda that is called on the spot"
    outside, last = "", 0
    for captures, body, end in lambdas(statement):
        for capture in filter(None, (c.strip() for c in captures.split(","))):
            if not capture.startswith("&") and capture != "this":
                yield f"lambda with a capture by value: [{captures.strip()}]"
                break
        outside += statement[last:body] + "{}"  # its body is no part of the full expression
        last = end + 1
    outside += statement[last:]
    if re.search(r"\{\s*\.\s*[A-Za-z_]", outside):
        yield "aggregate with designated initialisers"
    elif re.search(r"[(,]\s*\{(?!\s*\})", outside):
        yield "aggregate or initializer list as an argument"
    if re.search(r">\s*\{(?!\s*\})", outside):
        yield "temporary made with braces"
    if re.search(r"\?(?!\?)", outside):
        yield "ternary"
    if re.search(r"\b(?:CHECK|REQUIRE)\w*\(.*\bco_await\b", outside, re.DOTALL):
        yield "assertion, which awaits several times what stands in it,"


def check_awaits(text):
    seen = set()
    for match in re.finditer(r"\bco_await\b", text):
        start, end, in_braces = statement_around(text, match.start())
        if (start, end) in seen or re.search(r"\boperator\s*$", text[: match.start()]):
            continue
        seen.add((start, end))
        for fault in faults_of_statement(text[start:end], in_braces):
            yield line_of(text, match.start()), f"GCC 12: {fault} in a co_await statement"
