"""Bundles bring the memory from machine to machine: both sides' lines stay, and nothing is applied twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.team.bundles.exchanged import ExchangeMemory
from tests.running import MODULE, bank, environment, folder_of, make_bank

if TYPE_CHECKING:
    from pathlib import Path

KEY = "AKIA" + "QYLPMN5HHHFPZAM2"


class Machine:
    """A project on a machine of its own, with the folder that its user's home is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder.parent / f"{folder.name}-home"
        if not folder.exists():
            make_bank(folder)

    @property
    def bank(self) -> Path:
        return self.folder / ".memorybank"

    def run(self, *words: str, status: int = 0, env: dict[str, str] | None = None) -> dict[str, Any]:
        environ = {"HOME": str(self.home), "MEMORYBANK_HOME": str(self.home / "bank"), **(env or {})}
        ended = bank(self.folder, *words, "--json", env=environ)
        assert ended.returncode == status, (words, ended.stdout, ended.stderr)
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    def create(self, name: str = "", *words: str, status: int = 0) -> str:
        path = str(self.folder.parent / (name or f"{self.folder.name}.bundle"))
        self.run("bundle", "create", path, "--overwrite", *words, status=status)
        return path

    def apply(self, path: str, *words: str, status: int = 0) -> dict[str, str]:
        answer = self.run("bundle", "apply", path, *words, status=status)
        return {each["file"]: each["action"] for each in answer["files"]}

    def texts(self) -> dict[str, bytes]:
        places = [*self.bank.glob("*.md"), *self.bank.glob("memories/**/*.md"), *self.folder.glob("docs/plans/**/*.md")]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in sorted(places)}

    def lines(self, name: str = "activeContext.md") -> list[str]:
        return (self.bank / name).read_text(encoding="utf-8").split("\n")


@pytest.fixture
def machines(tmp_path: Path) -> tuple[Machine, Machine]:
    """Give two machines with the same bank, whose first exchange was made."""
    ours = Machine(tmp_path / "one")
    ours.run("note", "known to both")
    ours.run("save", "The API answers 429", "--type", "fact", "--title", "Rate limit")
    theirs = Machine(tmp_path / "two")
    for path in theirs.bank.glob("*.md"):
        path.unlink()
    theirs.apply(ours.create())
    return ours, theirs


def test_all_files_arrive_byte_for_byte_and_applied_again_nothing_happens(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    plan = one.folder / "docs" / "plans" / "2026-11-30-x.md"
    plan.parent.mkdir(parents=True)
    plan.write_bytes("\ufeff# \u00dcber\r\n\r\nx".encode())
    path = one.create()
    assert two.apply(path)["docs/plans/2026-11-30-x.md"] == "take"
    assert two.texts() == one.texts()
    assert set(two.apply(path).values()) == {"keep"}
    assert two.run("bundle", "apply", path)["receipt"] is None


def test_a_line_that_was_removed_and_came_back_is_not_taken_for_the_old_one(machines: tuple[Machine, Machine]) -> None:
    """The same text again is a newer version, not the one that the other side replaced."""
    one, two = machines
    first = (one.bank / "activeContext.md").read_bytes()
    one.run("note", "a second thought")
    two.apply(one.create())
    (one.bank / "activeContext.md").write_bytes(first)
    two.apply(one.create())
    assert (two.bank / "activeContext.md").read_bytes() == first
    assert set(one.apply(two.create()).values()) == {"keep"}
    assert (one.bank / "activeContext.md").read_bytes() == first


def test_a_delete_travels_and_stays_deleted_but_an_edited_file_stays(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    (fact,) = one.bank.glob("memories/fact/*.md")
    name = fact.relative_to(one.bank).as_posix()
    fact.unlink()
    path = one.create()
    assert two.apply(path)[name] == "removed"
    assert not (two.bank / name).exists()
    one.apply(two.create())
    assert not fact.exists()
    two.run("undo")
    assert (two.bank / name).exists()


def test_edit_against_delete_is_shown_and_loses_no_text(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    (fact,) = one.bank.glob("memories/fact/*.md")
    name = fact.relative_to(one.bank).as_posix()
    fact.unlink()
    with (two.bank / name).open("a", encoding="utf-8") as file:
        file.write("\nand 503 too\n")
    assert two.apply(one.create(), status=1)[name] == "conflict"
    text = (two.bank / name).read_text(encoding="utf-8")
    assert "and 503 too" in text
    assert "(deleted)" in text
    one.apply(two.create())
    assert fact.read_text(encoding="utf-8") == text


def test_a_conflict_has_both_texts_exits_with_1_and_is_settled_for_both(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    for machine, word in ((one, "noon"), (two, "night")):
        path = machine.bank / "activeContext.md"
        path.write_bytes(path.read_bytes().replace(b"- known to both", f"- known at {word}".encode()))
    ended = bank(two.folder, "bundle", "apply", one.create())
    assert ended.returncode == 1
    assert "conflict: activeContext.md: lines " in ended.stdout
    lines = two.lines()
    assert {"- known at noon", "- known at night", "======="} <= set(lines)
    settled = [line for line in lines if line[:7] not in {"<<<<<<<", "=======", ">>>>>>>"} and "noon" not in line]
    one.apply(two.create(), status=0)
    assert one.lines() == lines
    (one.bank / "activeContext.md").write_text("\n".join(settled), encoding="utf-8")
    two.apply(one.create())
    assert two.lines() == settled


def test_only_what_changed_since_their_bundle_goes_back(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    theirs = one.create("whole.bundle")
    two.apply(theirs)
    two.run("note", "an answer")
    answer = two.create("answer.bundle", "--since", theirs)
    assert set(one.apply(answer)) == {"activeContext.md"}
    assert one.texts() == two.texts()
    other = Machine(two.folder.parent / "three")
    refused = other.run("bundle", "apply", answer, status=5)
    assert refused["error"]["code"] == "bundle"
    assert "bank bundle create" in refused["error"]["hint"]


def test_a_machine_that_lost_its_state_loses_no_line(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    shutil.rmtree(two.bank / ".state")
    one.run("note", "from one")
    assert two.apply(one.create())["activeContext.md"] == "take"
    two.run("note", "from two")
    shutil.rmtree(two.bank / ".state")
    one.run("note", "again from one")
    action = bank(two.folder, "bundle", "apply", one.create())
    assert action.returncode in {0, 1}
    assert {"- from one", "- from two", "- again from one", "- known to both"} <= set(two.lines())


def test_a_secret_stays_at_home_and_says_so(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    (one.bank / "memories" / "fact" / "s.md").write_text(f"# s\n\naws {KEY}\n", encoding="utf-8")
    path = str(one.folder.parent / "s.bundle")
    answer = one.run("bundle", "create", path, status=1)
    assert [(each["file"], each["code"]) for each in answer["left_out"]] == [("memories/fact/s.md", "secret")]
    assert KEY.encode() not in (one.folder.parent / "s.bundle").read_bytes()
    assert "memories/fact/s.md" not in two.apply(path)
    assert one.run("bundle", "verify", path)["files"] == sorted(two.apply(path))


def test_a_dry_run_of_both_writes_nothing(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    one.run("note", "from one")
    path = one.create()
    before = {each: each.read_bytes() for each in two.folder.parent.rglob("*") if each.is_file()}
    shown = bank(two.folder, "bundle", "apply", path, "--dry-run")
    assert "+- from one" in shown.stdout
    assert one.run("bundle", "create", f"{path}.new", "--dry-run")["dry_run"] is True
    assert {each: each.read_bytes() for each in two.folder.parent.rglob("*") if each.is_file()} == before


def test_a_file_that_is_there_is_not_replaced(machines: tuple[Machine, Machine]) -> None:
    one, _ = machines
    path = one.folder.parent / "mine.txt"
    path.write_text("mine\n", encoding="utf-8")
    assert one.run("bundle", "create", str(path), status=5)["error"]["code"] == "artifact"
    assert path.read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize("place", ["progress.md", ".state/journal.jsonl", "memories/fact/new.bundle"])
def test_a_bundle_is_not_written_into_its_own_bank(machines: tuple[Machine, Machine], place: str) -> None:
    path = machines[0].bank / place
    before = path.read_bytes() if path.exists() else None
    refused = machines[0].run("bundle", "create", str(path), "--overwrite", status=5)
    assert refused["error"]["code"] == "outside"
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_missing_file_or_folder_is_named_with_a_next_step(machines: tuple[Machine, Machine]) -> None:
    made = machines[0].run("bundle", "create", "../no/x.bundle", status=3)["error"]
    assert made["hint"].startswith("mkdir -p ")
    applied = machines[0].run("bundle", "apply", "../no.bundle", status=3)["error"]
    assert applied["hint"] == "ls -l .."


def test_a_link_to_a_bundle_is_one(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    one.run("note", "from one")
    link = one.folder.parent / "link.bundle"
    link.symlink_to(one.create())
    assert two.apply(str(link))["activeContext.md"] == "take"


def test_a_file_that_the_receiver_refuses_is_reported_and_comes_with_the_next_apply(
    machines: tuple[Machine, Machine],
) -> None:
    one, two = machines
    (two.bank / "memories" / "fact" / "SAME.md").write_text("# theirs\n", encoding="utf-8")
    (one.bank / "memories" / "fact" / "same.md").write_text("# ours\n", encoding="utf-8")
    one.run("note", "from one")
    path = one.create()
    actions = two.apply(path, status=1)
    assert (actions["memories/fact/same.md"], actions["activeContext.md"]) == ("refused", "take")
    (two.bank / "memories" / "fact" / "SAME.md").unlink()
    assert two.apply(path)["memories/fact/same.md"] == "take"


@pytest.mark.parametrize("pause", [0.25, 0.35, 0.45, 0.6])
def test_a_kill_while_it_is_applied_doubles_and_loses_nothing(machines: tuple[Machine, Machine], pause: float) -> None:
    one, two = machines
    for number in range(30):
        (one.bank / "memories" / "fact" / f"f{number}.md").write_text(f"# {number}\n", encoding="utf-8")
    one.run("note", "from one")
    two.run("note", "from two", "--as", "gotcha")
    path = one.create()
    process = subprocess.Popen(
        [*MODULE, "bundle", "apply", path],
        cwd=two.folder,
        env=environment(HOME=str(two.home)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(pause)
    process.kill()
    process.wait()
    two.apply(path)
    assert ExchangeMemory(folder_of(two.folder)).pending is None
    one.apply(two.create())
    assert one.texts() == two.texts()
    assert one.lines().count("- from one") == one.lines("patterns.md").count("- from two") == 1


def test_two_processes_that_apply_at_once_apply_it_once(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    one.run("note", "from one")
    two.run("note", "from two", "--as", "gotcha")
    path = one.create()
    words = [sys.executable, "-m", "memorybank", "bundle", "apply", path]
    started = [
        subprocess.Popen(words, cwd=two.folder, env=environment(HOME=str(two.home)), stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [each.wait(60) for each in started] == [0, 0, 0]
    assert two.lines().count("- from one") == two.lines("patterns.md").count("- from two") == 1
