"""JSON by values, JSON Lines by record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from memorybank.team.merge import merge_files

ARTIFACT = {
    "id": "wf-1",
    "status": "active",
    "updated": "2026-01-01T10:00:00Z",
    "phases": [
        {"name": "plan", "status": "open", "history": [{"status": "open", "at": "2026-01-01T10:00:00Z"}]},
        {"name": "build", "status": "open", "history": []},
    ],
    "tasks": [{"id": "t1", "text": "one", "status": "open"}, {"id": "t2", "text": "two", "status": "open"}],
    "results": [],
    "metrics": {"files": 3},
}


def rendered(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def changed(**fields: Any) -> dict[str, Any]:
    return json.loads(json.dumps({**ARTIFACT, **fields}))  # type: ignore[no-any-return]  # a copy


def merged_json(ours: Any, theirs: Any, base: Any = ARTIFACT) -> tuple[Any, bytes]:
    merged = merge_files(rendered(base), rendered(ours), rendered(theirs), name="workflows/wf-1.json")
    return (None if merged.conflicts else json.loads(merged.data)), merged.data


def test_different_fields_and_the_later_time() -> None:
    value, data = merged_json(
        changed(status="done", updated="2026-01-02T10:00:00Z"), changed(kind="build", updated="2026-01-01T11:00:00Z")
    )
    assert (value["status"], value["kind"], value["updated"]) == ("done", "build", "2026-01-02T10:00:00Z")
    assert data == rendered(value)


def test_records_of_a_list_are_merged_by_id() -> None:
    ours, theirs = changed(), changed()
    ours["tasks"][0]["status"] = "done"
    theirs["tasks"][0]["evidence"] = "exit 0"
    theirs["tasks"].pop()
    ours["tasks"].append({"id": "t3", "text": "three", "status": "open"})
    value, _ = merged_json(ours, theirs)
    assert value["tasks"] == [
        {"id": "t1", "text": "one", "status": "done", "evidence": "exit 0"},
        {"id": "t3", "text": "three", "status": "open"},
    ]


def test_the_status_of_a_phase_is_that_of_its_last_event() -> None:
    ours, theirs = changed(), changed()
    for side, status, at in ((ours, "done", "2026-01-03T10:00:00Z"), (theirs, "paused", "2026-01-02T10:00:00Z")):
        side["phases"][0]["status"] = status
        side["phases"][0]["history"].append({"status": status, "at": at})
    value, _ = merged_json(ours, theirs)
    assert [row["status"] for row in value["phases"][0]["history"]] == ["open", "paused", "done"]
    assert value["phases"][0]["status"] == "done"


def test_two_values_of_one_field_are_a_conflict_around_its_line() -> None:
    _, data = merged_json(changed(status="done"), changed(status="dropped", metrics={"files": 4}))
    assert b'<<<<<<< ours\n  "status": "done",\n=======\n  "status": "dropped",\n>>>>>>> theirs\n  "updated"' in data
    assert b'"files": 4' in data


def test_counted_numbers_are_those_of_the_later_side() -> None:
    value, _ = merged_json(
        changed(metrics={"files": 5}, updated="2026-01-02T10:00:00Z"),
        changed(metrics={"files": 4}, updated="2026-01-03T10:00:00Z"),
    )
    assert value["metrics"] == {"files": 4}


@pytest.mark.parametrize("broken", [b'{"a": 1', b'{"a": 1, "a": 2}', b"[" * 100_000])
def test_text_that_is_not_json_is_merged_by_lines(broken: bytes) -> None:
    merged = merge_files(b'{"a": 1}', broken, b'{"a": 3}', name="a.json")
    assert broken in merged.data
    assert b'{"a": 3}' in merged.data
    assert merged.conflicts


def row(at: str, text: str, **more: str) -> bytes:
    return json.dumps({**more, "at": f"2026-01-01T{at}:00Z", "text": text}).encode() + b"\n"


def test_messages_of_both_sides_stay_in_the_order_of_their_times() -> None:
    base = row("10:00", "a")
    ours, theirs = row("10:01", "o1") + row("10:05", "o2"), row("10:03", "t1") + row("10:04", "same")
    merged = merge_files(base, base + ours, base + theirs, name="sessions/s.jsonl")
    assert merged == (base + row("10:01", "o1") + theirs + row("10:05", "o2"), ())


def test_a_message_deleted_on_one_side_is_gone_and_an_equal_one_counts() -> None:
    one, two, twin = row("10:00", "a"), row("10:01", "b"), row("10:02", "c")
    merged = merge_files(one + two + twin + twin, one + twin + twin, one + two + twin, name="s.jsonl")
    assert merged == (one + twin, ())


def test_a_record_is_known_by_its_id() -> None:
    base = row("10:00", "alpha", id="r1", state="new") + row("10:01", "beta", id="r2")
    ours = base.replace(b'"new"', b'"kept"')
    theirs = base.replace(b"alpha", b"gamma")
    merged = merge_files(base, ours, theirs, name="corrections.jsonl")
    assert merged == (ours.replace(b"alpha", b"gamma"), ())
    other = merge_files(base, ours, base.replace(b'"new"', b'"gone"'), name="corrections.jsonl")
    assert [each[1:3] for each in other.conflicts] == [(1, 5)]
