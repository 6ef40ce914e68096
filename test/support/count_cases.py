#!/usr/bin/env python3
"""usage: count_cases.py TESTLOG_JSON FAILURES
Prints how many test cases passed, failed and were skipped in a run of `meson test`, and writes what
the failed programs said to FAILURES, and after it one line for each program with what failed in it.
A program of Catch2 counts with its cases, any other as one. A program that fails beside its cases
(it crashed, leaked or took too long) is one failed case more.
"""

import json
import re
import sys

SAID_AT_MOST = 20_000  # characters of a failed program
ALL_PASSED = re.compile(r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)", re.M)
CASES = re.compile(r"^test cases: +\d+ *((?:\| *\d+ [a-z ]+)+)", re.M)
PART = re.compile(r"(\d+) (passed|failed as expected|failed|skipped)")
# Catch2 names the place, then the assertion or the exception.
FAILED_AT = re.compile(r"^(\S+:\d+): FAILED:\n((?: .*\n)*)", re.M)
NUMBER = re.compile(r"0x[0-9a-fx]+|\d+")


def catch2_cases(said):
    """(passed, failed, skipped) of Catch2's last line, or None."""
    found = ALL_PASSED.findall(said)
    if found:
        return int(found[-1]), 0, 0
    found = CASES.findall(said)
    if not found:
        return None
    parts = {name: int(number) for number, name in PART.findall(found[-1])}
    passed = parts.get("passed", 0) + parts.get("failed as expected", 0)
    return passed, parts.get("failed", 0), parts.get("skipped", 0)


def cases_of(test):
    cases = catch2_cases(test.get("stdout", ""))
    if test["result"] == "SKIP":
        return 0, 0, 1
    if test["result"] in ("OK", "EXPECTEDFAIL"):
        return cases or (1, 0, 0)
    passed, failed, skipped = cases or (0, 0, 0)
    return passed, failed or 1, skipped


def without_floods(said):
    """Of lines that follow each other and differ by numbers only, the first and how many they are."""
    lines = []
    alike = 0
    last = None
    for line in said.splitlines() + [None]:
        form = line and NUMBER.sub("#", line)
        if form and form == last:
            alike += 1
            continue
        if alike:
            lines.append(f"[... {alike} more like it]")
        alike, last = 0, form
        if line is not None:
            lines.append(line)
    return "\n".join(lines)


def status_of(test):
    return f"{test['name']}: {test['result']}, status {test.get('returncode')}"


def report(test):
    # What Catch2 says comes last, where it is looked for.
    said = without_floods(test.get("stderr", "") + test.get("stdout", ""))
    if len(said) > SAID_AT_MOST:
        said = "[...]\n" + said[-SAID_AT_MOST:]
    return f"---- {status_of(test)}\n{said.rstrip()}\n----\n"


def summary(test):
    places = (
        f"{place.rsplit('/test/', 1)[-1]}: {' '.join(what.split())}"
        for place, what in FAILED_AT.findall(test.get("stdout", ""))
    )
    return "\n  ".join([f"failed: {status_of(test)}", *places]) + "\n"


def main(log_path, failures_path):
    with open(log_path, encoding="utf-8") as log:
        tests = [json.loads(line) for line in log]
    totals = [0, 0, 0]
    failed = []
    for test in tests:
        cases = cases_of(test)
        totals = [total + case for total, case in zip(totals, cases)]
        if cases[1]:
            failed.append(test)
    with open(failures_path, "w", encoding="utf-8") as failures:
        failures.writelines(report(test) for test in failed)
        failures.writelines(summary(test) for test in failed)
    print(*totals)


if __name__ == "__main__":
    main(*sys.argv[1:])
