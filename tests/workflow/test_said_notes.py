"""Every text of an agent's notes is queued or told with the reason, however the agent wrote them.

2,000 outputs by default, 20,000 with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import random
import re

import pytest

from memorybank.workflow.notes.said_notes import said_in
from tests.running import FULL

OUTPUTS = 20_000 if FULL else 2000
KEYS = """learnings Patterns GOTCHAS decision changes evidence deferred blocker learnigns risks Erkenntnisse 学び
"notes" **learnings** Key_Learnings"""


@pytest.mark.parametrize(
    ("text", "notes", "told"),
    [
        ("MEMORY_NOTES:\n  learnigns: [one]\n", [], {"learnigns: one": "did you mean 'learnings'"}),
        ("MEMORY_NOTES:\n  Erkenntnisse:\n    - one\n", [], {"Erkenntnisse: one": "not below a known key"}),
        ("MEMORY_NOTES:\n  risks: {disk: full}\n", [], {"risks: disk: full": "not below a known key"}),
        ("MEMORY_NOTES:\n  foo: 5\n  bar: yes\n", [], {"foo: 5": "not below", "bar: yes": "not below"}),
        ("MEMORY_NOTES:\n  learnings:\n    - a\n  learnings:\n    - b\n", ["a", "b"], {}),
        (
            "MEMORY_NOTES:\n  learnings:\n    - see issue #12\n    - 1.10\n    - 010\n",
            ["see issue #12", "1.10", "010"],
            {},
        ),
        ("MEMORY_NOTES:\n  learnings: {cache: {keys: expire}}\n", ["cache: keys: expire"], {}),
        ("memory_notes:\n  Learnings: [one]\n", ["one"], {}),
        ("Memory Notes:\n  learnings: [one]\n", ["one"], {}),
        ("Memory notes: they are below.\n", [], {}),
        ("MEMORY_NOTES:\nlearnings: [one]\ngotchas:\n- two\nSTATUS: PASS\n", ["one", "two"], {}),
        ('{"MEMORY_NOTES": {"learnings": ["one"], "foo": ["x"]}, "STATUS": "PASS"}', ["one"], {"foo: x": "not below"}),
        ('"MEMORY_NOTES": {\n"learnings": [\n"one, two"\n],\n"foo": "x"\n}\n', ["one, two"], {"foo: x": "not below"}),
        ("MEMORY_NOTES:\n  before\n  learnings:\n    - one\n", ["one"], {"before": "not read as a note"}),
        ("MEMORY_NOTES:\n  learnings:\n    - one\n    - 'two\n", ["one", "two"], {}),
        ("MEMORY_NOTES: a word\n  learnings:\n    - one\n", ["one"], {"a word": "not below a known key"}),
        ("### Memory Notes\n- one\n  goes on\nand on\n- two\n", ["one goes on and on", "two"], {}),
        ("### Memory Notes\n- one\n\nFree words.\n", ["one"], {"Free words.": "not below a known key"}),
        ("### Memory Notes\n- one\n#### Risks\n- two\n", ["one"], {"Risks: two": "not below a known key"}),
        ("### Memory Notes\n- **Learnigns:**\n  - two\n", [], {"Learnigns: two": "did you mean 'learnings'"}),
        ("### Memory Notes\n- **Cache:** keys expire\n", ["**Cache:** keys expire"], {}),
        (
            "### Memory Notes\n- **Learnings:** one\n- **Surprises:** two\n- three\n- **Deferred:** four\n",
            ["one", "[Deferred]: four"],
            {"Surprises: two": "not below a known key", "Surprises: three": "not below a known key"},
        ),
        ("### Memory Notes\n- **Learnings:** one\n  - **Cache:** two\n", ["one", "**Cache:** two"], {}),
        ("### Memory Notes\n- **Learnings:**\n- **Cache:** two\n", ["**Cache:** two"], {}),
        (
            "### Memory Notes\n- one\n\n```yaml\nSTATUS: PASS\nMEMORY_NOTES:\n  learnings: [two]\n```\n",
            ["one", "two"],
            {},
        ),
        ("### Memory Notes\n- one\n\nSTATUS: PASS\nMEMORY_NOTES:\n  learnings: [two]\n", ["one", "two"], {}),
        ("### Memory Notes\n\n```yaml\nMEMORY_NOTES:\n  learnings: [two]\n```\n", ["two"], {}),
        ("### Memory Notes\n- one\n```\ncode\n```\n- two\n", ["one", "two"], {"``` code ```": "code is not read"}),
    ],
)
def test_what_is_no_note_is_told_with_the_reason(text: str, notes: list[str], told: dict[str, str]) -> None:
    found = said_in(text)
    assert [each.text for each in found if each.kind] == notes
    whys = {each.text: each.why for each in found if not each.kind}
    assert whys.keys() == told.keys()
    assert all(why in whys[line] for line, why in told.items())


def test_what_is_too_long_to_be_read_is_told() -> None:
    found = said_in("MEMORY_NOTES:\n  learnings: [one]\n" + "x" * 600_000)
    assert found[-1].why == "only the first 524288 characters are read"


class Making:
    """Makes an agent's output whose texts have a marker each."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.count = 0
        self.is_yaml = seed % 2 == 1

    def mark(self) -> str:
        self.count += 1
        return f"qz{self.count}qz"

    def text(self) -> str:
        one, two = self.mark(), self.mark()
        forms = [one, f"{one}: {two}", f"see #{one}", f"{one} # {two}", f'"{one}"', f"'{one} {two}", f"- {one}"]
        forms += [f"**{one}:** {two}", f"`{one}` → {two}", f"&{one} {two}", f"{one} | {two}"]
        # in a Markdown block, a text in brackets is a placeholder
        return self.chance.choice([*forms, *([f"{{{one}: {two}}}", f"[{one}, {two}]"] if self.is_yaml else [])])

    def items(self, indent: str) -> str:
        rows = [
            f"{indent}{self.chance.choice(['- ', '* ', '1. '])}{self.text()}" for _ in range(self.chance.randrange(4))
        ]
        return "\n".join(row + self.chance.choice(["", "", f"\n{indent}  {self.text()}"]) for row in rows)

    def contract(self) -> str:
        rows = []
        for key in self.chance.choices(KEYS.split(), k=self.chance.randrange(5)):
            value = self.chance.choice(
                [f" {self.text()}", f"\n{self.items('    ')}", f" [{self.mark()}, {self.mark()}]"]
            )
            rows.append(f"  {key}:{value}")
        self.chance.shuffle(rows)
        rows += [f"  {self.text()}"] * (self.chance.random() < 0.2)
        return "MEMORY_NOTES:\n" + "\n".join(rows) + "\nNEXT: review"

    def block(self) -> str:
        rows = []
        for key in self.chance.choices(KEYS.split(), k=self.chance.randrange(5)):
            head = self.chance.choice([f"- **{key}:** {self.text()}", f"#### {key}", f"{key}:", f"**{key}**:"])
            rows += [head, self.items(self.chance.choice(["", "  "])), self.chance.choice(["", self.text()])]
        return "### Memory Notes (For Workflow-Final Persistence)\n" + "\n".join(rows) + "\n\n### Next\n"


def test_each_text_is_a_note_or_is_told() -> None:
    for seed in range(OUTPUTS):
        making = Making(seed)
        text = f"Words.\n\n{making.contract() if making.is_yaml else making.block()}\n\nMore words."
        found = "\n".join(each.text for each in said_in(text))
        lost = [word for word in re.findall(r"qz\d+qz", text) if word not in found]
        assert lost == [], (seed, text)
