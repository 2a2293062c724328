"""What the MCP server costs: the CPU of a first answer beside bare Python, its memory, and how long warm calls take.

    python -m tests.benchmarks.mcp

CPU time (user and system) of whole processes, the best of several runs taken in turn, so that both sides of a ratio
see the same machine. Memory is the peak of the resident set (Linux only). Warm calls are timed at the client.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 11
MIXED = 100
INITIALIZE_LIMIT = 3.0
EARLY_MEGABYTES, LATE_MEGABYTES = 20.0, 35.0
SERVER = [sys.executable, "-m", "memorybank", "mcp"]
OPENING: dict[str, Any] = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "1"},
}


def line_of(number: int, method: str, params: dict[str, Any]) -> bytes:
    """Return a request as a line."""
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


def cpu_of(command: list[str], data: bytes, folder: Path, environ: dict[str, str]) -> float:
    """Return the milliseconds of CPU that a process takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=data, cwd=folder, env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


class Connection:
    """One server, and how long its answers took."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(SERVER, cwd=folder, env=environ, stdin=pipe, stdout=pipe)
        self.number = 0

    def ask(self, method: str, params: dict[str, Any]) -> float:
        """Return the milliseconds until a request was answered."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.number += 1
        begun = time.perf_counter()
        self.process.stdin.write(line_of(self.number, method, params))
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        took = (time.perf_counter() - begun) * 1000
        if answer.get("result", {}).get("isError", "error" in answer):
            raise SystemExit(f"{method} failed: {answer}")
        return took

    def call(self, tool: str, **arguments: Any) -> float:
        """Return the milliseconds that a tool took."""
        return self.ask("tools/call", {"name": f"bank_{tool}", "arguments": arguments})

    def megabytes(self) -> float:
        """Return the most memory that the server had until now."""
        with Path(f"/proc/{self.process.pid}/status").open(encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def quantile(values: list[float], part: float) -> float:
    """Return a quantile of some values."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def main() -> int:
    """Print the table; the status is 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, home = Path(scratch, "project"), Path(scratch, "home")
        folder.mkdir()
        home.mkdir()
        environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}
        environ["PYTHONPYCACHEPREFIX"] = f"{scratch}/pyc"
        subprocess.run([*SERVER[:3], "init"], cwd=folder, env=environ, check=True, stdout=subprocess.DEVNULL)
        return measure(folder, environ)


def measure(folder: Path, environ: dict[str, str]) -> int:
    """Measure, and print the table."""
    opening = line_of(1, "initialize", OPENING)
    floor, first = [], []
    for _ in range(ROUNDS + 1):
        floor.append(cpu_of([sys.executable, "-c", "import json,sys"], b"", folder, environ))
        first.append(cpu_of(SERVER, opening, folder, environ))
    # the first round writes the bytecode
    ratio = min(first[1:]) / min(floor[1:])
    server = Connection(folder, environ)
    server.ask("initialize", OPENING)
    opened = server.megabytes()
    server.ask("tools/list", {})
    server.call("note", text="WAL needs a local disk", kind="gotcha")
    server.call("load")
    early = server.megabytes()
    notes, searches = [], []
    server.call("search", query="disk")
    for number in range(MIXED // 2):
        notes.append(server.call("note", text=f"Part {number} of the upload is stored before it is acknowledged"))
        searches.append(server.call("search", query=f"upload part {number}"))
    late = server.megabytes()
    server.process.communicate(timeout=30)
    rows = (
        ("initialize answered, CPU beside import json,sys", f"{ratio:.2f}", f"{INITIALIZE_LIMIT:.1f}"),
        ("memory at initialize, MB", f"{opened:.1f}", ""),
        ("memory after a note and a load, MB", f"{early:.1f}", f"{EARLY_MEGABYTES:.0f}"),
        (f"memory after {MIXED} mixed calls, MB", f"{late:.1f}", f"{LATE_MEGABYTES:.0f}"),
        ("warm note, ms (p50 / p95)", f"{quantile(notes, 0.5):.1f} / {quantile(notes, 0.95):.1f}", ""),
        ("warm search, ms (p50 / p95)", f"{quantile(searches, 0.5):.1f} / {quantile(searches, 0.95):.1f}", ""),
    )
    print("| what | measured | goal |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    met = ratio <= INITIALIZE_LIMIT and early <= EARLY_MEGABYTES and late <= LATE_MEGABYTES
    print(f"\nfloor {min(floor[1:]):.1f} ms; goals {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
