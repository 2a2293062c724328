"""Session files of the Gemini CLI: what was said is imported once, and everything else is counted."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import scan
from memorybank.records.sessions.messages import read_messages
from tests.exchange import agent_files
from tests.exchange.agent_files import talks, told
from tests.exchange.making import make_way
from tests.running import FULL, new_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.store.folder import BankFolder

INPUTS = 2000 if FULL else 20
START: dict[str, Any] = {"sessionId": "g-1", "projectHash": "abc", "startTime": "2026-01-02T03:00:00.000Z"}


def says(ident: str, kind: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"id": ident, "timestamp": "2026-01-02T03:04:05.000Z", "type": kind, "content": content, **more}


def lines(folder: Path, name: str, *rows: Any) -> Path:
    return agent_files.write(folder, name, *(row if isinstance(row, str) else json.dumps(row) for row in rows))


def run(bank: BankFolder, path: Path) -> ImportResult:
    return agent_files.run(bank, "gemini", path)


@pytest.fixture
def bank(tmp_path: Path) -> BankFolder:
    return new_bank(tmp_path / "project")


def test_what_was_said_is_taken_and_the_rest_is_counted(bank: BankFolder, tmp_path: Path) -> None:
    thoughts = [{"subject": "Look", "description": "closer"}]
    calls = [{"id": "c", "name": "read_file", "args": {}}, {"id": "d", "name": "ls", "args": {}}]
    rows = [
        says("1", "user", "Fix the till"),
        says("2", "info", "Update available"),
        says("3", "gemini", "", toolCalls=calls, thoughts=thoughts, model="gemini-3", tokens={"total": 3}),
        says("4", "gemini", [{"text": "Done."}, {"inlineData": {"data": "x"}}, {"text": "hm", "thought": True}]),
    ]
    value = {**START, "lastUpdated": "2026-01-02T04:00:00.000Z", "messages": rows, "summary": "Till repair"}
    file = tmp_path / "session-1.json"
    file.write_text(json.dumps(value, indent=2), encoding="utf-8")
    done = run(bank, file)
    assert talks(bank) == {"g-1": ["user: Fix the till", "assistant: Done."]}
    for why in ("1 messages (info)", "1 thoughts", "2 tool calls", "1 parts (inlineData)", "1 parts (thought)"):
        assert f"g-1: {why} skipped" in told(done)
    record = scan(bank, kinds=("session",)).records[0]
    assert (record.summary, record.created, record.metadata["model"]) == (
        "Till repair",
        "2026-01-02T03:00:00Z",
        "gemini-3",
    )


def test_a_message_is_taken_in_its_last_state(bank: BankFolder, tmp_path: Path) -> None:
    rows = [
        START,
        says("1", "user", "Hi"),
        says("2", "gemini", "Hel"),
        says("2", "gemini", "Hello", tokens={"total": 1}),
    ]
    done = run(bank, lines(tmp_path, "session-1.jsonl", *rows, {"$set": {"lastUpdated": "2026-01-02T05:00:00Z"}}))
    assert talks(bank) == {"g-1": ["user: Hi", "assistant: Hello"]}
    assert "g-1: 1 earlier states of messages skipped" in told(done)


def test_what_was_rewound_is_counted(bank: BankFolder, tmp_path: Path) -> None:
    rows = [START, says("1", "user", "One"), says("2", "user", "Wrong"), says("3", "gemini", "Bad")]
    done = run(bank, lines(tmp_path, "session-1.jsonl", *rows, {"$rewindTo": "2"}, says("4", "user", "Right")))
    assert talks(bank) == {"g-1": ["user: One", "user: Right"]}
    assert "g-1: 2 messages that were rewound skipped" in told(done)


def test_a_compressed_history_keeps_what_was_said(bank: BankFolder, tmp_path: Path) -> None:
    said = [says("1", "user", "One"), says("2", "gemini", "Two")]
    short = [says("8", "user", "<state_snapshot>short</state_snapshot>"), said[1]]
    rows = [START, *said, {"$set": {"messages": short}}, says("9", "user", "Three")]
    run(bank, lines(tmp_path, "session-1.jsonl", *rows))
    assert talks(bank) == {"g-1": ["user: One", "assistant: Two", "user: Three"]}


@pytest.mark.parametrize(
    ("message", "speech"),
    [
        ({"content": [{"text": "See @a.py full text"}], "displayContent": "See @a.py"}, "See @a.py"),
        (
            {
                "content": [
                    {"text": "See @a.py"},
                    {"text": "\n--- Content from referenced files ---"},
                    {"text": "\nContent from @a.py:\n"},
                    {"text": "x = 1"},
                    {"text": "\n--- End of content ---"},
                ]
            },
            "See @a.py",
        ),
        ({"content": "<session_context>today</session_context>"}, ""),
        ({"content": {"text": "One part"}}, "One part"),
        ({"content": ["a", {"text": "b"}]}, "a\n\nb"),
        ({"content": [{"functionResponse": {"name": "ls"}}]}, ""),
    ],
)
def test_what_a_person_typed_is_taken(bank: BankFolder, tmp_path: Path, message: dict[str, Any], speech: str) -> None:
    row = {**says("1", "user", ""), **message}
    run(bank, lines(tmp_path, "session-1.jsonl", START, row, says("2", "gemini", "ok")))
    assert talks(bank)["g-1"] == [f"user: {speech}"] * bool(speech) + ["assistant: ok"]


def test_a_session_that_was_moved_to_the_new_form_is_one_and_grows(bank: BankFolder, tmp_path: Path) -> None:
    said = [says("1", "user", "One"), says("2", "gemini", "Two")]
    chats = tmp_path / "tmp" / "hash" / "chats"
    chats.mkdir(parents=True)
    (chats / "session-1.json").write_text(json.dumps({**START, "messages": said}), encoding="utf-8")
    run(bank, tmp_path / "tmp")
    lines(chats, "session-1.jsonl", START, *said, says("3", "user", "Three"))
    done = run(bank, tmp_path / "tmp")
    assert (len(done.grown), len(done.records)) == (1, 0)
    assert talks(bank) == {"g-1": ["user: One", "assistant: Two", "user: Three"]}


def test_a_file_that_ends_too_early_keeps_what_is_whole(bank: BankFolder, tmp_path: Path) -> None:
    value = json.dumps({**START, "messages": [says("1", "user", "One"), says("2", "gemini", "Two")]}, indent=1)
    file = tmp_path / "session-1.json"
    file.write_text(value[: value.index("Two")], encoding="utf-8")
    done = run(bank, file)
    assert talks(bank) == {"g-1": ["user: One"]}
    assert any("invalid JSON" in each for each in told(done))


def test_broken_lines_are_named_and_nothing_known_is_refused(bank: BankFolder, tmp_path: Path) -> None:
    rows = [START, says("1", "user", "One"), '{"id": "2", "type', "[]", says("3", "gemini", "Two")]
    done = run(bank, lines(tmp_path, "session-1.jsonl", *rows))
    assert talks(bank) == {"g-1": ["user: One", "assistant: Two"]}
    assert any(each.startswith("session-1.jsonl:3: invalid JSON") for each in told(done))
    with pytest.raises(ForeignError, match="no session of the Gemini CLI"):
        run(bank, lines(tmp_path, "other.jsonl", {"type": "user"}))


def test_every_word_is_in_the_bank_or_in_the_report(tmp_path: Path) -> None:
    for seed in range(INPUTS):
        check(tmp_path / str(seed), seed)


def check(folder: Path, seed: int) -> None:  # noqa: PLR0915  a list of choices; in pieces it would be harder to read
    """Put a word of its own into every text; each is in a message, in the metadata, or in a kind that is counted."""
    rnd = random.Random(seed)
    count = 0

    def word() -> str:
        nonlocal count
        count += 1
        return rnd.choice(["{}", "Say {} now", "a\n\n{}", "ü {} 漢"]).replace("{}", f"mark{seed}x{count}")

    def with_again(text: str) -> str:
        """Put a value before the others of an object, with a name that it has again."""
        if not text.startswith('{"id"') or rnd.random() < 0.8:
            return text
        name = rnd.choice(["id", "content", "type"])
        kinds[f"earlier values of a repeated name ({name})"] += 1
        return f'{{"{name}": {json.dumps({"deep": [word()]})}, {text[1:]}'

    rows: list[Any] = []
    said: list[tuple[str, str, str]] = []
    kinds: Counter[str] = Counter()
    kept = word()
    for number in range(rnd.randint(1, 10)):
        kind = rnd.choice(["user", "gemini", "gemini", "info", "error", "new"])
        text = word()
        row = says(f"m{number}", kind, rnd.choice([text, [{"text": text}], {"text": text}]))
        own: Counter[str] = Counter()
        if kind in ("user", "gemini"):
            said.append((f"m{number}", "user" if kind == "user" else "assistant", text))
        else:
            own[f"messages ({kind})"] += 1
        if kind == "gemini" and rnd.random() < 0.5:
            row["thoughts"] = [{"subject": word(), "description": word()}]
            row["toolCalls"] = [{"name": word(), "result": [word()]}, {"name": word()}]
            own += Counter({"thoughts": 1, "tool calls": 2})
        if kind == "user" and rnd.random() < 0.3:
            row["displayContent"] = text
            row["content"] = [{"text": f"{text} {word()}"}]
            own["prompts as they were sent"] += 1
        if kind == "gemini" and rnd.random() < 0.3:
            rows.append({**row, "content": word()})
            kinds["earlier states of messages"] += 1
        rows.append(row)
        kinds += own
    if rnd.random() < 0.2:
        rows.append({"$set": {"weather": word()}})
    is_old = rnd.random() < 0.4 and not any("$set" in row for row in rows)
    header = {**START, "sessionId": f"g-{seed}", "directories": [kept]}
    if is_old:
        file = folder / "session-1.json"
        folder.mkdir(parents=True)
        shown = [with_again(json.dumps(row)) for row in rows]
        file.write_text(f'{json.dumps(header)[:-1]}, "messages": [{", ".join(shown)}]}}', encoding="utf-8")
    else:
        file = lines(folder, "session-1.jsonl", header, *(with_again(json.dumps(row)) for row in rows))
    bank = new_bank(folder / "project")
    done = import_from(bank, "gemini", file, make_way(seed))
    assert done.unaccounted == (), (seed, done.unaccounted)
    if not said:
        assert any("it has no messages" in each.why for each in done.misfits), seed
        return
    record = scan(bank, kinds=("session",)).records[0]
    found = [(row.role, re.findall(r"mark\d+x\d+", row.text)) for row in read_messages(bank, record.id).rows]
    assert found == [(role, re.findall(r"mark\d+x\d+", text)) for _, role, text in said], seed
    assert record.metadata["directories"] == [kept], seed
    counted = [re.fullmatch(r"(\d+) (.+) skipped", each.why) for each in done.misfits if each.where == f"g-{seed}"]
    assert {each[2]: int(each[1]) for each in counted if each} == dict(kinds), seed
