"""Every hit in a memory file of odd structure has an address and a digest that an edit takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from tests.running import bank as run
from tests.running import sampled

if TYPE_CHECKING:
    from pathlib import Path

WORD = re.compile(r"\bzq[a-z]+\b")
ITEM = re.compile(r"\^[a-c][0-9]$")
# every word that is searched begins with zq, so that it is found by nothing else
ODD = {
    "a second title": "# Stack zqa\n\n## Runtime zqb\n\nzqc node\n\n# Hosting zqd\n\nzqe\n\n## Regions zqf\n\nzqg\n",
    "a third level": "# T\n\n## Zqa\n\n- zqb\n\n### Deep zqc\n\n- zqd item\n\n#### Deeper zqe\n\nzqf\n\n## Last zqg\n",
    "ids": "# T\n\n## Zqa\n\n- zqb ^a1\n- zqc ^a2\n  - zqd ^a3\n\n### Deep zqe\n\n- zqf ^a4\n\nzqg\n",
    "one name twice": "# T\n\n## Log\n\n- zqa ^b1\n\n## Log\n\n- zqb ^b2\n\n### Log\n\n- zqc\n\n### Log\n\n- zqd\n",
    "equal sections": "# T\n\n## Log\n\n- zqa\n\n## Log\n\n- zqa\n",
    "empty sections": "# T\n\n## Zqa\n\n### Zqb\n\n### Zqc\n\n#### Zqd\n\n## Zqe\n\n- [None]\n\n### Zqf\n\n- [None]\n",
    "setext": "Title zqa\n=========\n\nzqb\n\nPart zqc\n--------\n\n- zqd\n\nOther zqe\n=========\n\nzqf\n",
    "no title": "zqa\n\n### Deep zqb\n\n- zqc\n\n## Then zqd\n\nzqe\n",
    "third below a title": "# Zqa\n\n### Deep zqb\n\n- zqc\n\n## Then\n\n- zqd\n",
    "front matter": "---\ntags: [x]\n---\n\n- zqa\n\n# T\n\n- zqb\n\n## C\n\nzqc\n\n- zqd\n\nzqe\n",
    "fences and signs": "# T\n## `a` zqa # x\n```\n# zqb\n```\n- zqc\n\n## E = mc^2\n- zqd\n### a/b zqe\n- zqf ^c1\n",
    "CRLF": "# T\r\n\r\n## A zqa\r\n\r\n- zqb\r\n\r\n### B zqc\r\n\r\n- zqd\r\n\r\n# C zqe\r\n\r\nzqf\r\n",
}


def _bank(root: Path, *, adopted: bool, text: str) -> tuple[Bank, Path]:
    if not adopted:
        bank = Bank.init(root)
        file = root / ".memorybank/patterns.md"
    else:
        file = root / "memory-bank/techContext.md"
        file.parent.mkdir()
        (file.parent / "activeContext.md").write_text("# Active\n")
        file.write_text("# Stack\n")
        bank = Bank.init(root, adopt=True)
    file.write_bytes(text.encode())
    return bank, file


@pytest.mark.parametrize("adopted", [False, True], ids=["own", "adopted"])
@pytest.mark.parametrize("name", sampled(ODD, 2))
def test_an_edit_takes_what_a_hit_says(tmp_path: Path, name: str, adopted: bool) -> None:
    bank, file = _bank(tmp_path, adopted=adopted, text=ODD[name])
    words = sorted(set(WORD.findall(ODD[name].casefold())))
    taken = 0
    for word in words:
        hits = [(each.address, each.digest) for each in bank.search(word) if each.path == file.name]
        hits += [(each.address, each.digest) for each in bank.headings(word)]
        for address, digest in hits:
            before = file.read_bytes()
            if address == file.name:
                # text above the first heading: the digest is the file's
                assert digest == bank.show(address).digest
                continue
            done = run(tmp_path, "edit", address, "--expect", digest, "--append", "x")
            assert not done.returncode, (word, address, done.stderr)
            assert file.read_bytes() != before
            file.write_bytes(before)
            taken += 1
    assert taken >= len(words) / 2


@pytest.mark.parametrize("adopted", [False, True], ids=["own", "adopted"])
@pytest.mark.parametrize("name", sorted(set(ODD) - {"empty sections"}))
def test_a_hit_is_the_innermost_section_of_its_text(tmp_path: Path, name: str, adopted: bool) -> None:
    bank, file = _bank(tmp_path, adopted=adopted, text=ODD[name])
    rows = file.read_bytes().decode().splitlines()
    for hit in bank.search("zq", limit=100) or []:
        assert "zq" in rows[hit.line - 1].casefold()
    for word in set(re.findall(r"^(?:  )?(?:- )?(zq[a-z])", ODD[name], re.MULTILINE)):
        (hit, *_) = [each for each in bank.search(word) if each.path == file.name]
        text = bank.show(ITEM.sub("", hit.address)).text
        assert word in text
        # nothing deeper than the section itself comes before the word
        own = re.split(r"^#{2,4} |^.+\r?\n-{4,}$", text.partition(word)[0], flags=re.MULTILINE)
        assert len(own) == 1, (hit.address, text)


def test_a_second_title_of_an_adopted_file_is_a_section(tmp_path: Path) -> None:
    text = "# Stack\n\n## Runtime\n\nnode and vite\n\n# Hosting\n\nfly machines\n\n## Regions\n\nams, fra\n"
    bank, _ = _bank(tmp_path, adopted=True, text=text)
    (hit,) = bank.search("fly machines")
    assert (hit.address, hit.text, hit.line) == ("techContext.md#Hosting", "fly machines", 8)
    assert hit.digest == bank.show("techContext.md#Hosting").digest
    assert bank.headings("hosting")[0].address == "techContext.md#Hosting"


def test_a_heading_inside_a_section_of_a_memory_file_is_found(tmp_path: Path) -> None:
    bank = Bank.init(tmp_path)
    bank.note("binturong bites", kind="gotcha")
    file = tmp_path / ".memorybank/patterns.md"
    file.write_text(file.read_text().replace("bites\n", "bites\n\n### Deep kakapo\n\n- kea item\n\n### Bare moa\n"))
    deep = bank.show("patterns.md#Deep kakapo")
    (heading,) = bank.headings("kakapo")
    assert (heading.address, heading.digest) == ("patterns.md#Deep kakapo", deep.digest)
    for query in ("kakapo", "kea"):
        (hit,) = bank.search(query)
        assert (hit.address, hit.digest) == ("patterns.md#Common Gotchas/Deep kakapo", deep.digest)
        assert hit.text == "- kea item"
    (hit,) = bank.search("moa")
    assert hit.address == "patterns.md#Common Gotchas/Bare moa"
    assert bank.headings("moa")[0].address == "patterns.md#Bare moa"
    (hit,) = bank.search("binturong")
    assert hit.address == "patterns.md#Common Gotchas"


def test_two_sections_of_one_name_are_two_hits(tmp_path: Path) -> None:
    bank, _ = _bank(
        tmp_path, adopted=False, text="# T\n\n## Wombats\n\n- one\n\n## Other\n\n- x\n\n## Wombats\n\n- two\n"
    )
    assert [(each.address, each.text) for each in bank.search("wombats")] == [
        ("patterns.md#Wombats~1", "- one"),
        ("patterns.md#Wombats~2", "- two"),
    ]
