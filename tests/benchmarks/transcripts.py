"""What reading a session log costs, beside `json.loads` on each of its lines.

    python -m tests.benchmarks.transcripts [MEGABYTES]

The log is made here, of 500 MB unless another size is named, with the mix of Claude Code 2.1.332: 95 % of the bytes
have no message. Each reading runs in a process of its own, in turn, the best of several runs counts. Three limits are
checked: the throughput as a ratio to `json.loads` in the same run, the peak memory of the reading process, and what a
second reading costs, of a log that did not change and of one that got a few more lines.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.counts import LogCounts
from memorybank.corrections.transcripts.log_places import logs_in
from memorybank.corrections.transcripts.progress import note, read_state, save_state, unread
from memorybank.corrections.transcripts.read_log import read_events

if TYPE_CHECKING:
    from collections.abc import Iterator

FASTER, MEMORY, AGAIN = 1.5, 60, 0.01
ROUNDS = 3
# the shares of the bytes, and the size of one line of each kind
MIX = {
    "attachment": (0.56, 24_000),
    "api-request-shape": (0.25, 40_000),
    "file-history-snapshot": (0.08, 6_000),
    "api-request-blob": (0.06, 12_000),
    "message": (0.05, 1_400),
}
_WORDS = 'port 8080 is set in settings.py of the shop and test passes "no" now\\n C:\\dev \u00fc\u00df'.split()  # noqa: SIM905


def write_log(path: Path, size: int) -> int:
    """Write a log of about so many bytes, and return the number of prompts in it."""
    chance = random.Random(7)
    written = dict.fromkeys(MIX, 0)
    prompts = 0
    with path.open("w", encoding="utf-8") as file:
        while sum(written.values()) < size:
            kind = min(MIX, key=lambda name: written[name] / MIX[name][0])
            number = sum(written.values())
            text = " ".join(chance.choices(_WORDS, k=max(8, int(MIX[kind][1] * chance.uniform(0.3, 1.6)) // 6)))
            if kind == "message":
                prompts += (is_prompt := chance.random() < 0.1)
                row = _message(number, text, is_prompt=is_prompt)
            else:
                row = _other(kind, number, text)
            line = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
            file.write(line + "\n")
            written[kind] += len(line) + 1
    return prompts


def _envelope(number: int) -> dict[str, Any]:
    return {
        "uuid": f"{number:032x}",
        "timestamp": "2026-11-30T09:06:33.075Z",
        "userType": "external",
        "cwd": "/srv/dev/shop",
        "sessionId": "15180021-4743-4eeb-a722-f0679802f81c",
        "version": "2.1.332",
        "parentUuid": f"p{number}",
        "isSidechain": False,
    }


def _message(number: int, text: str, *, is_prompt: bool) -> dict[str, Any]:
    if is_prompt:
        who = {"origin": {"kind": "human"}, "promptSource": "typed", "turnOrigin": "human"}
        message: dict[str, Any] = {"role": "user", "content": f"no, {number}: {text[:200]}"}
        return {
            "parentUuid": f"p{number}",
            "isSidechain": False,
            "type": "user",
            "message": message,
            **who,
            **_envelope(number),
        }
    message = {"role": "assistant", "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 100}}
    return {
        "parentUuid": f"p{number}",
        "isSidechain": False,
        "message": message,
        "type": "assistant",
        **_envelope(number),
    }


def _other(kind: str, number: int, text: str) -> dict[str, Any]:
    blocks = [{"type": "text", "text": text[place : place + 2_000]} for place in range(0, len(text), 2_000)]
    if kind == "attachment":
        attached = {"type": "prompt_snapshot", "systemPrompt": blocks}
        return {
            "parentUuid": f"p{number}",
            "isSidechain": False,
            "attachment": attached,
            "type": kind,
            **_envelope(number),
        }
    if kind == "file-history-snapshot":
        return {"type": kind, "messageId": "f", "snapshot": {"trackedFileBackups": {"a.py": blocks}}}
    return {"type": kind, "sessionId": "f", "message": {"role": "user", "content": blocks}, "number": number}


# --- the readings, each in its own process


def loads(path: Path, _: Path) -> int:
    """Parse each line, and count the prompts."""
    found = 0
    with path.open("rb") as file:
        for line in file:
            row = json.loads(line)
            found += row.get("type") == "user" and row.get("turnOrigin") == "human"
    return found


def mine(path: Path, state_folder: Path) -> int:
    """Read what is new, as mining does, and count the prompts."""
    state = read_state(state_folder)
    found = 0
    for log in logs_in(path):
        place = unread(log, state)
        if place is not None:
            counts = LogCounts()
            start = place.start
            events = read_events(log.path, log.client, start=start.offset, line=start.line, counts=counts)
            found += sum(event.speaker == "human" and event.line >= place.first_new for event in events)
            note(log, counts, state)
            save_state(state_folder, state)
    return found


def _run(name: str, path: Path, state: Path) -> tuple[float, float, int]:
    """Return the seconds of CPU of a reading in its own process, its memory in MB, and what it found."""
    words = [sys.executable, "-m", "tests.benchmarks.transcripts", name, str(path), str(state)]
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    return float(out[0]), float(out[1]), int(out[2])


def _rounds(path: Path, folder: Path) -> Iterator[tuple[str, tuple[float, float, int]]]:
    for number in range(ROUNDS):
        state = folder / f"state{number}"
        state.mkdir()
        yield "json.loads", _run("loads", path, state)
        yield "first", _run("mine", path, state)
        yield "unchanged", _run("mine", path, state)
        with path.open("a", encoding="utf-8") as file:
            for extra in range(3):
                row = _message(10**15 + number * 10 + extra, "", is_prompt=True)
                file.write(json.dumps(row, separators=(",", ":")) + "\n")
        yield "appended", _run("mine", path, state)


def main(megabytes: int) -> int:
    """Print the table, and return 1 if a limit is not kept."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "log.jsonl"
        prompts = write_log(path, megabytes * 1_000_000)
        size = path.stat().st_size / 1e6
        print(f"{size:.0f} MB, {prompts} prompts")
        found: dict[str, list[tuple[float, float, int]]] = {}
        for reading, cost in _rounds(path, Path(name)):
            found.setdefault(reading, []).append(cost)
    assert [cost[2] for cost in found["json.loads"]] == [cost[2] for cost in found["first"]]
    assert [cost[2] for cost in found["unchanged"]] == [0] * ROUNDS
    assert [cost[2] for cost in found["appended"]] == [3] * ROUNDS
    best = {reading: min(costs) for reading, costs in found.items()}
    for reading, (seconds, memory, _) in best.items():
        print(f"{reading:12} {seconds * 1000:9.1f} ms CPU  {size / seconds:8.0f} MB/s  {memory:6.1f} MB")
    faster = best["json.loads"][0] / best["first"][0]
    memory = max(cost[1] for reading in ("first", "unchanged", "appended") for cost in found[reading])
    again = max(best["unchanged"][0], best["appended"][0]) / best["first"][0]
    print(
        f"{faster:.1f}x json.loads (at least {FASTER}), {memory:.0f} MB (at most {MEMORY}), "
        f"again {again:.2%} (at most {AGAIN:.0%})"
    )
    return int(faster < FASTER or memory > MEMORY or again > AGAIN)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        reading = {"loads": loads, "mine": mine}[sys.argv[1]]
        # imports cost the same in each of the readings
        with tempfile.TemporaryDirectory() as name:
            write_log(Path(name) / "log.jsonl", 10_000)
            reading(Path(name) / "log.jsonl", Path(name))
        begin = time.process_time()
        result = reading(Path(sys.argv[2]), Path(sys.argv[3]))
        print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, result)
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
