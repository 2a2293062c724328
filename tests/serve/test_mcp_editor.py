"""Two servers and an editor that saves by rename write the same contract file at once, or one after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from tests.running import FULL, make_bank
from tests.serve.mcp_client import Client, Served

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

NOTES = 60 if FULL else 6
SAVES = 60 if FULL else 6
HEADING = b"## Common Gotchas\n\n"
ADDRESS = "patterns.md#Common Gotchas"
SECONDS = 300.0


def save(path: Path, text: bytes) -> None:
    """Save as vim does."""
    other = path.with_name("patterns.md.swp")
    other.write_bytes(text)
    other.replace(path)


def with_line(text: bytes, line: str) -> bytes:
    return text.replace(HEADING, HEADING + f"- {line}\n".encode(), 1)


def write(client: Served, name: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Write notes, and edits of what was just read; return what was acknowledged, and the lines that were refused."""
    done: list[tuple[str, str, str]] = []
    refused: list[str] = []
    for number in range(NOTES):
        line = f"{name}-{number:03d}-end"
        digest = ""
        if number % 2:
            digest = client.call("show", address=ADDRESS)["structuredContent"]["digest"]
            sleep(0.02)
            text = f"- {line}"
            result = client.call("edit", operation="append", address=ADDRESS, text=text, expect=digest)
        else:
            result = client.call("note", text=line, kind="gotcha")
        if not result["isError"]:
            (file,) = result["structuredContent"]["receipt"]["files"]
            done.append((line, file["digest_before"], file["digest"]))
            continue
        error = result["structuredContent"]["error"]
        # an editor that saves before each of many tries is not written over: then the line is refused
        assert (digest and error["code"] == "stale-edit") or "keeps writing it" in error["message"], error
        assert error["code"] != "stale-edit" or error["digest"] != digest
        refused.append(line)
    return done, refused


def test_lines_of_two_servers_and_of_an_editor_are_there_once(tmp_path: Path) -> None:
    """An acknowledged line may be gone only if the editor wrote over it itself.

    It was then made from the very text that the editor had read for one of its saves, or from such a line's result.
    """
    from memorybank.document.source import digest_of

    path = make_bank(tmp_path / "project") / "patterns.md"
    clients = [Served(number, tmp_path / "project") for number in range(2)]
    read: set[str] = set()
    saved: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write, each, f"server{each.number}") for each in clients]
        ends = monotonic() + SECONDS
        while len(saved) < SAVES or not all(each.done() for each in writers):
            sleep(0.05 + 0.013 * (len(saved) % 7))
            before = path.read_bytes()
            saved.append(f"editor-{len(saved):03d}-end")
            save(path, with_line(before, saved[-1]))
            read.add(digest_of(before))
            assert monotonic() < ends
        acknowledged = [row for each in writers for row in each.result()[0]]
        refused = [line for each in writers for line in each.result()[1]]
    for each in clients:
        each.end()
    assert [each.server.wait(20) for each in clients] == [0, 0]
    text = path.read_text(encoding="utf-8")
    assert [line for line in saved if text.count(f"- {line}\n") != 1] == []
    for line, before_it, after_it in acknowledged:
        assert text.count(line) <= 1, line
        if line not in text:
            assert before_it in read, f"{line} is gone"
            read.add(after_it)
    assert acknowledged
    assert [line for line in refused if line in text] == []
    assert not [each.name for each in path.parent.iterdir() if each.name.endswith((".tmp", ".swp"))]
    bank = Bank.open(tmp_path / "project", timeout=1)
    assert not [each for each in bank.check().findings if each.severity == "error"]
    assert bank.note("Nobody holds the lock", kind="gotcha").operation


# --- one after another


@pytest.fixture
def clients(bank: BankFolder) -> tuple[Client, Client]:
    pair = Client(bank=str(bank.project), tools="all"), Client(bank=str(bank.project), tools="all")
    for each in pair:
        each.open()
    return pair


def stale_edit(client: Client, digest: str) -> dict[str, Any]:
    return client.refused("edit", operation="append", address=ADDRESS, text="- only mine", expect=digest)


def test_an_edit_of_a_text_that_another_writer_changed_answers_its_digest_now_and_the_diff(
    clients: tuple[Client, Client], bank: BankFolder
) -> None:
    """The diff is there if the journal knows the text that was read: a text that an operation left or found."""
    mine, other = clients
    path = bank.folder / "patterns.md"
    other.done("note", text="a first line", kind="gotcha")
    digest = mine.done("show", address=ADDRESS)["digest"]
    save(path, with_line(path.read_bytes(), "typed in the editor"))
    error = stale_edit(mine, digest)
    now = mine.done("show", address=ADDRESS)
    assert (error["code"], error["digest"]) == ("stale-edit", now["digest"])
    assert "+- typed in the editor" in error["diff"]
    other.done("note", text="from the other server", kind="gotcha")
    before = path.read_bytes()
    error = stale_edit(mine, now["digest"])
    assert (error["code"], "+- from the other server" in error["diff"]) == ("stale-edit", True)
    assert path.read_bytes() == before
    mine.done("edit", operation="append", address=ADDRESS, text="- mine too", expect=error["digest"])
    text = path.read_text(encoding="utf-8")
    assert [text.count(f"- {each}\n") for each in ("mine too", "typed in the editor")] == [1, 1]


def test_an_old_buffer_that_an_editor_saves_is_kept_as_it_is_and_the_history_has_the_lines_that_it_wrote_over(
    clients: tuple[Client, Client], bank: BankFolder
) -> None:
    """The bank does not run while an editor saves: what it promises is that the saved text is not overwritten."""
    mine, other = clients
    path = bank.folder / "patterns.md"
    buffer = path.read_bytes()
    operation = mine.done("note", text="written over", kind="gotcha")["receipt"]["operation"]
    save(path, with_line(buffer, "typed in an old buffer"))
    assert other.done("note", text="after that", kind="gotcha")["receipt"]["operation"]
    text = path.read_text(encoding="utf-8")
    assert (text.count("typed in an old buffer"), text.count("after that"), text.count("written over")) == (1, 1, 0)
    rows = mine.done("history", operation="list", limit=5)["operations"]
    assert [row["text"] for row in rows if row["operation"] == operation] == ["- written over"]
    assert "written over" in str(mine.done("history", operation="diff", of=operation))
