"""What the benchmarks of cold commands share: the program that is measured, and commands that are run in turn."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.running import MODULE, Cost, cost_of, environment

if TYPE_CHECKING:
    from collections.abc import Mapping


# a command, and its environment
Line = tuple[tuple[str, ...], dict[str, str]]


class Program(NamedTuple):
    """What is measured: an installed script or the module; and its interpreter, so that both sides import one click."""

    python: str
    command: tuple[str, ...]

    @classmethod
    def of(cls, bank: str | None) -> Program:
        """Return the program that `--bank` names; without it, the module."""
        script = Path(bank).absolute() if bank else None
        return cls(str(script.with_name("python")), (str(script),)) if script else cls(sys.executable, MODULE)

    def environment(self, folder: Path) -> dict[str, str]:
        """Return its environment: as after an install, compiled once, outside the checkout."""
        installed = self.command != MODULE
        return environment(**({"PYTHONPATH": ""} if installed else {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}))


def options(page: str | None, *, runs: int, count: int = 0) -> argparse.ArgumentParser:
    """Return the options of such a benchmark; `count` is the usual number of memories, 0 if it has none."""
    found = argparse.ArgumentParser(description=page, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--bank", help="an installed bank script, to be measured instead of -m memorybank")
    if count:
        found.add_argument("--count", type=int, default=count)
    found.add_argument("--runs", type=int, default=runs)
    return found


def in_turn(lines: Mapping[str, Line], project: Path, runs: int) -> dict[str, list[Cost]]:
    """Run everything in turn, so that a busy moment of the machine meets all alike; the first round is not counted."""
    found: dict[str, list[Cost]] = {name: [] for name in lines}
    for number in range(runs + 1):
        for name, (line, env) in lines.items():
            cost = cost_of(line, project, env)
            if cost.status:
                raise SystemExit(f"{name} ended with status {cost.status}")
            if number:
                found[name].append(cost)
    return found
