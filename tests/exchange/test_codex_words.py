"""No word of a Codex session is lost: it is in a message or the metadata, in the report, or in a kind that is counted.

A generator puts a word of its own into every text of a rollout. The check knows what was generated, and nothing of how
it is read.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from memorybank.exchange.formats import import_from
from memorybank.records.find import scan
from memorybank.records.sessions.messages import read_messages
from tests.exchange.making import make_way
from tests.running import FULL, new_bank

INPUTS = 2000 if FULL else 20
STYLES = (
    "{}",
    "Say {} now.",
    "# {}\n\n- a\n",
    "```\n{}\n```",
    "ünï {} 漢字",
    "\t{}\r\n x",
    "<b>{}</b> is bold",
    "a\u2028{}",
)
STREAMS = (["item"], ["item", "event"], ["event", "item"], ["event"], ["item", "event", "done"])
INJECTED = (
    ("environment_context", "<environment_context>\n<cwd>{}</cwd>\n</environment_context>"),
    ("AGENTS.md", "# AGENTS.md instructions for /p\n\n<INSTRUCTIONS>\n{}\n</INSTRUCTIONS>"),
    ("turn_aborted", "<turn_aborted>\n{}\n</turn_aborted>"),
    ("skill", "<skill>\n<name>x</name>\n{}\n</skill>"),
)


class Maker:
    """Makes the lines of one session, and notes what is to become of each word."""

    def __init__(self, seed: int) -> None:
        self.rnd = random.Random(seed)
        self.seed = seed
        self.count = 0
        self.lines: list[str] = []
        self.said: list[tuple[str, str]] = []
        self.kinds: Counter[str] = Counter()
        self.fields: Counter[str] = Counter()
        self.kept: list[str] = []
        self.broken: list[int] = []
        self.streams = self.rnd.choice(STREAMS)

    def word(self) -> str:
        self.count += 1
        return f"mark{self.seed}x{self.count}"

    def text(self) -> str:
        return self.rnd.choice(STYLES).replace("{}", self.word())

    def maybe(self, chance: float) -> bool:
        return self.rnd.random() < chance

    def put(self, kind: str, payload: dict[str, Any]) -> None:
        row: dict[str, Any] = {"timestamp": f"2026-01-02T03:04:{len(self.lines) % 60:02}.5Z", "type": kind}
        row["payload"] = payload
        if self.maybe(0.05):
            row["mood"] = self.text()
            self.fields["line mood"] += 1
        shown = json.dumps(row, ensure_ascii=self.maybe(0.5))
        if self.maybe(0.05):
            name = self.rnd.choice(["type", "payload", "timestamp"])
            shown = f'{{"{name}": {json.dumps([self.text(), {"deep": self.text()}])}, {shown[1:]}'
            self.kinds[f"earlier values of a repeated name ({name})"] += 1
        self.lines.append(shown)

    def header(self, ident: str) -> None:
        cwd, branch, version = self.word(), self.word(), self.word()
        self.kept += [cwd, branch, version]
        payload: dict[str, Any] = {"id": ident, "timestamp": "2026-01-02T03:00:00Z", "cwd": f"/srv/{cwd}"}
        payload |= {"cli_version": version, "git": {"branch": branch}}
        if self.maybe(0.5):
            payload["base_instructions"] = {"text": self.text()}
            self.kinds["instructions of the tool"] += 1
        if self.maybe(0.3):
            payload["weather"] = self.text()
            self.fields["session weather"] += 1
        self.put("session_meta", payload)

    def speech(self) -> None:
        role = self.rnd.choice(["user", "assistant"])
        text = self.text()
        if self.maybe(0.1) and self.said:
            text = f"ok mark{self.seed}x0"
        word = re.findall(r"mark\d+x\d+", text)[0]
        self.said.append((role, word))
        block = "input_text" if role == "user" else "output_text"
        content: list[Any] = [{"type": block, "text": text}]
        if role == "user" and self.maybe(0.3):
            kind, form = self.rnd.choice(INJECTED)
            content.insert(0, {"type": block, "text": form.replace("{}", self.word())})
            self.kinds[f"injected texts ({kind})"] += 1
        if self.maybe(0.1):
            content.append({"type": "input_image", "image_url": self.word()})
            self.kinds["parts (input_image)"] += 1
        event = {"type": "user_message" if role == "user" else "agent_message", "message": text}
        name = "UserMessage" if role == "user" else "AgentMessage"
        item = {"type": name, "id": "i", "content": [{"type": self.rnd.choice(["text", "Text"]), "text": text}]}
        # a text that is repeated stands in the same streams each time
        streams = self.streams if word.endswith("x0") else self.rnd.choice(STREAMS)
        for stream in streams:
            if stream == "item":
                self.put("response_item", {"type": "message", "role": role, "content": content})
            elif stream == "event":
                self.put("event_msg", event)
            else:
                self.put("event_msg", {"type": "item_completed", "item": item})
        self.kinds["copies of messages in events"] += len(streams) - 1
        if "item" not in streams:
            for part in content:
                if part["type"] == "input_image":
                    self.kinds["parts (input_image)"] -= 1
                elif part["text"] != text:
                    kind = next(kind for kind, form in INJECTED if part["text"].startswith(form.split("{}")[0]))
                    self.kinds[f"injected texts ({kind})"] -= 1

    def noise(self) -> None:
        kind = self.rnd.choice(["reasoning", "function_call", "function_call_output", "new_kind", "local_shell_call"])
        choice = self.rnd.randrange(8)
        if choice < 3:
            self.put("response_item", {"type": kind, "value": [self.text(), {self.word(): self.text()}]})
            self.kinds[f"items ({kind})"] += 1
        elif choice == 3:
            self.put("response_item", {"type": "message", "role": "developer", "content": [{"text": self.text()}]})
            self.kinds["messages (developer)"] += 1
        elif choice == 4:
            self.put("turn_context", {"cwd": self.word(), "approval_policy": "never", "model": "gpt-5"})
            self.kinds["turn settings"] += 1
        elif choice == 5:
            history = [{"type": "message", "role": "user", "content": self.text()}]
            self.put("compacted", {"message": self.text(), "replacement_history": history})
            self.kinds["compaction summaries"] += 1
        elif choice == 6:
            self.put("world_state", {"value": self.text()})
            self.kinds["lines (world_state)"] += 1
        else:
            self.put("event_msg", {"type": "token_count", "info": {self.word(): 3}})
            self.kinds["events (token_count)"] += 1

    def breaks(self) -> None:
        whole = json.dumps({"timestamp": "2026", "type": "response_item", "payload": {"text": self.text()}})
        self.lines.append(whole[: self.rnd.randint(12, len(whole) - 1)])
        self.broken.append(len(self.lines))


def session(seed: int, ident: str) -> Maker:
    make = Maker(seed)
    make.header(ident)
    for _ in range(make.rnd.randint(1, 14)):
        make.rnd.choices([make.speech, make.noise, make.breaks], [5, 5, 1])[0]()
    return make


def test_every_word_is_in_the_bank_or_in_the_report() -> None:
    for seed in range(INPUTS):
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder), seed)


def check(folder: Path, seed: int) -> None:
    bank = new_bank(folder / "project")
    made = {f"talk-{seed}-{number}": session(seed * 10 + number, f"talk-{seed}-{number}") for number in range(2)}
    for ident, make in made.items():
        file = folder / "sessions" / f"rollout-{ident}.jsonl"
        file.parent.mkdir(exist_ok=True)
        end = make.rnd.choice(["\n", "\r\n", ""])
        file.write_bytes((("\r\n" if end == "\r\n" else "\n").join(make.lines) + end).encode())
    done = import_from(bank, "codex", folder / "sessions", make_way(seed))
    assert done.unaccounted == (), (seed, done.unaccounted)
    sessions = {str(each.metadata["imported_id"]): each for each in scan(bank, kinds=("session",)).records}
    whys = [each.why for each in done.misfits]
    for ident, make in made.items():
        counted = dict(make.kinds + Counter())
        if not make.said:
            own = next(each.why for each in done.misfits if each.where == ident)
            assert own.startswith("skipped: it has no messages"), seed
            assert {
                kind: int(number) for number, kind in re.findall(r"(\d+) ([a-z][^,()]*(?:\([^)]*\))?)", own)
            } == counted
            continue
        rows = read_messages(bank, sessions[ident].id).rows
        assert [(row.role, *re.findall(r"mark\d+x\d+", row.text)) for row in rows] == make.said, seed
        found = [re.fullmatch(r"(\d+) (.+) skipped", each.why) for each in done.misfits if each.where == ident]
        assert {match[2]: int(match[1]) for match in found if match} == counted, seed
        kept = json.dumps(dict(sessions[ident].metadata))
        assert all(word in kept for word in make.kept), seed
        places = [each.where for each in done.misfits if f"{ident}.jsonl:" in each.where]
        assert places == [f"sessions/rollout-{ident}.jsonl:{number}" for number in make.broken], seed
    fields = sum((make.fields for make in made.values()), Counter())
    text = "\n".join(whys)
    assert all(f"{name} ({number})" in text for name, number in fields.items()), seed
