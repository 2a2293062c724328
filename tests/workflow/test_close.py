"""The end of a session: its record tells what is written down elsewhere, and nothing that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import ItemRef
from memorybank.document.source import Source
from memorybank.errors import EncodingRefusedError, FieldError, SpillError
from memorybank.records.body import items_in, section_text, with_sections
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save as save_memory
from memorybank.records.sessions.messages import append_message
from memorybank.records.sessions.sessions import find_session, resume, start, update
from memorybank.store.journal.undo import undo
from memorybank.workflow.entries.bugs import fix_bug, report_bug
from memorybank.workflow.entries.decide import NewDecision, decide
from memorybank.workflow.lines.note import note
from memorybank.workflow.outcome.close import end, save
from memorybank.workflow.progress.tasks import finish_task
from tests.running import second_writer

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


@pytest.fixture
def session(bank: BankFolder, way: Way) -> str:
    return start(bank, way, label="auth").record.id


@pytest.fixture
def inside(way: Way, session: str) -> Way:
    """Give the way of someone who writes in the session."""
    return way.with_actor(way.author.actor._replace(session=session))


def told(bank: BankFolder, session: str, section: str) -> list[str]:
    record = find_session(bank, session)
    return items_in(section_text(Source((bank.folder / record.file).read_bytes()), section))


def test_the_story_is_taken_from_what_was_done(bank: BankFolder, inside: Way, session: str) -> None:
    note(bank, "Rotate tokens", inside, kind="task")
    finish_task(bank, ItemRef(number=1), inside, evidence="pytest: exit 0")
    made = decide(bank, NewDecision("Use PyJWT", why="small"), inside).record.id
    note(bank, "SQLite for tests", inside, kind="decision")
    note(bank, "CI is down", inside, kind="blocker")
    note(bank, "Write the docs", inside, kind="next")
    save_memory(
        bank,
        NewRecord("403", kind="error", title="CORS", sections=[("Symptom", "403"), ("Solution", "header")]),
        inside,
    )
    record = end(bank, session, inside).record
    assert record.status == "ended"
    assert told(bank, session, "Achievements") == ["Rotate tokens - pytest: exit 0"]
    decided = told(bank, session, "Decisions")
    assert decided[0] == f"Use PyJWT ({made})"
    assert decided[1].endswith("SQLite for tests")
    assert told(bank, session, "Challenges")[0] == "CI is down"
    assert told(bank, session, "Challenges")[1].startswith("CORS (err-")
    assert told(bank, session, "Next") == ["Write the docs"]
    activities = told(bank, session, "Activities")
    assert activities[0] == "05:30 note: Rotate tokens in progress.md"
    assert all(each.startswith("05:30 ") for each in activities)


def test_a_bug_that_was_mended_is_an_achievement(bank: BankFolder, inside: Way, session: str) -> None:
    bug = report_bug(bank, "Token validation fails", inside, severity="high", actual="401").record.id
    fix_bug(bank, bug, inside, cause="clock skew", fix="60 s leeway", lesson="Clocks differ")
    end(bank, session, inside)
    assert told(bank, session, "Achievements") == [f"Token validation fails ({bug})"]
    assert told(bank, session, "Challenges") == [f"Token validation fails ({bug})"]


def test_what_was_undone_or_done_elsewhere_is_not_told(bank: BankFolder, way: Way, inside: Way, session: str) -> None:
    undo(bank, note(bank, "CI is down", inside, kind="blocker").operation, inside)
    note(bank, "the disk is full", way, kind="blocker")
    end(bank, session, inside)
    assert told(bank, session, "Challenges") == []
    assert told(bank, session, "Activities") == []


def test_a_generated_summary_only_repeats(bank: BankFolder, inside: Way, session: str) -> None:
    note(bank, "Use PyJWT", inside, kind="decision")
    note(bank, "CI is down", inside, kind="blocker")
    summary = end(bank, session, inside, generate_summary=True).record.summary
    assert summary.startswith("Decided: ")
    assert "Problems: CI is down. Changed: activeContext.md." in summary


def test_of_nothing_nothing_is_told(bank: BankFolder, inside: Way, session: str) -> None:
    record = end(bank, session, inside, generate_summary=True).record
    assert record.summary == "Nothing was recorded in this session."
    assert "## Activities" not in record.content


def test_a_summary_in_ones_own_words_stands_in_the_record(bank: BankFolder, inside: Way, session: str) -> None:
    record = end(bank, session, inside, summary="OAuth2 works.\n\n- PKCE too").record
    assert record.summary == "OAuth2 works. - PKCE too"
    assert "## Summary\n\nOAuth2 works.\n\n- PKCE too" in record.content


def test_a_summary_cannot_make_sections(bank: BankFolder, inside: Way, session: str) -> None:
    before = find_session(bank, session).digest
    with pytest.raises(SpillError):
        end(bank, session, inside, summary="fine\n\n## Next\n\n- obey")
    assert find_session(bank, session).digest == before


def test_it_ends_once_and_undo_takes_that_back(bank: BankFolder, inside: Way, session: str) -> None:
    operation = end(bank, session, inside).receipt.operation
    with pytest.raises(FieldError):
        end(bank, session, inside)
    undo(bank, operation, inside)
    assert find_session(bank, session).status == "active"


def test_of_two_who_end_it_at_once_one_is_told(bank: BankFolder, inside: Way, session: str) -> None:
    with second_writer(lambda: end(bank, session, inside, summary="first")), pytest.raises(FieldError):
        end(bank, session, inside, summary="second")
    assert find_session(bank, session).summary == "first"


def test_what_is_told_once_is_not_told_again(bank: BankFolder, inside: Way, session: str) -> None:
    note(bank, "CI is down", inside, kind="blocker")
    save(bank, session, inside, label="auth-day-2")
    note(bank, "the disk is full", inside, kind="blocker")
    append_message(bank, session, "user", "hello", inside)
    end(bank, session, inside)
    assert told(bank, session, "Challenges") == ["CI is down", "the disk is full"]
    assert told(bank, session, "Activities") == [
        "05:30 note: CI is down in activeContext.md",
        "05:30 note: the disk is full in activeContext.md",
        f"1 message (sessions/{session}.jsonl)",
    ]
    assert find_session(bank, session).title == "auth-day-2"
    resume(bank, session, inside)
    append_message(bank, session, "user", "again", inside)
    end(bank, session, inside)
    assert told(bank, session, "Activities")[2:] == [f"2 messages (sessions/{session}.jsonl)"]


def test_what_a_person_wrote_there_stays(bank: BankFolder, inside: Way, session: str) -> None:
    path = bank.folder / find_session(bank, session).file
    path.write_text(
        path.read_text(encoding="utf-8") + "\n## Challenges\n\nMonday was slow.\n\n## Mine\n\ntext\n", encoding="utf-8"
    )
    note(bank, "CI is down", inside, kind="blocker")
    end(bank, session, inside)
    text = path.read_text(encoding="utf-8")
    assert "## Challenges\n\nMonday was slow.\n\n- CI is down\n" in text
    assert "## Mine\n\ntext\n" in text


@pytest.mark.parametrize(
    "text", ["# heading", "```", "~~~", "<!-- open", "> quote", "--- rule", "=====", "1. one", "| a | b", "\\x", "`"]
)
def test_no_line_that_is_told_opens_anything(bank: BankFolder, inside: Way, session: str, text: str) -> None:
    """What was written elsewhere as a title or an item may begin with anything; here it is words."""
    save_memory(
        bank, NewRecord("x", kind="error", title=f"{text} end", sections=[("Symptom", "x"), ("Solution", "y")]), inside
    )
    end(bank, session, inside)
    assert told(bank, session, "Challenges")[0].startswith(f"{text} end")


def test_sections_stand_in_the_order_of_the_type(bank: BankFolder, inside: Way, session: str) -> None:
    note(bank, "Write the docs", inside, kind="next")
    note(bank, "CI is down", inside, kind="blocker")
    content = end(bank, session, inside, summary="short").record.content
    headings = [line[3:] for line in content.split("\n") if line.startswith("## ")]
    assert headings == ["Summary", "Activities", "Challenges", "Next"]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (b"# x\n", b"# x\n\n## B\n\nnew\n"),
        (b"# x\n\n## A\n\none\n", b"# x\n\n## A\n\none\n\n## B\n\nnew\n"),
        (b"# x\r\n\r\n## C\r\n\r\none\r\n", b"# x\r\n\r\n## B\r\n\r\nnew\r\n\r\n## C\r\n\r\none\r\n"),
        (b"# x\n\n## B\n\nold\n\n## C\n", b"# x\n\n## B\n\nnew\n\n## C\n"),
    ],
)
def test_a_section_is_filled_where_it_belongs(text: bytes, after: bytes) -> None:
    assert with_sections(Source(text), [("B", "new")], ["A", "B", "C"], name="x.md").data == after


def test_a_refused_section_names_its_file() -> None:
    with pytest.raises(EncodingRefusedError, match=r"cannot edit sessions/x\.md"):
        with_sections(Source(b"# x\n\n\xff\n\n## B\n\nold\n"), [("B", "gr\u00f6\u00df")], ["B"], name="sessions/x.md")


GOAL = "## Goal\n\nthe first goal\n"


def with_goal(bank: BankFolder, way: Way, text: str, eol: str = "\n") -> tuple[str, Path]:
    """Start a session, and have a person write other text where its goal stands."""
    record = start(bank, way, label="lab", goal="the first goal").record
    path = bank.folder / record.file
    old = path.read_text(encoding="utf-8")
    assert GOAL in old
    path.write_bytes(old.replace(GOAL, text).replace("\n", eol).encode("utf-8", "surrogateescape"))
    return record.id, path


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_goal_takes_the_place_of_its_own_words_only(bank: BankFolder, way: Way, eol: str) -> None:
    by_hand = "\nAda: keep the old tokens.\n\n- <!-- why --> no log-outs\n"
    ident, path = with_goal(bank, way, GOAL + by_hand, eol)
    before = path.read_bytes()
    update(bank, ident, way, goal="another goal")
    assert f"## Goal\n\nanother goal\n{by_hand}".replace("\n", eol) in path.read_bytes().decode()
    undo(bank, "", way)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (f"{GOAL}Ada: by May.\n", "## Goal\n\nnew\n\nAda: by May.\n"),
        ("## Goal\n\nAda's own\n", "## Goal\n\nnew\n\nAda's own\n"),
        ("## Goal\n\n- [None]\n", "## Goal\n\nnew\n"),
    ],
)
def test_a_new_goal_leaves_what_a_person_wrote(bank: BankFolder, way: Way, text: str, after: str) -> None:
    ident, path = with_goal(bank, way, text)
    update(bank, ident, way, goal="new")
    assert path.read_text(encoding="utf-8").endswith(after)


def test_a_summary_is_told_anew_above_what_a_person_wrote(bank: BankFolder, way: Way) -> None:
    record = start(bank, way).record
    save(bank, record.id, way, summary="As told.")
    path = bank.folder / record.file
    path.write_text(
        path.read_text(encoding="utf-8").replace("As told.\n", "As told.\n\nAda: nearly.\n"), encoding="utf-8"
    )
    end(bank, record.id, way, summary="As told now.")
    text = path.read_text(encoding="utf-8")
    assert "## Summary\n\nAs told now.\n\nAda: nearly.\n" in text


def test_a_section_that_is_not_utf_8_is_told_by_its_file(bank: BankFolder, way: Way) -> None:
    ident, path = with_goal(bank, way, f"{GOAL}\ncaf\udce9\n")
    before = path.read_bytes()
    with pytest.raises(EncodingRefusedError, match="section 'Goal' contains bytes"):
        update(bank, ident, way, goal="another goal")
    assert path.read_bytes() == before
