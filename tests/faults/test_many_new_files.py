"""Many new files of one operation are written together: a kill or an error at any call leaves all of them, or none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.faults.tracing import need_strace, run_traced
from tests.running import FULL, bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.tracing import Call

COUNT = 12
CALLS = ("openat", "write", "fsync", "renameat2", "unlink")


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    """Make a bank with many files and an empty one; give their folder, and the calls that bring one into the other."""
    need_strace()
    folder = tmp_path_factory.mktemp("banks")
    make_bank(folder / "full")
    for name, text in files().items():
        path = folder / "full/.memorybank" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    make_bank(folder / "empty")
    shutil.copytree(folder / "empty", folder / "traced")
    run = run_traced(folder / "traced", "adopt-from", str(folder / "full"), calls=",".join(CALLS))
    assert (run.status, found_in(folder / "traced")) == (0, files())
    return folder, run.calls


def files() -> dict[str, str]:
    kinds = ("fact", "code")
    return {f"memories/{kinds[each % 2]}/f{each}.md": f"# F{each}\n\n{'text ' * each}\n" for each in range(COUNT)}


def found_in(project: Path) -> dict[str, str]:
    folder = project / ".memorybank"
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.glob("memories/*/*")
        if not path.name.endswith(".tmp")
    }


def left_in(project: Path) -> list[Path]:
    return [path for path in project.rglob("*") if path.name.endswith(".tmp")]


def chosen(calls: list[Call]) -> list[Call]:
    """Return the calls on the files themselves; one of each name by default."""
    ours = [each for each in calls if "/memories/" in each.text or each.name == "fsync"]
    by_name = [[each for each in ours if each.name == name] for name in CALLS]
    return ours if FULL else [named[len(named) // 2] for named in by_name]


def test_a_kill_at_any_call_leaves_all_or_none(banks: tuple[Path, list[Call]], tmp_path: Path) -> None:
    folder, calls = banks
    for number, call in enumerate(chosen(calls)):
        project = tmp_path / str(number)
        shutil.copytree(folder / "empty", project)
        inject = f"{call.name}:signal=KILL:when={call.number}"
        run_traced(project, "adopt-from", str(folder / "full"), calls=",".join(CALLS), inject=inject)
        bank(project, "note", "The next command", "--as", "gotcha")
        assert found_in(project) in ({}, files()), call
        assert bank(project, "adopt-from", str(folder / "full")).returncode == 0
        assert (found_in(project), left_in(project)) == (files(), []), call


def test_an_error_of_any_call_leaves_none(banks: tuple[Path, list[Call]], tmp_path: Path) -> None:
    folder, calls = banks
    for number, call in enumerate(chosen(calls)):
        project = tmp_path / str(number)
        shutil.copytree(folder / "empty", project)
        inject = f"{call.name}:error=EIO:when={call.number}"
        run = run_traced(project, "adopt-from", str(folder / "full"), calls=",".join(CALLS), inject=inject)
        assert found_in(project) == (files() if run.status == 0 else {}), (call, run.err)
        assert "Traceback" not in run.err
        assert bank(project, "adopt-from", str(folder / "full")).returncode == 0
        assert (found_in(project), left_in(project)) == (files(), []), call
