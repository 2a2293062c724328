"""A bank as a year of work leaves it: thousands of memories, sessions with messages, groups, facts, pinned lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from memorybank.records.ledgers.facts import add_paf, set_status
from memorybank.records.sessions.groups import create
from memorybank.records.sessions.sessions import start
from memorybank.store.actor import Actor
from memorybank.store.manage.init import init
from memorybank.store.way import Author, Way
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KINDS = {"fact": "fct", "decision": "dec", "procedural": "prc", "code": "cod", "learning": "lrn", "error": "err"}
WORDS = (  # noqa: SIM905  a list of words is read as words
    "token rotation cache redis retry schema deploy queue session login password index shard replica timeout backoff "
    "migration endpoint handler parser lexer socket buffer thread lock mutex journal commit branch merge conflict"
).split()
STANDARDS = ("All code is typed", "No network in tests")
PINNED = "The release key is rotated in May #pinned"
FOCUS = "Refresh token rotation in the login session"


class Large(NamedTuple):
    """The bank with its current session and a group of two."""

    bank: BankFolder
    session: str
    other: str
    group: str


def make_large(project: Path, count_of_records: int) -> Large:
    """Fill a project; the same every time."""
    chance = Random(4)
    numbers = count(1)

    def random_bytes(length: int) -> bytes:
        number = next(numbers)
        return bytes((number >> (5 * place)) & 31 for place in reversed(range(length)))

    way = Way(Author(Actor("tests", ""), lambda: NOW - timedelta(minutes=30), random_bytes))
    project.mkdir()
    bank = init(project, way).bank
    write_records(bank, count_of_records, chance)
    for text in STANDARDS:
        note(bank, text, way, kind="standard")
    note(bank, PINNED, way, kind="gotcha")
    for number in range(30):
        note(bank, f"Decision {number}: {sentence(chance)}", way, kind="decision")
        note(bank, f"Pattern {number}: {sentence(chance)}", way, kind="pattern")
    path = bank.folder / "activeContext.md"
    path.write_text(path.read_text("utf-8").replace("[Active work]", FOCUS), "utf-8")
    for number in range(12):
        add_paf(bank, "AUTH", f"Fact {number}: {sentence(chance)}", way, why=sentence(chance))
    for number in range(1, 9):
        set_status(bank, f"AUTH-{number:03}", "active", way)
    session = start(bank, way, label="now", goal="Rotation").record.id
    other = start(bank, way, label="before", goal="Research").record.id
    for name, hours in ((session, 0.3), (other, 20.0)):
        rows = []
        for number in range(60):
            at = NOW - timedelta(hours=hours, minutes=60 - number)
            text = f"{sentence(chance)}\n{sentence(chance)}" if number % 7 == 0 else sentence(chance)
            rows.append({"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "role": ("user", "assistant")[number % 2], "text": text})
        lines = "".join(json.dumps(each) + "\n" for each in rows)
        (bank.folder / "sessions" / f"{name}.jsonl").write_text(lines, "utf-8")
    group = create(bank, "Login", way, sessions=[session, other]).record.id
    return Large(bank, session, other, group)


def sentence(chance: Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(5, 25)))


def write_records(bank: BankFolder, number: int, chance: Random) -> None:
    """Put memories where the program puts them; one was made every ten minutes, the last one just now."""
    names = list(KINDS)
    for place in range(number):
        kind = names[place % len(names)]
        at = NOW - timedelta(minutes=10 * (number - place))
        ident = f"{KINDS[kind]}-{at:%Y%m%d}-{place:05d}"
        status = "superseded" if place % 11 == 0 else "active"
        title = f"{chance.choice(WORDS)} {chance.choice(WORDS)} {place}"
        summary = f"summary: {sentence(chance)}\n" if place % 3 else ""
        body = "\n\n".join(sentence(chance) for _ in range(chance.randint(1, 6)))
        text = (
            f"---\nid: {ident}\ntype: {kind}\nstatus: {status}\n{summary}"
            f"created: {at:%Y-%m-%dT%H:%M:%SZ}\n---\n# {title}\n\n{body}\n"
        )
        folder = bank.folder / "memories" / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{ident}-{title.replace(' ', '-')}.md").write_text(text, "utf-8")
