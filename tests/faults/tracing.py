"""System calls of the real command line: seen, failed and cut short with `strace`, where there is one."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.running import MODULE, environment

if TYPE_CHECKING:
    from pathlib import Path

STRACE = shutil.which("strace")
CHANGING = "openat,write,pwrite64,fsync,ftruncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,fchmod"
LOOKING = "read,pread64,lseek,newfstatat,fstat,stat,lstat,statx,getdents64,flock,fcntl,readlink,flistxattr,close"
# Python's own start-up is the same each time, so that the n-th call of one run is the n-th of the next
_STEADY = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
_LINE = re.compile(r"^\d+ +(\w+)\((.*)$", re.MULTILINE)


class Call(NamedTuple):
    """One system call of a traced run: its name, the how manieth of that name it was, its arguments and result."""

    name: str
    number: int
    text: str


class Run(NamedTuple):
    """One traced run: how it ended, and the calls that concern the bank."""

    status: int
    out: str
    err: str
    calls: list[Call]


def run_traced(project: Path, *words: str, calls: str = CHANGING, inject: str = "") -> Run:
    """Run `bank` under strace; `inject` tells which call fails or kills."""
    assert STRACE is not None
    log = project.parent / f"{project.name}.trace"
    options = ["-f", "-y", "-s", "4096", "-o", str(log), "-e", f"trace={calls}"]
    done = subprocess.run(
        [STRACE, *options, *(["-e", f"inject={inject}"] if inject else []), *MODULE, *words],
        cwd=project,
        env=environment(**_STEADY),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )
    counts: dict[str, int] = {}
    seen = []
    for name, text in _LINE.findall(log.read_text(encoding="utf-8", errors="replace")):
        counts[name] = counts.get(name, 0) + 1
        if f"{project}/.memorybank" in text:
            seen.append(Call(name, counts[name], text))
    return Run(done.returncode, done.stdout, done.stderr, seen)


@functools.cache
def _can_trace() -> bool:
    if STRACE is None:
        return False
    done = subprocess.run([STRACE, "-f", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return done.returncode == 0


def need_strace() -> None:
    """Skip the test where tracing is not possible."""
    if not _can_trace():
        pytest.skip("needs strace")
