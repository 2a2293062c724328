"""Text that something else than bank took away: told, shown, and never hidden by an empty template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import fix_findings, lint
from memorybank.errors import EncodingRefusedError
from memorybank.store.journal.undo import undo
from memorybank.store.manage.lost_text import find_lost
from memorybank.store.manage.migrate import migrate
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import note
from tests.running import START, make_bank
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder

WAYS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "blank": lambda _: b"\n \n",
    "NUL": lambda data: b"\0" * len(data),
    "a small rest": lambda data: data[:20],
    "only the title": lambda data: data[: data.index(b"\n") + 1],
}


@pytest.fixture(params=[1, 30])
def written(bank: BankFolder, way: Way, request: pytest.FixtureRequest) -> bytes:
    """Write one or many tasks, and a note; returns the bytes of progress.md."""
    for number in range(request.param):
        note(bank, f"Task of its own {number}: write the parser", way, kind="task")
    note(bank, "CRLF must stay", way, kind="learning")
    return (bank.folder / "progress.md").read_bytes()


@pytest.mark.parametrize("how", WAYS)
def test_a_fix_writes_nothing_over_lost_text(bank: BankFolder, way: Way, written: bytes, how: str) -> None:
    path = bank.folder / "progress.md"
    gone = WAYS[how](written)
    path.write_bytes(gone)
    findings = lint(bank, now=START)
    (told,) = [each for each in findings if each.file == "progress.md" and each.severity == "error"]
    assert (told.rule, told.hint, told.fixable) == ("empty-file", "bank restore progress.md", False)
    fixed = fix_findings(bank, findings, way)
    assert path.read_bytes() == gone
    assert fixed.receipt is None
    (lost,) = fixed.lost
    assert lost.text.encode() == written
    assert migrate(bank, way).receipt is None
    assert path.read_bytes() == gone


def test_an_emptied_file_holds_up_no_other_fix(bank: BankFolder, way: Way, written: bytes) -> None:
    (bank.folder / "progress.md").write_bytes(b"")
    patterns = bank.folder / "patterns.md"
    text = patterns.read_text(encoding="utf-8")
    patterns.write_text(text.replace("## Common Gotchas\n\n- [None]\n\n", ""), encoding="utf-8")
    fixed = fix_findings(bank, lint(bank, now=START), way)
    assert fixed.receipt is not None
    assert [each.file for each in fixed.receipt.files] == ["patterns.md"]
    assert "## Common Gotchas" in patterns.read_text(encoding="utf-8")
    assert len(written) > 0


def test_a_file_that_held_only_the_template_is_made_from_it(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "patterns.md"
    before = path.read_text(encoding="utf-8")
    path.write_bytes(b"")
    fixed = fix_findings(bank, lint(bank, now=START), way)
    assert fixed.receipt is not None
    assert fixed.lost == ()
    assert path.read_text(encoding="utf-8").split("## Last Updated")[0] == before.split("## Last Updated")[0]


def test_what_was_meant_can_be_said(bank: BankFolder, way: Way, written: bytes) -> None:
    path = bank.folder / "progress.md"
    path.write_bytes(b"")
    meant = Way(way.author, WriteOptions(accept_shrunk=True))
    fixed = fix_findings(bank, lint(bank, now=START, accept_shrunk=True), meant)
    assert fixed.receipt is not None
    assert b"## Tasks" in path.read_bytes() != written


def test_a_section_that_went_with_its_lines_is_not_put_back_empty(bank: BankFolder, way: Way, written: bytes) -> None:
    path = bank.folder / "progress.md"
    text = written.decode()
    start, end = text.index("## Tasks"), text.index("## Completed")
    cut = text[:start] + text[end:].replace("## Verification\n\n- [None]\n\n", "")
    path.write_text(cut, encoding="utf-8")
    findings = [each for each in lint(bank, now=START) if each.file == "progress.md"]
    tasks = next(each for each in findings if "'## Tasks'" in each.message)
    assert tasks.message == "the section '## Tasks' is missing with its {} lines".format(written.count(b"- [ ] "))
    assert tasks.hint.startswith("bank restore progress.md")
    assert not tasks.fixable
    fix_findings(bank, findings, way)
    after = path.read_text(encoding="utf-8")
    assert "## Verification" in after
    assert migrate(bank, way).unchanged[0].startswith("progress.md: '## Tasks' is missing with")
    assert "## Tasks" not in after


def test_a_fix_that_is_refused_holds_up_no_other(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8").replace("## Blockers\n\n- [None]\n\n", "")
    text = text.replace("## Learnings\n\n- [None]", "## Learnings\n\n- same\n- same")
    path.write_text(text + "\n## Last Updated\n\n2026-11-28\n", encoding="utf-8")
    fixed = fix_findings(bank, lint(bank, now=START), way)
    assert fixed.receipt is not None
    after = path.read_text(encoding="utf-8")
    assert after.count("- same\n") == 1
    (left,) = fixed.left
    assert "'## Blockers' is missing; not fixed: " in left.message


def test_a_fix_goes_by_what_stands_there_now(bank: BankFolder, way: Way) -> None:
    """Lines that were put above after the findings were made do not make it take out another line."""
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8").replace("## Learnings\n\n- [None]", "## Learnings\n\n- same\n- same")
    path.write_text(text, encoding="utf-8")
    findings = lint(bank, now=START)
    path.write_text(text.replace("- same\n", "- new\n- same\n", 1), encoding="utf-8")
    fix_findings(bank, findings, way)
    assert "- new\n- same\n\n" in path.read_text(encoding="utf-8")


def test_a_deleted_file_is_told_and_not_made_anew(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    run_bank(tmp_path, "task", "add", "Write the parser")
    path = tmp_path / ".memorybank/progress.md"
    before = path.read_text(encoding="utf-8")
    path.unlink()
    done = run_bank(tmp_path, "check", "--fix")
    assert done.returncode == 1
    assert "the file was deleted, but its last text is kept [missing-file]  (bank restore progress.md)" in done.stdout
    assert "  | - [ ] Write the parser\n" in done.stdout
    made = run_bank(tmp_path, "init")
    assert "progress.md was deleted and is not made again: bank restore progress.md" in made.stdout
    assert not path.exists()
    told = json.loads(run_bank(tmp_path, "check", "--fix", "--json").stdout)
    assert [each["text"] for each in told["lost_texts"]] == [before]
    assert run_bank(tmp_path, "init", "--accept-shrunk").returncode == 0
    assert path.exists()


def test_the_command_shows_what_is_lost(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    run_bank(tmp_path, "task", "add", "Write the parser")
    path = tmp_path / ".memorybank/progress.md"
    path.write_bytes(b"")
    done = run_bank(tmp_path, "check", "--fix")
    assert (done.returncode, path.read_bytes()) == (1, b"")
    assert "error: the text of the file is lost: it is empty, but had text before [empty-file]" in done.stdout
    assert "(bank restore progress.md)" in done.stdout
    assert "  | - [ ] Write the parser\n" in done.stdout
    assert "fixed" not in done.stdout


def last_text(bank: BankFolder, name: str) -> str:
    lost = find_lost(bank, name, b"")
    return lost.text if lost else ""


def test_the_last_text_is_that_of_the_last_operation(bank: BankFolder, way: Way, written: bytes) -> None:
    assert last_text(bank, "progress.md").encode() == written
    assert find_lost(bank, "progress.md", written) is None
    assert find_lost(bank, "nothing.md", None) is None
    added = note(bank, "One more", way, kind="task")
    undo(bank, added.operation, way)
    assert last_text(bank, "progress.md").encode() == (bank.folder / "progress.md").read_bytes()


def test_whoever_misses_a_deleted_file_is_told_how_to_bring_it_back(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    run_bank(tmp_path, "note", "CRLF must stay")
    (tmp_path / ".memorybank/activeContext.md").unlink()
    done = run_bank(tmp_path, "note", "another")
    assert (done.returncode, "next: bank restore activeContext.md" in done.stderr) == (3, True)
    assert (
        "activeContext.md does not exist; bank restore activeContext.md restores it"
        in run_bank(tmp_path, "load").stderr
    )
    (tmp_path / ".memorybank/activeContext.md").write_bytes(b"")
    done = run_bank(tmp_path, "note", "another")
    assert (done.returncode, "bank restore activeContext.md" in done.stderr) == (5, True)


@pytest.mark.parametrize("how", [each for each in WAYS if each != "a small rest"])
def test_no_command_puts_sections_back_into_lost_text(bank: BankFolder, way: Way, written: bytes, how: str) -> None:
    path = bank.folder / "progress.md"
    gone = WAYS[how](written)
    path.write_bytes(gone)
    with pytest.raises(EncodingRefusedError) as refused:
        note(bank, "One more", way, kind="task")
    assert "bank restore progress.md" in refused.value.hint
    assert path.read_bytes() == gone
    if how != "NUL":
        note(bank, "One more", Way(way.author, WriteOptions(accept_shrunk=True)), kind="task")
        assert b"One more" in path.read_bytes()


def test_an_empty_file_that_no_operation_knows_is_not_filled(bank: BankFolder, way: Way) -> None:
    (bank.state / "journal.jsonl").unlink()
    path = bank.folder / "progress.md"
    path.write_bytes(b"")
    findings = lint(bank, now=START)
    assert [(each.rule, each.hint) for each in findings] == [("empty-file", "git log -p -- progress.md")]
    assert fix_findings(bank, findings, way).receipt is None
    assert path.read_bytes() == b""
    fix_findings(bank, lint(bank, now=START, accept_shrunk=True), Way(way.author, WriteOptions(accept_shrunk=True)))
    assert b"## Tasks" in path.read_bytes()


def test_a_title_that_was_changed_by_hand_gets_its_name_back(tmp_path: Path) -> None:
    """Only where the file is surely the contract's: with other sections, or another heading above, it stays."""
    folder = make_bank(tmp_path)
    file = folder / "activeContext.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("# Active Context", "# What we do now", 1), encoding="utf-8")
    found = run_bank(tmp_path, "check")
    assert "the title is not '# Active Context' [title]  (bank check --fix activeContext.md)" in found.stdout
    assert run_bank(tmp_path, "check", "--fix").returncode == 0
    again = file.read_text(encoding="utf-8")
    assert again.split("\n")[:-2] == text.split("\n")[:-2]
    other = "# What we do now\n\n## Decisions\n\n- one\n"
    file.write_text(other, encoding="utf-8")
    run_bank(tmp_path, "check", "--fix")
    assert file.read_text(encoding="utf-8").startswith("# What we do now\n")
