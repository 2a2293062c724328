"""What `check --fix` may take out: a line that is equal to another one, and nothing that is merely close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import fix, lint
from tests.running import START

if TYPE_CHECKING:
    from memorybank.check.findings import Finding
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def written(bank: BankFolder, file: str, heading: str, body: str) -> str:
    """Put a body below a heading of a fresh file; returns the file's text."""
    path = bank.folder / file
    head, mark, rest = path.read_text(encoding="utf-8").partition(f"## {heading}")
    line, _, tail = rest.partition("\n")
    text = f"{head}{mark}{line}\n\n{body}\n{tail[tail.index('## ') :]}"
    path.write_text(text, encoding="utf-8")
    return text


def duplicates(bank: BankFolder) -> list[Finding]:
    return [each for each in lint(bank, now=START) if each.rule == "near-duplicate"]


NEAR = {
    "case": "- the cache needs WAL\n- The cache needs WAL\n",
    "end": "- The cache needs WAL\n- The cache needs WAL.\n",
    "date": "- [2026-11-20] The cache needs WAL\n- [2026-11-21] The cache needs WAL\n",
    "emphasis": "- The cache needs **WAL**\n- The cache needs WAL\n",
    "quotes": '- The cache needs "WAL"\n- The cache needs WAL\n',
    "id": "- The cache needs WAL ^a1b2c\n- The cache needs WAL\n",
    "spaces": "- The cache  needs WAL\n- The cache needs WAL\n",
    "box": "- [ ] Ship the search\n- [x] Ship the search\n",
    "box or none": "- [ ] Ship the search\n- Ship the search\n",
    "capital box": "- [x] Ship the search\n- [X] Ship the search\n",
    "steps": "1. Run the tests\n2. Format\n3. Run the tests\n",
    "something below": "- The cache needs WAL\n- The cache needs WAL\n  - on a local disk\n",
    "something below the first": "- The cache needs WAL\n  - on a local disk\n- The cache needs WAL\n",
    "continued": "- The cache needs\n  WAL\n- The cache needs\n  WAL\n",
    "two lists": "- The cache needs WAL\n\n* The cache needs WAL\n",
}


@pytest.mark.parametrize("body", NEAR.values(), ids=NEAR)
def test_what_is_close_is_told_and_stays(bank: BankFolder, way: Way, body: str) -> None:
    before = written(bank, "activeContext.md", "Learnings", body)
    findings = lint(bank, now=START)
    assert all(not each.fixable and each.hint.startswith("bank item ") for each in duplicates(bank))
    fix(bank, findings, way)
    assert (bank.folder / "activeContext.md").read_text(encoding="utf-8") == before


OTHER = {
    "something else below": "- Deploy with:\n\n  `make`\n- Deploy with:\n\n  `make staging`\n",
    "other words below": "- Deploy with\n  make\n- Deploy with\n  make staging\n",
    "emoji": "- ✅ Deploys on staging\n- ❌ Deploys on staging\n",
    "hearts": "- ❤️ tabs\n- 💔 tabs\n",
    "signs": "- x > 1\n- x < 1\n- x = 1\n",
    "language": "- Write the parser in C\n- Write the parser in C++\n- Write the parser in C#\n",
    "minus": "- The offset is 5\n- The offset is -5\n",
    "percent": "- Cache 5\n- Cache 5%\n",
    "wild card": "- Ignore `*.log`\n- Ignore `.log`\n",
    "code": "- Call `Foo()`\n- Call `foo()`\n",
    "decimal": "- Wait 1.5 s\n- Wait 15 s\n",
    "arrow": "- a → b\n- a ← b\n",
    "only symbols": "- ✅\n- ❌\n",
    "struck": "- ~~Use Redis~~\n- Use Redis\n",
    "struck last": "- Use Redis\n- ~~Use Redis~~\n",
    "parents": "- Postgres\n  - default port\n- Redis\n  - default port\n",
    "deep parents": "- a\n  - b\n    - same\n- c\n  - b\n    - same\n",
    "nested or not": "- same\n- a\n  - same\n",
    "headings": "### Postgres\n\n- default port\n\n### Redis\n\n- default port\n",
    "labels": "Staging:\n\n- nightly\n\nProduction:\n\n- nightly\n",
    "code block": "```\n- same\n```\n\n- same\n",
}


@pytest.mark.parametrize("body", OTHER.values(), ids=OTHER)
def test_what_differs_is_no_duplicate(bank: BankFolder, way: Way, body: str) -> None:
    before = written(bank, "activeContext.md", "Learnings", body)
    assert duplicates(bank) == []
    fix(bank, lint(bank, now=START), way)
    assert (bank.folder / "activeContext.md").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("body", ["- [x] Ship\n- [x] Ship\n", "* same\n* other\n* same\n", "- ✅ Ship\n- ✅ Ship  \n"])
def test_what_is_equal_goes_once(bank: BankFolder, way: Way, body: str) -> None:
    before = written(bank, "activeContext.md", "Learnings", body)
    assert fix(bank, lint(bank, now=START), way) is not None
    lines = body.rstrip("\n").split("\n")
    wanted = before.replace(body, "".join(f"{each}\n" for each in lines[:-1]))
    stamp = before.index("## Last Updated")
    assert (bank.folder / "activeContext.md").read_text(encoding="utf-8")[: stamp - 1 - len(lines[-1])] == wanted[
        : stamp - 1 - len(lines[-1])
    ]
    assert duplicates(bank) == []


def test_a_line_that_only_speaks_of_a_mark_stays(bank: BankFolder, way: Way) -> None:
    body = "- The router writes [BUILD-START] before the first phase\n- [BUILD-START wf:wf-gone]\n"
    written(bank, "activeContext.md", "Learnings", body)
    findings = [each for each in lint(bank, now=START) if each.rule == "transient-marker"]
    assert [each.fixable for each in findings] == [False, True]
    fix(bank, findings, way)
    text = (bank.folder / "activeContext.md").read_text(encoding="utf-8")
    assert "- The router writes [BUILD-START] before" in text
    assert "wf-gone" not in text
