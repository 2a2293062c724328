"""No word of a conversation is lost: each is in the bank, in the report, or in a kind that the report counts rightly.

A generator puts a word of its own into every text of an export. The check knows what was generated, and nothing of how
it is read.
"""

# A generator is a list of choices; in pieces it would be harder to read.
# ruff: noqa: C901, PLR0912, PLR0915

from __future__ import annotations

import json
import random
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from memorybank.exchange.formats import import_from
from tests.exchange.making import make_way
from tests.running import FULL, new_bank

if TYPE_CHECKING:
    from collections.abc import Callable

STYLES = ("{}", "Say {} now.", "# {}\n\n- a\n", "```\n{}\n```", "ünï {} 漢字", "{}\u200b", "\t{}\r\n")
INPUTS = 2000 if FULL else 10


class Said(NamedTuple):
    """A message that was generated: its own words, its parts that are no text by kind, its unknown fields by name."""

    words: tuple[str, ...]
    parts: Counter[str]
    fields: Counter[str]
    unsaid: str = ""


class Talk(NamedTuple):
    """A talk that was generated, its messages, those on the branch that counts (None if its tree is broken)."""

    value: dict[str, Any]
    ident: str
    messages: list[Said]
    branch: set[int] | None
    kept: tuple[str, ...]
    fields: Counter[str]


class Maker:
    """Makes talks with a word of its own in every text."""

    def __init__(self, seed: int) -> None:
        self.rnd = random.Random(seed)
        self.count = 0
        self.seed = seed

    def word(self) -> str:
        self.count += 1
        return f"mark{self.seed}x{self.count}"

    def text(self) -> str:
        return self.rnd.choice(STYLES).replace("{}", self.word())

    def maybe(self, chance: float) -> bool:
        return self.rnd.random() < chance

    def time(self, number: int) -> Any:
        at = 1_700_000_000 + number
        return self.rnd.choice([at, at + 0.5, f"2023-11-14T22:{number % 60:02}:00Z"])

    def unknown(self, row: dict[str, Any], group: str, fields: Counter[str]) -> None:
        for name in ("mood", "note"):
            if self.maybe(0.1):
                row[name] = self.rnd.choice([self.text(), [self.text()], {"inner": self.text()}])
                fields[f"{group} {name}"] += 1


def marks(value: Any) -> tuple[str, ...]:
    return tuple(re.findall(r"mark\d+x\d+", json.dumps(value)))


def way_up(parents: list[int | None], place: int | None) -> set[int]:
    found: set[int] = set()
    while place is not None:
        found.add(place)
        place = parents[place]
    return found


def chatgpt(make: Maker, ident: str) -> Talk:
    rnd = make.rnd
    number = rnd.randint(1, 9)
    parents: list[int | None] = [None, *(rnd.choice([n - 1, n - 1, rnd.randrange(n)]) for n in range(1, number))]
    with_times = make.maybe(0.7)
    mapping: dict[str, Any] = {}
    messages: list[Said] = []
    fields: Counter[str] = Counter()
    for place in range(number):
        role = rnd.choice(["user", "assistant", "assistant", "tool", "system"])
        message: dict[str, Any] = {"id": f"i{place}", "author": {"role": role}, "metadata": {}, "recipient": "all"}
        own: Counter[str] = Counter()
        parts: Counter[str] = Counter()
        unsaid = ""
        words: tuple[str, ...] = ()
        kind = rnd.choice(["text", "text", "multimodal_text", "code", "tether_quote", "thoughts", "execution_output"])
        content: dict[str, Any] = {"content_type": kind}
        if kind in ("text", "multimodal_text"):
            texts: list[Any] = [make.text() for _ in range(rnd.randint(1, 3))]
            words = marks(texts)
            if kind == "multimodal_text":
                spoken = make.text()
                texts += [
                    {"content_type": "image_asset_pointer", "asset_pointer": make.word(), "size_bytes": 3},
                    {"content_type": "audio_transcription", "text": spoken, "direction": "in"},
                ]
                words += marks(spoken)
                parts["parts (image_asset_pointer)"] += 1
            content["parts"] = texts
        elif kind == "thoughts":
            content["thoughts"] = [{"summary": make.text(), "content": make.text()}]
            parts["parts (thoughts)"] += 1
        else:
            content["text"] = make.text()
            if kind == "tether_quote":
                content |= {"title": make.word(), "url": make.word(), "domain": make.word()}
                own["content domain"] += 1
            words = marks([each for key, each in content.items() if key != "domain"])
        message["content"] = content
        make.unknown(message, "message", own)
        make.unknown(message["metadata"], "metadata", own)
        if make.maybe(0.2):
            message["metadata"]["attachments"] = [{"name": make.word()}, {"name": make.word()}]
            parts["attachments"] += 2
        if make.maybe(0.1):
            message["metadata"]["is_visually_hidden_from_conversation"] = True
            unsaid = "hidden messages"
        elif make.maybe(0.1):
            message["weight"] = 0.0
            unsaid = "hidden messages"
        elif role == "assistant" and make.maybe(0.3):
            message["recipient"] = rnd.choice(["python", "dalle.text2im", "bio"])
            unsaid = f"tool calls ({message['recipient']})"
        elif role == "tool" and make.maybe(0.2):
            message["recipient"] = "assistant"
            unsaid = "messages that are not for the user (assistant)"
        elif role != "user" and make.maybe(0.3):
            message["channel"] = rnd.choice(["analysis", "commentary", "final", None])
            unsaid = f"thoughts ({message['channel']})" if message["channel"] in ("analysis", "commentary") else ""
        if with_times:
            message["create_time"] = make.time(place)
        messages.append(Said(words, parts, own, unsaid))
        parent = parents[place]
        mapping[f"n{place}"] = {
            "id": f"n{place}",
            "message": message,
            "parent": f"n{parent}" if parent is not None else None,
            "children": [f"n{child}" for child in range(number) if parents[child] == place],
        }
    value: dict[str, Any] = {"conversation_id": ident, "title": make.word(), "mapping": mapping, "mood": make.text()}
    value["create_time"] = 1_700_000_000
    kept = (*marks(value["title"]), *marks(value["mood"]))
    branch: set[int] | None
    current = rnd.choice([None, "gone", *(f"n{place}" for place in range(number))])
    value["current_node"] = current
    leaves = [place for place in range(number) if place not in parents]
    if current in mapping:
        branch = way_up(parents, int(str(current)[1:]))
    elif with_times:
        branch = None
    else:
        branch = way_up(parents, max(leaves, key=lambda leaf: (len(way_up(parents, leaf)), leaf)))
    broken = rnd.choice(["", "", "no parents", "lost", "cycle", "no links", "roots"])
    if broken == "no parents":
        for node in mapping.values():
            del node["parent"]
    elif broken:
        branch = None
        for node in mapping.values():
            if broken in ("no links", "lost") and make.maybe(0.5):
                node["parent"], node["children"] = ("lost" if broken == "lost" else None), []
            elif broken == "cycle" and make.maybe(0.3):
                node["parent"] = f"n{rnd.randrange(number)}"
            elif broken == "roots" and make.maybe(0.3):
                node["parent"] = None
        if broken in ("lost", "no links", "roots"):
            for node in mapping.values():
                node["children"] = []
    return Talk(value, ident, messages, branch, kept, fields)


def claude(make: Maker, ident: str) -> Talk:
    rnd = make.rnd
    number = rnd.randint(1, 8)
    parents: list[int | None] = [None, *(rnd.choice([n - 1, n - 1, rnd.randrange(n)]) for n in range(1, number))]
    is_tree = make.maybe(0.8)
    rows: list[dict[str, Any]] = []
    messages: list[Said] = []
    for place in range(number):
        own: Counter[str] = Counter()
        parts: Counter[str] = Counter()
        blocks: list[Any] = [{"type": "text", "text": make.text(), "citations": [], "start_timestamp": "2025"}]
        words = marks(blocks)
        if make.maybe(0.3):
            blocks.append({"type": "thinking", "thinking": make.text(), "summaries": [{"summary": make.text()}]})
            parts["parts (thinking)"] += 1
        if make.maybe(0.3):
            blocks.append({"type": "tool_use", "name": "repl", "input": {"code": make.text()}})
            blocks.append({"type": "tool_result", "content": [{"type": "text", "text": make.text()}]})
            parts["parts (tool_use)"] += 1
            parts["parts (tool_result)"] += 1
        row: dict[str, Any] = {"uuid": f"u{place}", "sender": rnd.choice(["human", "assistant"]), "content": blocks}
        row["text"] = rnd.choice([blocks[0]["text"], "", make.text()])
        words += marks(row["text"])
        if make.maybe(0.3):
            row["attachments"] = [{"file_name": make.word(), "extracted_content": make.text(), "file_size": 3}]
            words += marks(row["attachments"])
            row["files"] = [{"file_name": make.word()}, {"file_name": make.word()}]
            parts["files"] += 2
        make.unknown(row, "message", own)
        if make.maybe(0.8):
            row["created_at"] = f"2025-03-01T10:00:{place:02}.5Z"
        if is_tree:
            parent = parents[place]
            row["parent_message_uuid"] = f"u{parent}" if parent is not None else "00000000-0000-4000-8000-000000000000"
        rows.append(row)
        messages.append(Said(words, parts, own))
    value: dict[str, Any] = {"uuid": ident, "name": make.word(), "summary": make.word(), "created_at": "2025-03-01"}
    value["chat_messages"] = rows
    branch: set[int] | None = None if is_tree else set(range(number))
    if is_tree and make.maybe(0.6):
        leaf = rnd.choice([place for place in range(number) if place not in parents])
        value["current_leaf_message_uuid"] = f"u{leaf}"
        branch = way_up(parents, leaf)
    if is_tree and make.maybe(0.2):
        rnd.choice(rows)["parent_message_uuid"] = "aaaa"
        branch = None
    return Talk(value, ident, messages, branch, marks([value["name"], value["summary"]]), Counter())


def plain(make: Maker, ident: str) -> Talk:
    rnd = make.rnd
    rows: list[dict[str, Any]] = []
    messages: list[Said] = []
    for _ in range(rnd.randint(1, 6)):
        own: Counter[str] = Counter()
        parts: Counter[str] = Counter()
        row: dict[str, Any] = {"role": rnd.choice(["user", "assistant", "system", "Narrator", "ai"])}
        row[rnd.choice(["content", "text"])] = make.text()
        words = marks(row)
        if make.maybe(0.3):
            picture = {"type": "image_url", "image_url": {"url": make.word()}}
            row["content"] = [{"type": "text", "text": make.text()}, picture]
            words = (*marks(row["content"][0]), *marks(row.get("text", "")))
            parts["parts (image_url)"] += 1
        if make.maybe(0.2):
            row["tool_calls"] = [{"function": {"name": make.word(), "arguments": make.word()}}]
            parts["tool calls"] += 1
        make.unknown(row, "message", own)
        rows.append(row)
        messages.append(Said(words, parts, own))
    value: dict[str, Any] = {"id": ident, "messages": rows, "topic": make.text(), "tags": [make.word()]}
    return Talk(value, ident, messages, set(range(len(rows))), marks([value["topic"], value["tags"]]), Counter())


def counted(whys: list[str], pattern: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for why in whys:
        for number, kind in re.findall(pattern, why):
            found[kind] += int(number)
    return found


@pytest.mark.parametrize("kind", [chatgpt, claude, plain], ids=["chatgpt", "claude", "plain"])
def test_every_word_is_in_the_bank_or_in_the_report(kind: Callable[[Maker, str], Talk]) -> None:
    for seed in range(INPUTS):
        make = Maker(seed)
        talks = [kind(make, f"talk-{seed}-{number}") for number in range(make.rnd.randint(1, 3))]
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder), talks, seed)


def check(folder: Path, talks: list[Talk], seed: int) -> None:
    bank = new_bank(folder)
    source = folder / "export.json"
    source.write_text(json.dumps([talk.value for talk in talks]), encoding="utf-8")
    done = import_from(bank, "conversation", source, make_way(seed))
    assert done.unaccounted == (), seed
    written = {path: path.read_text(encoding="utf-8") for path in bank.folder.rglob("ses-*")}
    there = set(marks(list(written.values())))
    told = set(marks([each.why for each in done.misfits]))
    fields: Counter[str] = Counter()
    for talk in talks:
        whys = [each.why for each in done.misfits if each.where == talk.ident]
        spoken = [place for place, said in enumerate(talk.messages) if said.words]
        taken = {place for place in spoken if set(talk.messages[place].words) <= there}
        assert not [place for place in spoken if place not in taken and set(talk.messages[place].words) & there], seed
        if talk.branch is not None:
            expected = {place for place in spoken if place in talk.branch and not talk.messages[place].unsaid}
            assert taken == expected, (seed, talk.ident, taken, expected)
        branch = talk.branch or set()
        on_it = [said for place, said in enumerate(talk.messages) if place in branch and not said.unsaid]
        # also those of a talk that is skipped
        fields += sum((said.fields for said in on_it), Counter())
        if any(why.startswith("skipped: it has no messages") for why in whys):
            assert not taken, seed
            assert set(marks(talk.value["title"])) <= told, seed
            continue
        assert set(talk.kept) <= there | told, seed
        kinds = counted(whys, r"^(\d+) (.+) skipped$")
        left = kinds["messages of abandoned branches"] + kinds["messages of other pieces"]
        unsaid_kinds = ("hidden", "tool calls (", "messages that", "thoughts (")
        unsaid = sum(number for name, number in kinds.items() if name.startswith(unsaid_kinds))
        # messages without words of their own (thoughts) may be on the branch: their parts are counted then
        silent = [place for place, said in enumerate(talk.messages) if not said.words and not said.unsaid]
        shown = [place for place in silent if talk.branch is None or place in talk.branch]
        if talk.branch is not None:
            assert left + unsaid == len(talk.messages) - len(taken) - len(shown), (seed, talk.ident)
            assert unsaid == sum(bool(talk.messages[place].unsaid) for place in talk.branch), seed
            parts = sum((said.parts for said in on_it), Counter())
            assert {name: kinds[name] for name in parts} == dict(parts), (seed, talk.ident)
        else:
            fewest = len(talk.messages) - len(taken) - len(silent)
            assert fewest <= left + unsaid <= fewest + len(silent), (seed, talk.ident, whys)
    if all(talk.branch is not None for talk in talks):
        whys = [each.why for each in done.misfits if each.where == "export.json" and each.why.startswith("fields not")]
        found = [each for why in whys for each in re.findall(r"(?:: |, )(\w+ \w+) \((\d+)\)", why)]
        reported = {name: int(number) for name, number in found}
        assert {name: reported.get(name, 0) for name in fields} == dict(fields), seed
