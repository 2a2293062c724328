"""Trees as projects keep them, and as nobody should: what becomes a record, what is told, what is refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import ArtifactError, OutsideError
from memorybank.exchange.formats import import_from
from memorybank.exchange.module71.writer import export_tree
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from memorybank.records.sessions.messages import read_messages
from memorybank.store.journal.undo import undo
from tests.exchange.making import make_tree, make_way, tree_at

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# %% stands for two spaces at a line's end
DECISIONS = """# Design Decisions

## Decision 001: Use JWT for Authentication

**Date:** 2025-01-07%%
**Status:** Accepted%%
**Decider:** AI Agent

### Context
Need to implement authentication for API. Options:
- Session-based authentication
- JWT tokens

### Decision
Use JWT tokens.

### Consequences
**Positive:**
- No session storage needed

**Negative:**
- Tokens can be large

---

## Decision 002: Use PostgreSQL for Database

**Date:** 2025-01-01%%
**Status:** Approved by all%%
**Decider:** AI Agent%%
**Reviewer:** Ada

### Decision
Use PostgreSQL.
""".replace("%%", "  ")
LEARNINGS = """# Lessons Learned

## 2025-01-07: Email Validation

**What Happened:**
Email validation was case-sensitive.

**Solution:**
```python
# Bad
email = email.lower()
```

**Lesson:**
Always normalize user input.

**Applied To:**
- Email validation
- Search queries

---

## 2025-01-05: Bug #4: slow list

**Lesson:**
Prefetch.
"""
BUG = """# Bug #023: Email Validation Case Sensitivity

**Date Reported:** 2025-01-07%%
**Reported By:** AI Agent%%
**Severity:** Medium%%
**Status:** Fixed

## Description
Email validation is case-sensitive.

## Steps to Reproduce
1. Register "User@Example.com"
2. Register "user@example.com"

## Root Cause
Not normalized.
""".replace("%%", "  ")
SESSION = {
    "session_id": "session_20250107_1000",
    "start_time": "2025-01-07T10:00:00Z",
    "end_time": "2025-01-07T14:00:00Z",
    "duration_minutes": 240,
    "agent": "AI Agent",
    "goal": "Implement user authentication feature",
    "context_loaded": ["project_summary.json", "decisions.md"],
    "activities": [{"time": "10:00", "activity": "Context loading", "duration_minutes": 30}],
    "achievements": ["Completed user registration feature"],
    "challenges": [],
    "next_session": {"goal": "Implement login endpoint", "estimated_duration_minutes": 180},
    "mood": "good",
}
TREE = {
    "README.md": "# Ours\n\nWritten by hand.\n",
    "project_summary.json": '{"project_name": "My Project", "metrics": {"bugs_fixed": 23}}\n',
    "development_log.md": "# Development Log\n\n## 2025-01-07\n\n### 10:00 - Session Start\n- Loaded context\n",
    "decisions.md": DECISIONS,
    "learnings.md": LEARNINGS,
    "bugs/bug_023.md": BUG,
    "checkpoints/checkpoint_20250107_1330.json": '{"phase": "Implementation", "progress": {"todo": []}}\n',
    "sessions/session_20250107_1000.json": json.dumps(SESSION, indent=2) + "\n",
    "artifacts/diagrams/auth.txt": "browser -> api\n",
}


def only(bank: BankFolder, kind: str, title: str) -> Record:
    found = [each for each in scan(bank, kinds=(kind,)).records if each.title == title]
    assert len(found) == 1
    return find_record(bank, found[0].id, kinds=(kind,))


def test_a_tree_of_the_source_becomes_records(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    done = import_from(bank, "module71", make_tree(tmp_path / "tree", TREE), way)
    assert [each.why.partition(" is no status")[0] for each in done.misfits] == ["'Approved by all'"]
    assert (done.redacted, done.unaccounted) == ((), ())
    approved = only(bank, "decision", "Use PostgreSQL for Database")
    assert (approved.status, approved.metadata["imported_status"]) == ("proposed", "Approved by all")
    decision = only(bank, "decision", "Use JWT for Authentication")
    assert (decision.status, decision.created, decision.fields["decider"]) == (
        "accepted",
        "2025-01-07T00:00:00Z",
        "AI Agent",
    )
    assert "## Context\n\nNeed to implement" in decision.content
    assert "## Consequences\n\n**Positive:**\n- No session" in decision.content
    learning = only(bank, "learning", "Email Validation")
    assert "## Lesson\n\nAlways normalize user input.\n\n## Applied To\n\n- Email validation" in learning.content
    bug = only(bank, "bug", "Email Validation Case Sensitivity")
    assert (bug.fields["number"], bug.fields["severity"], bug.status) == (23, "medium", "fixed")
    session = only(bank, "session", "Implement user authentication feature")
    assert session.fields["label"] == "session_20250107_1000"
    assert session.status == "ended"
    assert "## Activities\n\n- 10:00 - Context loading (30 min)" in session.content
    files = tree_at(bank.folder)
    for name in ("development_log.md", "checkpoints/checkpoint_20250107_1330.json", "artifacts/diagrams/auth.txt"):
        assert files[name] == TREE[name].encode()
    assert files["summary.json"] == TREE["project_summary.json"].encode()
    assert files["artifacts/module71-README.md"] == TREE["README.md"].encode()


def test_it_goes_out_as_it_came(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    """But for the comments that hold what is ours, and the README."""
    import_from(bank, "module71", make_tree(tmp_path / "tree", TREE), way)
    export_tree(bank, tmp_path / "out")
    out = {name: data.decode() for name, data in tree_at(tmp_path / "out").items()}
    for name in ("decisions.md", "learnings.md", "bugs/bug_023.md"):
        assert re.sub(r"<!-- memorybank: .* -->\n\n", "", out[name]) == TREE[name]
    session = json.loads(out["sessions/session_20250107_1000.json"])
    del session["metadata"]
    assert session == SESSION
    assert out["artifacts/module71-README.md"] == TREE["README.md"]


def test_a_dry_run_tells_the_same_and_writes_nothing(bank: BankFolder, tmp_path: Path) -> None:
    before = tree_at(bank.folder)
    tree = make_tree(tmp_path / "tree", TREE)
    shown = import_from(bank, "module71", tree, make_way(dry_run=True))
    assert tree_at(bank.folder) == before
    done = import_from(bank, "module71", tree, make_way())
    assert shown._replace(operations=done.operations, dry_run=False) == done


def test_an_import_is_one_operation_and_undone_as_one(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    before = {name for name in tree_at(bank.folder) if not name.startswith(".state")}
    done = import_from(bank, "module71", make_tree(tmp_path / "tree", TREE), way)
    assert len(done.operations) == 1
    undo(bank, done.operations[0], way)
    assert {name for name in tree_at(bank.folder) if not name.startswith(".state")} == before


def test_what_changed_in_the_source_is_told_and_what_was_deleted_stays_so(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    from memorybank.records.memories.memories import delete

    tree = make_tree(tmp_path / "tree", TREE)
    import_from(bank, "module71", tree, way)
    delete(bank, only(bank, "learning", "Email Validation").id, way)
    make_tree(tree, {"bugs/bug_023.md": BUG.replace("Not normalized", "Never normalized")})
    again = import_from(bank, "module71", tree, way)
    assert again.records == ()
    assert [each.where for each in again.misfits] == ["bugs/bug_023.md"]
    assert "it changed since it was imported as bug-" in again.misfits[0].why


def test_the_log_grows_by_what_it_does_not_have(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    own = "# Development Log\n\n## 2025-01-07\n\n### 09:00 - Coffee\n- hot\n\n## 2025-02-01\n\n### 08:00 - Later\n- x\n"
    make_tree(bank.folder, {"development_log.md": own})
    tree = make_tree(tmp_path / "tree", TREE)
    make_tree(tree, {"development_log.md": TREE["development_log.md"] + "\n## 2025-01-08\n\n### 10:00 - Next\n- y\n"})
    import_from(bank, "module71", tree, way)
    log = (bank.folder / "development_log.md").read_text(encoding="utf-8")
    assert log == (
        "# Development Log\n\n## 2025-01-07\n\n### 09:00 - Coffee\n- hot\n\n### 10:00 - Session Start\n"
        "- Loaded context\n\n## 2025-01-08\n\n### 10:00 - Next\n- y\n\n## 2025-02-01\n\n### 08:00 - Later\n- x\n"
    )
    assert import_from(bank, "module71", tree, way).files == ()


SECRET = "ghp_" + "k7Qz2Rt9Xw4Lm8Np3Vb6Yc1Hd5Fg0JsAe7Ui"


def test_secrets_are_redacted_wherever_they_stand(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    session = {
        **SESSION,
        "goal": f"use {SECRET}",
        "mood": {"deep": [SECRET]},
        "metadata": {"memorybank": 1, "messages": [{"at": "", "role": "user", "text": f"key {SECRET}"}]},
    }
    tree = make_tree(
        tmp_path / "tree",
        {
            **TREE,
            "decisions.md": f"# Design Decisions\n\n## Decision 001: token {SECRET}\n\n"
            f"**Date:** 2025-01-07\n**Status:** Accepted\n"
            f"**Decider:** {SECRET}\n\n### Context\n{SECRET}",
            "sessions/s.json": json.dumps(session),
            "artifacts/notes.txt": f"token: {SECRET}\n",
            "checkpoints/c.json": json.dumps({"notes": SECRET}),
            "artifacts/bin.dat": b"\0" + SECRET.encode(),
            f"artifacts/{SECRET}.txt": "a name can hold one, too\n",
        },
    )
    done = import_from(bank, "module71", tree, way)
    for name, data in tree_at(bank.folder).items():
        assert SECRET.encode() not in data, name
        assert SECRET not in name
    assert SECRET not in str(done)
    assert {each.where.partition("#")[0] for each in done.redacted} == {
        "decisions.md",
        "sessions/s.json",
        "artifacts/notes.txt",
        "checkpoints/c.json",
    }
    assert [each.where for each in done.misfits] == ["artifacts/bin.dat", "artifacts/<redacted:github-token>.txt"]
    assert json.loads((bank.folder / "checkpoints/c.json").read_text(encoding="utf-8"))
    messages = read_messages(
        bank, only(bank, "session", next(each.title for each in done.records if "use" in each.title)).id
    )
    assert messages.rows[0].text.startswith("key <redacted:")
    again = import_from(bank, "module71", tree, way)
    assert (again.records, again.files) == ((), ())


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("sessions/x.json", "{broken", "invalid JSON on line 1"),
        ("sessions/x.json", "[" * 100_000, "nested too deeply"),
        ("sessions/x.json", "[1]", "not a JSON object"),
        ("notes.txt", "x", "not a file of the tree"),
    ],
    ids=["broken", "deep", "no-object", "unknown"],
)
def test_what_cannot_be_read_is_told_and_the_rest_taken(
    bank: BankFolder, tmp_path: Path, way: Way, name: str, text: str, why: str
) -> None:
    tree = make_tree(tmp_path / "tree", {"learnings.md": LEARNINGS, name: text})
    done = import_from(bank, "module71", tree, way)
    assert [why in each.why for each in done.misfits] == [True]
    assert {each.type for each in done.records} == {"learning"}


def test_links_are_not_followed_and_nothing_climbs_out(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    (tmp_path / "outside.md").write_text("# Bug #1: mine\n", encoding="utf-8")
    tree = make_tree(tmp_path / "tree", {"learnings.md": LEARNINGS, "bugs/bug_002.md": BUG})
    (tree / "bugs/bug_001.md").symlink_to(tmp_path / "outside.md")
    (tree / "artifacts").symlink_to(tmp_path)
    make_tree(tree, {"x/../bugs/-rf.md": BUG})
    carried = "artifacts/memorybank/"
    (tree / "artifacts").unlink()
    settings = ("bank.toml", "templates/records/fact.md", "progress.md", "memories/a.md")
    make_tree(tree, {f"{carried}memories/fact/a.md": "# A\n\nwords\n", **{carried + each: "x\n" for each in settings}})
    done = import_from(bank, "module71", tree, way)
    assert ("bugs/bug_001.md", "a link is not followed") in done.misfits
    assert (bank.folder / "memories/fact/a.md").read_text(encoding="utf-8") == "# A\n\nwords\n"
    assert {carried + each for each in settings} == {each.where for each in done.misfits if carried in each.where}
    assert b"x\n" not in tree_at(bank.folder).values()


def test_another_folder_is_refused(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    with pytest.raises(ForeignError, match=r"it has no "):
        import_from(bank, "module71", make_tree(tmp_path / "tree", {"a.md": "x"}), way)


def test_an_export_overwrites_only_when_told(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    import_from(bank, "module71", make_tree(tmp_path / "tree", TREE), way)
    make_tree(tmp_path / "out", {"decisions.md": "mine\n"})
    with pytest.raises(ArtifactError):
        export_tree(bank, tmp_path / "out")
    assert tree_at(tmp_path / "out") == {"decisions.md": b"mine\n"}
    assert export_tree(bank, tmp_path / "out", dry_run=True, overwrite=True).files
    assert tree_at(tmp_path / "out") == {"decisions.md": b"mine\n"}
    assert "decisions.md" in export_tree(bank, tmp_path / "out", overwrite=True).files
    with pytest.raises(OutsideError):
        export_tree(bank, bank.folder / "artifacts" / "tree")


def test_a_second_import_says_nothing_again_about_what_did_not_change(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    entry = "## Decision 003: {}\n\n**Date:** soon\n**Status:** Under review\n\nYes.\n"
    bug = "# Bug #000: Slow\n\n**Severity:** P1\n\n## Description\nSlow.\n"
    entries = [entry.format("One"), entry.format("Two"), "## Decision 005: Three\n\nYes.\n"]
    decisions = "\n".join(["# Design Decisions\n", *entries])
    files: dict[str, str | bytes] = {
        "decisions.md": decisions,
        "bugs/bug_001.md": bug,
        "learnings.md": "# Lessons Learned\n\n## Measure\n\nMeasure first.\n",
        "sessions/s.json": '{"session_id": "s", "start_time": "soon", "goal": "A"}',
        "notes.txt": "not read",
    }
    first = import_from(bank, "module71", make_tree(tmp_path / "tree", files), way)
    assert len(first.misfits) > 10
    again = import_from(bank, "module71", tmp_path / "tree", way)
    assert [tuple(each) for each in again.misfits] == [("notes.txt", "skipped: it is not a file of the tree")]
    assert (again.records, again.already) == ((), 6)
    # of a file with one new entry, only that one is told; a changed one is named as changed
    more = f"{decisions}\n## Decision 006: Four\n\nYes.\n"
    make_tree(tmp_path / "tree", {"decisions.md": more, "bugs/bug_001.md": f"{bug}Very slow.\n"})
    third = import_from(bank, "module71", tmp_path / "tree", way)
    told = [f"{each.where}: {each.why}" for each in third.misfits if each.where != "notes.txt"]
    assert told[0].startswith("bugs/bug_001.md: it changed since it was imported")
    assert told[1:] == [
        "decisions.md: no date (1): Decision 006: Four",
        "decisions.md: no status, so it is proposed (1): Decision 006: Four",
    ]
