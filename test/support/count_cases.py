#!/usr/bin/env python3
"""usage: count_cases.py TESTLOG_JSON FAILURES
Prints how many test cases passed, failed and were skipped in a run of `meson test`, and writes what
the failed programs said to FAILURES. A program of Catch2 counts with its cases, any other as one.
A program that fails beside its cases (it crashed, leaked or took too long) is one failed case more.
"""

import json
import re
import sys

SAID_AT_MOST = 100_000  # characters of a failed program
ALL_PASSED = re.compile(r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)", re.M)
CASES = re.compile(r"^test cases: +\d+ *((?:\| *\d+ [a-z ]+)+)", re.M)
PART = re.compile(r"(\d+) (passed|failed as expected|failed|skipped)")


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


def report(test):
    said = test.get("stdout", "") + test.get("stderr", "")
    if len(said) > SAID_AT_MOST:
        said = "[...]\n" + said[-SAID_AT_MOST:]
    status = f"{test['result']}, status {test.get('returncode')}"
    return f"---- {test['name']}: {status}\n{said.rstrip()}\n----\n"


def main(log_path, failures_path):
    with open(log_path, encoding="utf-8") as log:
        tests = [json.loads(line) for line in log]
    totals = [0, 0, 0]
    with open(failures_path, "w", encoding="utf-8") as failures:
        for test in tests:
            cases = cases_of(test)
            totals = [total + case for total, case in zip(totals, cases)]
            if cases[1]:
                failures.write(report(test))
    print(*totals)


if __name__ == "__main__":
    main(*sys.argv[1:])
