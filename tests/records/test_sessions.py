"""Sessions: started, found, changed, ended; what is written while there is one is bound to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.errors import FieldError, NoRecordError, SecretError, SpillError, StaleEditError
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.records.sessions.activity import minutes_between, operations_of, span_of
from memorybank.records.sessions.current import actor_in, bind, current_session, unbind
from memorybank.records.sessions.messages import append_message
from memorybank.records.sessions.sessions import delete, find_session, list_sessions, load, resume, start, update
from memorybank.store.journal.undo import undo
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

AGENT = {"CLAUDE_CODE_SESSION_ID": "6f1c-agent"}
OTHER = {"CLAUDE_CODE_SESSION_ID": "77aa-other"}


def bound(way: Way, session: str) -> Way:
    return way.with_actor(way.author.actor._replace(session=session))


def text_of(bank: BankFolder, file: str) -> str:
    return (bank.folder / file).read_text(encoding="utf-8")


def test_a_session_tells_its_goal_and_what_was_loaded(bank: BankFolder, way: Way) -> None:
    saved = start(bank, way, label="auth-refactor", goal="Refresh tokens rotate", context=["activeContext.md"])
    record = find_session(bank, saved.record.id)
    assert (record.title, record.status, record.fields["goal"]) == ("auth-refactor", "active", "Refresh tokens rotate")
    assert record.fields["started"] == "2026-11-21T05:30:00Z"
    assert "## Context Loaded\n\n- activeContext.md\n" in text_of(bank, record.file)


def test_a_session_needs_neither_label_nor_goal(bank: BankFolder, way: Way) -> None:
    assert start(bank, way).record.title == "Session of 2026-11-21 05:30 UTC"


def test_a_goal_of_many_lines_has_its_first_one_in_lists(bank: BankFolder, way: Way) -> None:
    record = start(bank, way, goal="Refresh tokens rotate\n\n- and old ones are refused").record
    assert record.title == record.fields["goal"] == "Refresh tokens rotate"
    assert "- and old ones are refused" in text_of(bank, record.file)


@pytest.mark.parametrize("goal", ["## Next", "```\nopen", "text\n---\n", "<!-- open"])
def test_a_goal_cannot_make_structure(bank: BankFolder, way: Way, goal: str) -> None:
    with pytest.raises(SpillError):
        start(bank, way, goal=goal)
    assert list_sessions(bank).records == []


def test_a_session_is_found_by_id_prefix_and_label(bank: BankFolder, way: Way) -> None:
    ident = start(bank, way, label="auth-refactor").record.id
    assert {find_session(bank, each).id for each in (ident, ident[:-1], "auth-refactor")} == {ident}


def test_of_two_with_one_label_the_active_one_is_meant(bank: BankFolder, way: Way) -> None:
    first = start(bank, way, label="auth").record.id
    second = start(bank, way, label="auth").record.id
    with pytest.raises(NoRecordError) as refused:
        find_session(bank, "auth")
    assert set(refused.value.details["near"]) == {first, second}  # type: ignore[call-overload]  # a list of ids
    update(bank, first, way, status="ended")
    assert find_session(bank, "auth").id == second
    assert find_session(bank, "auth", newest=True).id in {first, second}


@pytest.mark.parametrize("label", ["current", "ses-20261121-k3f9x", "x" * 81])
def test_a_label_can_be_told_from_an_id(bank: BankFolder, way: Way, label: str) -> None:
    with pytest.raises(FieldError):
        start(bank, way, label=label)


def test_a_secret_in_a_goal_is_refused(bank: BankFolder, way: Way) -> None:
    with pytest.raises(SecretError):
        start(bank, way, goal="log in with ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4eFgH7")
    assert list_sessions(bank).records == []


def test_only_the_lines_of_what_changes_change(bank: BankFolder, way: Way) -> None:
    record = start(bank, way, goal="one", tags=["auth"]).record
    path = bank.folder / record.file
    path.write_text(path.read_text(encoding="utf-8").replace("status: active", "status: active  # by hand\nmood: ok"))
    update(bank, record.id, way, tags=["+jwt"], metadata={"sprint": 42})
    lines = set(text_of(bank, record.file).split("\n"))
    assert {"status: active  # by hand", "mood: ok", "tags: [auth, jwt]", "  sprint: 42", "goal: one"} <= lines


def test_goal_and_title_are_told_in_one_way(bank: BankFolder, way: Way) -> None:
    record = start(bank, way, label="one", goal="First").record
    update(bank, record.id, way, label="two", goal="Second")
    now = find_session(bank, record.id)
    assert (now.title, now.fields["label"], now.fields["goal"]) == ("two", "two", "Second")
    assert "## Goal\n\nSecond\n" in text_of(bank, record.file)


def test_a_title_given_by_hand_stays(bank: BankFolder, way: Way) -> None:
    record = start(bank, way, label="one").record
    path = bank.folder / record.file
    path.write_text(path.read_text(encoding="utf-8").replace("# one", "# What we did about tokens"))
    update(bank, record.id, way, label="two")
    assert find_session(bank, record.id).title == "What we did about tokens"


def test_an_ended_session_goes_on(bank: BankFolder, way: Way) -> None:
    record = start(bank, way).record
    update(bank, record.id, way, status="ended")
    assert resume(bank, record.id, way).record.status == "active"


def test_a_broken_record_is_told_and_hides_no_other(bank: BankFolder, way: Way) -> None:
    broken, whole = start(bank, way).record, start(bank, way).record
    (bank.folder / broken.file).write_text("---\nid: [\n---\n# x\n", encoding="utf-8")
    found = list_sessions(bank)
    assert [each.id for each in found.records] == [whole.id]
    assert [each.file for each in found.broken] == [broken.file]


# --- the current session


def current(bank: BankFolder, environ: dict[str, str]) -> str:
    return current_session(bank, environ, bank.project)


def test_without_a_session_writes_are_as_the_environment_says(bank: BankFolder) -> None:
    assert current(bank, {}) == ""
    assert actor_in(bank, {**AGENT, "CLAUDECODE": "1"}, bank.project)[:2] == ("claude-code", "6f1c-agent")


def test_a_worktree_has_its_own_current_session(bank: BankFolder, way: Way) -> None:
    ident = start(bank, way).record.id
    bind(bank, ident, {}, bank.project)
    assert current(bank, {}) == ident
    assert current_session(bank, {}, bank.project / "src") == ident


def test_two_agents_have_two_sessions(bank: BankFolder, way: Way) -> None:
    one, other = start(bank, way).record.id, start(bank, way).record.id
    bind(bank, one, AGENT, bank.project)
    bind(bank, other, OTHER, bank.project)
    assert (current(bank, AGENT), current(bank, OTHER), current(bank, {})) == (one, other, "")


def test_linked_worktrees_that_share_a_bank_have_two_sessions(bank: BankFolder, way: Way) -> None:
    linked = bank.project.parent / "linked"
    git = bank.project / ".git" / "worktrees" / "linked"
    git.mkdir(parents=True)
    linked.mkdir()
    (git / "commondir").write_text("../..\n")
    (linked / ".git").write_text(f"gitdir: {git}\n")
    one, other = start(bank, way).record.id, start(bank, way).record.id
    bind(bank, one, {}, bank.project)
    bind(bank, other, {}, linked)
    assert (current(bank, {}), current_session(bank, {}, linked)) == (one, other)


def test_the_environment_names_a_session_by_id_or_label(bank: BankFolder, way: Way) -> None:
    ident = start(bank, way, label="auth-refactor").record.id
    named = {current(bank, {"MEMORYBANK_SESSION": each, **AGENT}) for each in (ident, "auth-refactor")}
    assert named == {ident}
    assert actor_in(bank, {"MEMORYBANK_SESSION": "of-another-tool"}, bank.project).session == "of-another-tool"


@pytest.mark.parametrize("label", ["on", "42", 'Größe: "x"', "it's", "a # b", "[x]"])
def test_a_label_of_any_kind_is_found(bank: BankFolder, way: Way, label: str) -> None:
    ident = start(bank, way, label=label).record.id
    assert current(bank, {"MEMORYBANK_SESSION": label}) == ident


def test_a_label_that_a_person_wrote_in_another_form_is_found(bank: BankFolder, way: Way) -> None:
    record = start(bank, way, label="auth").record
    path = bank.folder / record.file
    path.write_text(path.read_text(encoding="utf-8").replace("label: auth", "label:   'auth' # by hand"))
    assert current(bank, {"MEMORYBANK_SESSION": "auth"}) == record.id


def test_of_one_label_the_active_session_is_current(bank: BankFolder, way: Way) -> None:
    first = start(bank, way, label="auth").record.id
    second = start(bank, way, label="auth").record.id
    update(bank, first, way, status="ended")
    assert current(bank, {"MEMORYBANK_SESSION": "auth"}) == second


def test_where_local_state_is_deleted_an_agent_still_finds_its_session(bank: BankFolder, way: Way) -> None:
    ident = start(bank, way, agent_session=AGENT["CLAUDE_CODE_SESSION_ID"]).record.id
    assert current(bank, AGENT) == ident
    assert current(bank, OTHER) == ""


def test_what_has_ended_or_gone_is_no_current_session(bank: BankFolder, way: Way) -> None:
    one, other = start(bank, way).record.id, start(bank, way).record.id
    bind(bank, one, AGENT, bank.project)
    bind(bank, other, {}, bank.project)
    unbind(bank, one)
    assert current(bank, AGENT) == other
    delete(bank, other, way)
    assert current(bank, {}) == ""


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"agents": 1}', b'{"worktrees": {"x": ["../../etc"]}}', b"\xff"])
def test_broken_state_is_no_state(bank: BankFolder, way: Way, data: bytes) -> None:
    ident = start(bank, way).record.id
    (bank.state / "current.json").write_bytes(data)
    assert current(bank, {}) == ""
    bind(bank, ident, {}, bank.project)
    assert current(bank, {}) == ident


# --- what was done in it


def test_operations_are_bound_and_what_was_undone_is_none(bank: BankFolder, way: Way) -> None:
    ident = start(bank, way).record.id
    save(bank, NewRecord("kept"), bound(way, ident))
    gone = save(bank, NewRecord("undone"), bound(way, ident)).receipt.operation
    save(bank, NewRecord("of another"), bound(way, "ses-x"))
    undo(bank, gone, way)
    found = operations_of(bank, [ident])[ident]
    assert [each.receipt.verb for each in found] == ["save"]
    assert find_session(bank, ident).session == ""


def test_a_span_is_from_first_to_last_activity(bank: BankFolder, way: Way) -> None:
    record = start(bank, way).record
    append_message(bank, record.id, "user", "hello", way, at="2026-11-21T06:15:30Z")
    append_message(bank, record.id, "user", "of an import without a time", way, at="yesterday")
    span = span_of(bank, record, operations_of(bank, [record.id])[record.id])
    assert (span.first, span.last, span.minutes, span.message_count) == (
        "2026-11-21T05:30:00Z",
        "2026-11-21T06:15:30Z",
        45,
        2,
    )


@pytest.mark.parametrize(
    ("first", "last", "minutes"),
    [
        ("2026-11-21T05:30:00Z", "2026-11-21T09:30:00+02:00", 120),
        ("2026-11-21", "2026-11-22", 1440),
        ("", "2026-11-22", 0),
        ("soon", "later", 0),
    ],
)
def test_times_of_people_are_compared_as_times(first: str, last: str, minutes: int) -> None:
    assert minutes_between(first, last) == minutes


def test_a_record_that_a_person_made_needs_only_a_title(bank: BankFolder, way: Way) -> None:
    folder = bank.folder / "sessions"
    folder.mkdir()
    (folder / "monday.md").write_text("# Monday\n\nTalked about tokens.\n", encoding="utf-8")
    record = find_session(bank, "monday")
    fields: dict[str, Any] = {"title": record.title, "type": record.type}
    assert fields == {"title": "Monday", "type": "session"}
    update(bank, "monday", way, label="mon")
    assert find_session(bank, "mon").id == "monday"


def test_a_session_is_not_undone_from_under_its_messages(bank: BankFolder, way: Way) -> None:
    ident = start(bank, way, label="lab").record.id
    append_message(bank, ident, "user", "precious words", way)
    with pytest.raises(StaleEditError, match="expected a session without messages") as refused:
        undo(bank, "", way)
    assert refused.value.hint == f"bank session delete {ident}"
    assert load(bank, ident).messages[0].text == "precious words"
    delete(bank, ident, way)
    undo(bank, "", way)
    assert load(bank, ident).messages[0].text == "precious words"


def test_an_undo_that_stops_at_a_session_names_the_operation_before_it(bank: BankFolder, way: Way) -> None:
    kept = [save(bank, NewRecord(title), way) for title in ("first", "second")]
    one = start(bank, way, label="lab").record.id
    append_message(bank, one, "user", "hi", way)
    other = start(bank, way, label="other").record.id
    append_message(bank, other, "user", "hi", way)
    for saved in reversed(kept):
        with pytest.raises(StaleEditError) as refused:
            undo(bank, "", way)
        assert refused.value.hint == f"bank undo {saved.receipt.operation}"
        undo(bank, refused.value.hint.removeprefix("bank undo "), way)
        assert not (bank.folder / saved.record.file).exists()
    with pytest.raises(StaleEditError) as refused:
        undo(bank, "", way)
    assert refused.value.hint == f"bank session delete {other}"


def test_a_session_that_is_undeleted_is_current_again(tmp_path: Path) -> None:
    make_bank(tmp_path)
    opened = Bank.open(tmp_path)
    ident = opened.sessions.start(label="lab").record.id
    opened.sessions.message("user", "hi")
    for hard in (False, True):
        opened.sessions.delete(ident, hard=hard)
        assert opened.sessions.current() == ""
        opened.undo()
        assert opened.sessions.current() == ident


@pytest.mark.parametrize("label", ["work", "Session 2", "wip", "2026-11-21", "my-new_stuff", "test"])
def test_a_label_that_says_nothing_is_kept_with_advice(bank: BankFolder, way: Way, label: str) -> None:
    saved = start(bank, way, label=label)
    assert saved.record.fields["label"] == label
    assert f"bank session label {saved.record.id}" in saved.advice[0]
    assert update(bank, saved.record.id, way, label="auth-refactor").advice == ()
    assert update(bank, saved.record.id, way, label=label).advice


@pytest.mark.parametrize("label", ["", "auth-refactor", "bug-fix-cors-issue", "login tests"])
def test_a_label_with_a_subject_needs_no_advice(bank: BankFolder, way: Way, label: str) -> None:
    assert start(bank, way, label=label).advice == ()
