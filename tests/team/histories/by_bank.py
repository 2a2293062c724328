"""Edits by the Python interface, as agents and people make them with commands."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from memorybank import Bank, BankError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.team.histories.making import Words

KINDS = ("learning", "decision", "gotcha", "reference", "blocker", "next", "change")


def edit_by_bank(project: Path, words: Words) -> bool:
    """Make one edit; return whether there was one, as a refusal is an answer too."""
    bank = Bank.open(project)
    chosen = words.rng.choices([*EDITS], [*EDITS.values()])[0]
    with suppress(BankError):
        chosen(bank, words)
        return True
    return False


def _note(bank: Bank, words: Words) -> None:
    bank.note(words.line(), kind=words.rng.choice(KINDS), again=True, anyway=True)


def _task(bank: Bank, words: Words) -> None:
    bank.tasks.add(words.line(), again=True)


def _task_change(bank: Bank, words: Words) -> None:
    tasks = [task for task in bank.tasks.list() if task.text and "k" in task.text]
    if not tasks:
        return
    task = words.rng.choice(tasks).text
    match words.rng.choice(["done", "done", "edit", "remove"]):
        case "done":
            bank.tasks.done(task)
        case "edit":
            bank.tasks.edit(task, f"{task} {words.plain(1, 1)}")
        case _:
            bank.tasks.remove(task)


def _item_change(bank: Bank, words: Words) -> None:
    addresses = ("activeContext.md#Learnings", "activeContext.md#Decisions", "patterns.md#Common Gotchas")
    address = words.rng.choice(addresses)
    items = [item for item in bank.items.list(address) if "\n" not in item.text.strip()]
    if not items:
        return
    item = words.rng.choice(items)
    match words.rng.choice(["replace", "remove", "move"]):
        case "replace":
            bank.items.replace(address, item.text, f"{item.text} {words.plain(1, 1)}")
        case "remove":
            bank.items.remove(address, item.text)
        case _:
            bank.items.move(address, item.text, words.rng.choice(addresses))


def _focus(bank: Bank, words: Words) -> None:
    bank.focus(words.line())


def _append(bank: Bank, words: Words) -> None:
    bank.edit("patterns.md#Architecture Patterns").append(f"- {words.line()}")


def _save(bank: Bank, words: Words) -> None:
    bank.save(words.line(), type="fact", tags=["db"], title=words.line())


def _record_change(bank: Bank, words: Words) -> None:
    records = list(bank.list(limit=50))
    if not records:
        return
    record = words.rng.choice(records)
    match words.rng.choice(["tags", "tags", "summary", "delete"]):
        case "tags":
            bank.update(record.id, tags=[*record.tags, words.rng.choice(["web", "queue", "shell"])])
        case "summary":
            bank.update(record.id, summary=words.plain())
        case _:
            bank.delete(record.id)


def _log(bank: Bank, words: Words) -> None:
    bank.log(words.line(), items=[words.line()])


def _fact(bank: Bank, words: Words) -> None:
    bank.pafs.add(words.rng.choice(["API", "DATA", "SEC"]), words.line())


def _decide(bank: Bank, words: Words) -> None:
    bank.decide(words.line(), why=words.line(), anyway=True)


EDITS = {
    _note: 12,
    _task: 4,
    _task_change: 5,
    _item_change: 6,
    _focus: 1,
    _append: 3,
    _save: 2,
    _record_change: 3,
    _log: 2,
    _fact: 2,
    _decide: 2,
}
