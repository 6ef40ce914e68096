"""usage: recording_is_whole.py ROOT < lines of cosoup-launch --json

Says of a recording of one peer, whose path is below ROOT: "whole", "lost", or "late" when too little
came for it to be either.
"""
import json
import os
import sys

LEAST_RECEIVED = 60000  # bytes; a recording that stands still has some 9 kB


def verdict(root, lines):
    events = [json.loads(line) for line in lines if line.startswith("{")]
    summaries = [event for event in events if event["event"] == "summary"]
    if not summaries:
        return "lost"
    received = sum(consumer["bytes"] for consumer in summaries[0]["consumed"])
    if received < LEAST_RECEIVED:
        return "late"
    sizes = [os.path.getsize(root + recording["path"]) for recording in summaries[0]["recordings"]]
    # What came before the first key frame, and after the end began, is not in it.
    return "whole" if len(sizes) == 1 and sizes[0] > received / 2 else "lost"


print(verdict(sys.argv[1], sys.stdin))
