"""No word of a log of Claude Code is lost: it is in a message or the metadata, in the report, or in a counted kind.

A generator puts a word of its own into every text of a log. The check knows what was generated, and nothing of how it
is read.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import scan
from memorybank.records.sessions.messages import read_messages
from tests.corrections.transcripts.claude import REFUSED, Log
from tests.exchange.making import make_way
from tests.running import FULL, new_bank

INPUTS = 2000 if FULL else 20
STYLES = ("{}", "Say {} now.", "# {}\n\n- a\n", "```\n{}\n```", "ünï {} 漢字", "\t{}\r\n x", "<b>{}</b>", "a\u2028{}")
KEYS = """type uuid parentUuid sessionId timestamp message content text role model cwd gitBranch version isSidechain
isMeta origin kind promptSource rowSource attachment prompt commandMode operation reason summary leafUuid aiTitle
customTitle tool_use_id id name is_error toolDenialKind userFeedback toolUseResult forkedFrom thinking agentId"""
WORDS = """user assistant attachment queue-operation summary ai-title custom-title queued_command human typed text
tool_use tool_result enqueue dequeue remove popAll user-rejected a b c 2.1.332"""


class Maker(Log):
    """Makes the lines of one log, and notes what is to become of each word."""

    def __init__(self, seed: int) -> None:
        self.rnd = random.Random(seed)
        super().__init__("2.1.332" if self.rnd.random() < 0.6 else "2.0.1", f"log-{seed}")
        self.seed = seed
        self.count = 0
        self.said: list[tuple[str, str]] = []
        self.kinds: Counter[str] = Counter()
        self.fields: Counter[str] = Counter()
        self.broken: list[int] = []
        self.model = self.word()

    def word(self) -> str:
        self.count += 1
        return f"mark{self.seed}x{self.count}"

    def text(self) -> str:
        return self.rnd.choice(STYLES).replace("{}", self.word())

    def speech(self) -> None:
        text = self.text()
        word = re.findall(r"mark\d+x\d+", text)[0]
        role = self.rnd.choice(["user", "assistant"])
        self.said.append((role, word))
        more: dict[str, Any] = {}
        if self.rnd.random() < 0.2:
            more["weather"] = {"is": self.text()}
            self.fields["line weather"] += 1
        if role == "user":
            if self.rnd.random() < 0.3:
                text = f"{text}\n<system-reminder>{self.word()}</system-reminder>"
                self.kinds["texts that Claude Code adds to prompts"] += 1
            content = self.rnd.choice([text, [{"type": "text", "text": text}]])
            if isinstance(content, list) and self.rnd.random() < 0.3:
                content.append({"type": "image", "source": {"data": self.word()}})
                self.kinds["parts (image)"] += 1
            self.asks(content, **more)
            return
        parts: list[Any] = [{"type": "text", "text": text}]
        if self.rnd.random() < 0.3:
            parts.insert(0, {"type": "thinking", "thinking": self.text(), "signature": self.word()})
            self.kinds["thoughts"] += 1
        message = {"role": "assistant", "model": self.model, "content": parts, "usage": {"tokens": self.word()}}
        self.add("assistant", message=message, **more)

    def call(self) -> None:
        self.calls("Bash", f"t{self.count}", command=self.text())
        self.kinds += Counter(["tool calls", "tool results"])
        if self.rnd.random() < 0.5:
            self.answers(self.text(), f"t{self.count}", toolUseResult={"stdout": self.text()})
            return
        word = self.word()
        said = f"{REFUSED}To tell you how to proceed, the user said:\n{word}"
        fields = {"toolDenialKind": "user-rejected", "userFeedback": word}
        self.answers(said, f"t{self.count}", is_error=True, **self.rnd.choice([fields, {"toolUseResult": "Error: no"}]))
        if "toolDenialKind" in self.lines[-1] or '"2.0.1"' in self.lines[-1]:
            self.said.append(("user", word))

    def noise(self) -> None:
        text, word = self.text(), self.word()
        kind, form = self.rnd.choice(
            [
                ("attachments", {"type": "attachment", "attachment": {"type": "date", "content": text}}),
                ("lines without speech", {"type": "system", "content": text, "uuid": word}),
                ("lines without speech", {"type": "last-prompt", "lastPrompt": text}),
                ("lines (new-kind)", {"type": "new-kind", "value": [text, {word: text}]}),
                ("lines that are no objects", [text]),
                ("summaries", {"type": "summary", "summary": text, "leafUuid": word}),
                ("texts of Claude Code itself", {"type": "user", "isMeta": True, "message": {"content": text}}),
                ("texts of sub-agents", {"type": "assistant", "isSidechain": True, "message": {"content": text}}),
            ]
        )
        self.raw(form)
        self.kinds[kind] += 1

    def breaks(self) -> None:
        whole = json.dumps({"type": "user", "uuid": "x", "message": {"content": self.text()}})
        self.lines.append(whole[: self.rnd.randint(12, len(whole) - 1)])
        self.broken.append(len(self.lines))


def test_every_word_is_in_the_bank_or_in_the_report() -> None:
    for seed in range(INPUTS):
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder), seed)


def check(folder: Path, seed: int) -> None:
    make = Maker(seed)
    make.raw({"type": "system", "sessionId": make.session})
    make.kinds["lines without speech"] += 1
    for _ in range(make.rnd.randint(1, 20)):
        make.rnd.choices([make.speech, make.call, make.noise, make.breaks], [5, 3, 5, 1])[0]()
    bank = new_bank(folder / "project")
    done = import_from(bank, "claude-code", make.write(folder, "x.jsonl"), make_way(seed))
    assert done.unaccounted == (), (seed, done.unaccounted)
    counted = dict(make.kinds)
    if not make.said:
        own = next(each.why for each in done.misfits if each.where == make.session)
        assert own.startswith("skipped: it has no messages"), seed
        assert {kind: int(n) for n, kind in re.findall(r"(\d+) ([a-zC][^,()]*(?:\([^)]*\))?)", own)} == counted, seed
        return
    record = scan(bank, kinds=("session",)).records[0]
    found = [(row.role, *re.findall(r"mark\d+x\d+", row.text)) for row in read_messages(bank, record.id).rows]
    assert found == make.said, seed
    kinds = [re.fullmatch(r"(\d+) (.+) skipped", each.why) for each in done.misfits if each.where == make.session]
    assert {match[2]: int(match[1]) for match in kinds if match} == counted, seed
    assert ("assistant" not in dict(make.said)) or record.metadata["model"] == make.model, seed
    places = [each.where for each in done.misfits if "x.jsonl:" in each.where]
    assert places == [f"x.jsonl:{number}" for number in make.broken], seed
    text = "\n".join(each.why for each in done.misfits)
    assert all(f"{name} ({number})" in text for name, number in make.fields.items()), seed


NAMES = st.sampled_from(KEYS.split())
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        [*WORDS.split(), "2025-01-07T10:00:00Z", "\ud800", "\0", f"{REFUSED}the user said:\nno", "<command-name>x"]
    ),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=25,
)
ROWS = st.fixed_dictionaries(
    {"type": st.sampled_from(WORDS.split()[:7])},
    optional={
        **{name: JSON for name in KEYS.split() if name not in ("type", "message")},
        "message": st.one_of(JSON, st.dictionaries(st.sampled_from(["content", "model", "role"]), JSON)),
    },
)


@settings(max_examples=1000 if FULL else 25)
@given(st.lists(st.one_of(ROWS, JSON), min_size=1, max_size=5))
def test_any_lines_are_taken_or_told(rows: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bank = new_bank(Path(folder, "project"))
        path = Path(folder, "x.jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        try:
            done = import_from(bank, "claude-code", path, make_way())
        except ForeignError:
            return
        assert done.unaccounted == ()
        assert len(done.records) == 1 or any("skipped: " in each.why for each in done.misfits)
