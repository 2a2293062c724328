"""Edits as a person makes them in an editor: on lines, with no idea of what a tool would allow."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.team.histories.making import CONTRACTS, STAMP, WHOLE, message
from tests.team.histories.reading import ITEM, PLACEHOLDER, TOKEN, Page, cut, level_of, read_lines

if TYPE_CHECKING:
    from random import Random

    from tests.team.histories.making import Words

FIXED = frozenset(name.partition(" <!--")[0] for _, names in CONTRACTS.values() for name in names)
# how often a person does what
WEIGHTS = {
    "add": 30,
    "reword": 16,
    "tick": 10,
    "drop": 10,
    "move": 5,
    "nest": 4,
    "paragraph": 5,
    "section": 5,
    "rename": 3,
    "drop_section": 1.2,
    "move_section": 1,
    "repeat": 2,
    "fence": 2,
    "row": 2,
}


def edit_text(text: str, words: Words, name: str, *, stamp: str = "") -> str:
    """Return the text after one edit; a person who stamps also writes `Last Updated`."""
    if name.endswith(".jsonl"):
        return edit_messages(text, words)
    ending = "\r\n" if "\r\n" in text else "\n"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines, ended = cut(text), text.endswith("\n") or not text
    page = read_lines(lines)
    if page.front and words.rng.random() < 0.25:
        lines = edit_front(lines, page.front, words)
    else:
        for _ in range(8):  # until one fits
            kind = words.rng.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
            changed = EDITS[kind](list(lines), page, words)
            if changed is not None:
                lines = changed
                break
    if stamp:
        lines = stamped(lines, stamp)
    if words.rng.random() < 0.006:
        ending = "\n" if ending == "\r\n" else "\r\n"
    if words.rng.random() < 0.01:
        ended = not ended
    return mark + ending.join(lines) + (ending if ended else "")


def edit_messages(text: str, words: Words) -> str:
    """Add a message; rarely change or drop one."""
    lines = cut(text)
    chance = words.rng.random()
    if chance < 0.8 or not lines:
        lines.append(message(words))
    elif chance < 0.9:
        at = words.rng.randrange(len(lines))
        fields = json.loads(lines[at])
        lines[at] = json.dumps({**fields, "content": reworded(fields["content"], words)}, ensure_ascii=False)
    else:
        del lines[words.rng.randrange(len(lines))]
    return "".join(line + "\n" for line in lines)


def edit_front(lines: list[str], front: int, words: Words) -> list[str]:
    """Change a field: a tag more or less, a status, a new field."""
    rng = words.rng
    head = lines[1 : front - 1]
    tags = _tags(head)
    match rng.choice(["tag", "tag", "untag", "status", "summary"]):
        case "tag":
            fresh = rng.choice(["pool", "api", "cache", "auth", "build", "web", "queue", "shell", "index"])
            tags = tags if fresh in tags else [*tags, fresh]
        case "untag":
            tags = tags[1:]
        case "status":
            head = [
                re.sub(r"^status: .*", f"status: {rng.choice(['active', 'stale', 'draft'])}", line) for line in head
            ]
        case _:
            head = [line for line in head if not line.startswith("summary:")] + [f"summary: {words.plain()}"]
    if tags != _tags(head):
        flow = not any(re.match(r"  - ", line) for line in head)
        where = next((at for at, line in enumerate(head) if line.startswith("tags:")), len(head))
        head = [line for line in head if not line.startswith(("tags:", "  - "))]
        new = [f"tags: [{', '.join(tags)}]"] if flow else ["tags:", *(f"  - {tag}" for tag in tags)]
        head[where:where] = new if tags else []
    return ["---", *head, "---", *lines[front:]]


def _tags(head: list[str]) -> list[str]:
    for line in head:
        if line.startswith("tags: ["):
            return line[7:].rstrip("]").split(", ")
    return [line[4:] for line in head if line.startswith("  - ")]


def stamped(lines: list[str], stamp: str) -> list[str]:
    """Write the time under `Last Updated`, if there is one."""
    for at, line in enumerate(lines):
        if line.startswith("## Last Updated"):
            below = next((n for n in range(at + 1, len(lines)) if lines[n].strip()), None)
            if below is not None:
                lines[below] = stamp
    return lines


def stamp_at(minute: int) -> str:
    """Return the stamp of a minute of November."""
    return STAMP.format(2 + minute // 1440, minute // 60 % 24, minute % 60)


def reworded(text: str, words: Words) -> str:
    """Replace, add or drop one word; the token stays."""
    rng, parts = words.rng, text.split(" ")
    at = rng.randrange(len(parts))
    plain = re.fullmatch(r"\w+", parts[at]) and not TOKEN.fullmatch(parts[at])
    if plain and rng.random() < 0.6:
        parts[at] = words.plain(1, 1)
    else:
        parts.append(words.plain(1, 2))
    return " ".join(parts)


def end_of_item(page: Page, at: int) -> int:
    """Return the line after an item with all that is in it, without blank lines at its end."""
    end = at + 1
    for number in range(at + 1, len(page.lines)):
        parent = page.lines[number].parent
        while parent > at:
            parent = page.lines[parent].parent
        if parent != at and page.lines[number].block != at:
            break
        if page.lines[number].kind != "blank":
            end = number + 1
    return end


def end_of_section(page: Page, at: int) -> int:
    """Return the line after the section whose heading is in this line."""
    level = level_of(page.lines[at].text)
    for number in range(at + 1, len(page.lines)):
        if page.lines[number].kind == "heading" and level_of(page.lines[number].text) <= level:
            return number
    return len(page.lines)


def _open(page: Page, at: int) -> bool:
    """Tell whether a person would write here: not among the times, the settings, what is above the first heading."""
    section = page.lines[at].section
    return section >= 0 and page.key(section) not in {"Last Updated", "Session Settings"}


def _choose(page: Page, rng: Random, *kinds: str) -> int:
    found = [at for at, line in enumerate(page.lines) if line.kind in kinds and line.token and _open(page, at)]
    return rng.choice(found) if found else -1


def _marker(page: Page, at: int, number: int = 0) -> str:
    found = ITEM.match(page.lines[at].text)
    marker = found.group(2) if found else "-"
    return f"{int(marker[:-1]) + 1 + number}{marker[-1]}" if marker[:-1].isdigit() else marker


def _add(lines: list[str], page: Page, words: Words) -> list[str] | None:
    """Add an item: most at the end of a list, some in its middle or at its top."""
    rng = words.rng
    sections = [at for at, line in enumerate(page.lines) if line.kind == "heading" and level_of(line.text) > 1]
    sections = [at for at in sections if page.key(at) not in WHOLE | {"Last Updated", "Session Settings"}]
    if not sections:
        return None
    section = rng.choice(sections)
    mine = [at for at, line in enumerate(page.lines) if line.section == section]
    holders = [at for at in mine if PLACEHOLDER.match(lines[at].strip())]
    box = "[ ] " if rng.random() < 0.1 else ""
    if holders:
        numbered = lines[holders[0]].startswith("1.")
        lines[holders[0]] = f"{'1.' if numbered else '-'} {box}{words.line()}"
        return lines
    items = [at for at in mine if page.lines[at].kind == "item" and page.lines[at].parent < 0]
    if not items:
        lines[section + 1 : section + 1] = ["", f"- {box}{words.line()}"]
        if section + 3 < len(lines) and lines[section + 3].strip():
            lines.insert(section + 3, "")
        return lines
    at = items[-1] if rng.random() < 0.7 else rng.choice(items)
    more = rng.choice([1, 1, 1, 2, 3])
    new = [f"{_marker(page, at, n)} {box}{words.line()}" for n in range(more)]
    if rng.random() < 0.08:
        where = items[0]
        new = ["1." + line.partition(".")[2] if line[0].isdigit() else line for line in new]
    else:
        where = end_of_item(page, at)
    lines[where:where] = new
    return lines


def _reword(lines: list[str], page: Page, words: Words) -> list[str] | None:
    at = _choose(page, words.rng, "item", "item", "text", "code", "row", "comment")
    if at < 0:
        return None
    text, end = lines[at], ""
    for mark in (" |", " -->"):
        if text.endswith(mark):
            text, end = text.removesuffix(mark), mark
    found = ITEM.match(text) if page.lines[at].kind == "item" else re.match(r"[ \t]*(?:\||<!--)?[ \t]*", text)
    head = found.group() if found else ""
    lines[at] = head + reworded(text[len(head) :], words) + end
    return lines


def _tick(lines: list[str], page: Page, words: Words) -> list[str] | None:
    boxes = [at for at, line in enumerate(page.lines) if line.kind == "item" and re.search(r"\[[ x]\] ", line.text)]
    if not boxes:
        return None
    at = words.rng.choice(boxes)
    box = "[ ]" if "[x]" in lines[at] else "[x]"
    lines[at] = re.sub(r"\[[ x]\]", box, lines[at], count=1)
    return lines


def _drop(lines: list[str], page: Page, words: Words) -> list[str] | None:
    at = _choose(page, words.rng, "item", "item", "item", "text", "row")
    if at < 0 or page.key(page.lines[at].section) in {"Current Focus", "Current Workflow"}:
        return None
    line = page.lines[at]
    if line.kind == "text":
        at = line.block
        end = max(n for n, each in enumerate(page.lines) if each.block == at) + 1
        if page.lines[at].kind == "item":
            return None
    else:
        end = end_of_item(page, at) if line.kind == "item" else at + 1
    del lines[at:end]
    return lines


def _move(lines: list[str], page: Page, words: Words) -> list[str] | None:
    """Move an item with all that is in it: up or down in its list, or to the end of another one."""
    tops = [at for at, line in enumerate(page.lines) if line.kind == "item" and line.parent < 0 and _open(page, at)]
    numbered = {at for at in tops if page.lines[at].text[0].isdigit()}
    tops = [at for at in tops if at not in numbered and page.lines[at].token]
    if len(tops) < 2:
        return None
    at, to = words.rng.sample(tops, 2)
    if words.rng.random() < 0.5:
        near = [n for n in tops if page.lines[n].section == page.lines[at].section and n != at]
        to = words.rng.choice(near) if near else to
    end, where = end_of_item(page, at), end_of_item(page, to)
    moved = lines[at:end]
    if at < where < end or not where:
        return None
    if where >= end:
        return [*lines[:at], *lines[end:where], *moved, *lines[where:]]
    return [*lines[:where], *moved, *lines[where:at], *lines[end:]]


def _nest(lines: list[str], page: Page, words: Words) -> list[str] | None:
    at = _choose(page, words.rng, "item")
    if at < 0:
        return None
    found = ITEM.match(lines[at])
    width = " " * (len(found.group(1)) + len(found.group(2)) + 1) if found else "  "
    where = end_of_item(page, at)
    lines[where:where] = [f"{width}- {words.line()}"]
    return lines


def _paragraph(lines: list[str], page: Page, words: Words) -> list[str] | None:
    return _block(lines, page, words, [words.line() for _ in range(words.rng.randint(1, 2))])


def _fence(lines: list[str], page: Page, words: Words) -> list[str] | None:
    return _block(lines, page, words, ["```", words.line(), "```"])


def _block(lines: list[str], page: Page, words: Words, new: list[str]) -> list[str] | None:
    """Put a block at the end of a section, below what is there."""
    places = [at for at, line in enumerate(page.lines) if line.kind == "heading" and level_of(line.text) > 1]
    places = [at for at in places if page.key(at) not in WHOLE | {"Last Updated", "Session Settings"}]
    if not places:
        return None
    section = words.rng.choice(places)
    mine = [at for at, line in enumerate(page.lines) if line.section == section and line.kind != "heading"]
    where = max([section, *(at for at in mine if page.lines[at].kind != "blank")]) + 1
    lines[where:where] = ["", *new]
    return lines


def _row(lines: list[str], page: Page, words: Words) -> list[str] | None:
    at = _choose(page, words.rng, "row")
    if at < 0:
        return None
    lines.insert(at + 1, f"| {words.plain(1, 1)} | {words.line()} |")
    return lines


def _section(lines: list[str], page: Page, words: Words) -> list[str] | None:
    places = [at for at, line in enumerate(page.lines) if line.kind == "heading" and level_of(line.text) == 2]
    if not places:
        return None
    at = words.rng.choice(places)
    last = page.key(at) == "Last Updated"
    where = at if last else end_of_section(page, at)
    heading = "Notes" if words.rng.random() < 0.1 else words.line()
    new = [f"## {heading}", *words.blocks()]
    if where and lines[where - 1].strip():
        new.insert(0, "")
    lines[where:where] = new
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _headings(page: Page) -> list[int]:
    return [at for at, line in enumerate(page.lines) if line.kind == "heading" and line.token and line.section >= 0]


def _rename(lines: list[str], page: Page, words: Words) -> list[str] | None:
    places = _headings(page)
    if not places:
        return None
    at = words.rng.choice(places)
    marks, _, name = lines[at].partition(" ")
    lines[at] = f"{marks} {reworded(name, words)}"
    return lines


def _drop_section(lines: list[str], page: Page, words: Words) -> list[str] | None:
    places = _headings(page)
    if not places:
        return None
    at = words.rng.choice(places)
    del lines[at : end_of_section(page, at)]
    return lines


def _move_section(lines: list[str], page: Page, words: Words) -> list[str] | None:
    places = [at for at in _headings(page) if level_of(page.lines[at].text) == 2]
    if len(places) < 2:
        return None
    at, to = sorted(words.rng.sample(places, 2))
    end, where = end_of_section(page, at), end_of_section(page, to)
    part = lines[at:end]
    rest = lines[end:where]
    if rest and rest[-1].strip():
        rest.append("")
    while where == len(lines) and part and not part[-1]:
        part.pop()
    return [*lines[:at], *rest, *part, *lines[where:]]


def _repeat(lines: list[str], page: Page, words: Words) -> list[str] | None:
    """Add a line that is there already, on purpose."""
    return _block(lines, page, words, [words.rng.choice(["---", "- run the tests", "***"])])


EDITS = {
    "add": _add,
    "reword": _reword,
    "tick": _tick,
    "drop": _drop,
    "move": _move,
    "nest": _nest,
    "paragraph": _paragraph,
    "section": _section,
    "rename": _rename,
    "drop_section": _drop_section,
    "move_section": _move_section,
    "repeat": _repeat,
    "fence": _fence,
    "row": _row,
}
