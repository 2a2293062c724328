"""Permanent facts: lines that people write and read, numbers that stay, a status that is all that changes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorybank.errors import (
    BankError,
    DuplicateAnchorError,
    EncodingRefusedError,
    FieldError,
    NoRecordError,
    SecretError,
    UnsupportedTextError,
)
from memorybank.records.draft import NewRecord
from memorybank.records.ledgers.fact_line import STATUSES, mark_of, parse_line, remark, write_line
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.records.ledgers.facts import add_paf, set_status
from memorybank.records.memories.memories import save
from memorybank.records.templates import load_type
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from tests.running import MODULE, environment

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

HAND_WRITTEN = """\
# Permanent Architectural Facts (PAFCORE)

Words above.

## Language & Runtime

- **LANG-001**: Python 3.12+ is the minimum version
- **LANG-002:** `mypy --strict` passes
* **LANG-003** — No global state — tests run in parallel
- **LANG-004** _(deprecated)_: Python 2
- **LANG-005**: Old rule [review]

## Packaging

1. PKG-001: `uv` is the package manager
2. [x] **PKG-002** (in review): One lock file
3. ~~**PKG-003**: setup.py~~ → PKG-001
4. **PKG-004**: ~~tox~~

## QUAL

- **PAF-QUAL-001**: Coverage stays at 70 %
  or above -- measured in CI
  - seen in CI
- RFC-7519 says what a token is
- **Bold words** and no fact
- **QUAL-two**: no number

```text
- **CODE-001**: in a fence
```
"""


@pytest.fixture
def file(bank: BankFolder) -> Path:
    return bank.folder / "pafs.md"


def test_facts_written_by_hand_are_read(bank: BankFolder, file: Path) -> None:
    file.write_text(HAND_WRITTEN, encoding="utf-8")
    rows = [(each.id, each.text, each.why, each.status, each.replaced_by) for each in list_pafs(bank)]
    assert rows == [
        ("LANG-001", "Python 3.12+ is the minimum version", "", "active", ""),
        ("LANG-002", "`mypy --strict` passes", "", "active", ""),
        ("LANG-003", "No global state", "tests run in parallel", "active", ""),
        ("LANG-004", "Python 2", "", "deprecated", ""),
        ("LANG-005", "Old rule", "", "review", ""),
        ("PKG-001", "`uv` is the package manager", "", "active", ""),
        ("PKG-002", "One lock file", "", "review", ""),
        ("PKG-003", "setup.py", "", "replaced", "PKG-001"),
        ("PKG-004", "tox", "", "deprecated", ""),
        ("QUAL-001", "Coverage stays at 70 % or above", "measured in CI", "active", ""),
    ]
    held = list_pafs(bank, category="lang", status="active")
    assert [each.id for each in held] == ["LANG-001", "LANG-002", "LANG-003"]
    assert {each.id: each.line for each in list_pafs(bank)}["QUAL-001"] == 22


@pytest.mark.parametrize(
    ("ident", "status", "old", "new"),
    [
        ("LANG-002", "deprecated", "- **LANG-002:** `mypy", "- **LANG-002:** (deprecated) `mypy"),
        ("LANG-003", "deprecated", "* **LANG-003** — No", "* **LANG-003** (deprecated) — No"),
        ("LANG-004", "active", "**LANG-004** _(deprecated)_: Python 2", "**LANG-004**: Python 2"),
        ("LANG-005", "active", "- **LANG-005**: Old rule [review]", "- **LANG-005**: Old rule"),
        ("PKG-001", "deprecated", "1. PKG-001: `uv`", "1. PKG-001 (deprecated): `uv`"),
        ("PKG-002", "active", "2. [x] **PKG-002** (in review): One", "2. [x] **PKG-002**: One"),
        ("PKG-004", "active", "4. **PKG-004**: ~~tox~~", "4. **PKG-004**: tox"),
    ],
)
def test_a_change_of_status_touches_nothing_else(
    bank: BankFolder, way: Way, file: Path, ident: str, status: str, old: str, new: str
) -> None:
    file.write_bytes(HAND_WRITTEN.replace("\n", "\r\n").encode())
    changed = set_status(bank, ident, status, way).paf.id
    assert file.read_bytes().decode() == HAND_WRITTEN.replace(old, new).replace("\n", "\r\n")
    assert {each.id: each.status for each in list_pafs(bank)}[changed] == status


def test_the_first_fact_makes_the_file(bank: BankFolder, way: Way, file: Path) -> None:
    changed = add_paf(bank, "auth", "Use PyJWT for token generation", way, why="Lightweight — and maintained")
    assert changed.paf.id == "AUTH-001"
    head = load_type(bank, "paf").body.strip("\n")
    line = "- **AUTH-001** (proposed): Use PyJWT for token generation — Lightweight - and maintained"
    assert file.read_text(encoding="utf-8") == f"{head}\n\n## AUTH\n\n{line}\n"


def test_facts_go_where_their_category_stands(bank: BankFolder, way: Way, file: Path) -> None:
    file.write_text(HAND_WRITTEN, encoding="utf-8")
    ids = [add_paf(bank, category, "New", way, status="active").paf.id for category in ("LANG", "PKG", "AUTH", "AUTH")]
    assert ids == ["LANG-006", "PKG-005", "AUTH-001", "AUTH-002"]
    wanted = (
        HAND_WRITTEN.replace("Old rule [review]\n", "Old rule [review]\n- **LANG-006**: New\n").replace(
            "~~tox~~\n", "~~tox~~\n5. **PKG-005**: New\n"
        )
        + "\n## AUTH\n\n- **AUTH-001**: New\n- **AUTH-002**: New\n"
    )
    assert file.read_text(encoding="utf-8") == wanted


def test_a_number_can_be_asked_for_and_is_never_given_out_twice(bank: BankFolder, way: Way) -> None:
    assert add_paf(bank, "AUTH", "One", way, ident="007").paf.id == "AUTH-007"
    assert add_paf(bank, "AUTH", "Two", way).paf.id == "AUTH-008"
    for ident in ("7", "AUTH-007", "PAF-AUTH-7", "x", "LANG-1"):
        with pytest.raises(FieldError):
            add_paf(bank, "AUTH", "Again", way, ident=ident)
    set_status(bank, "AUTH-008", "active", way)
    set_status(bank, "AUTH-008", "deprecated", way)
    assert add_paf(bank, "AUTH", "Three", way).paf.id == "AUTH-009"


def test_the_life_of_a_fact(bank: BankFolder, way: Way, file: Path) -> None:
    for text in ("Old", "New"):
        add_paf(bank, "AUTH", text, way)
        for status in ("review", "active"):
            set_status(bank, list_pafs(bank)[-1].id, status, way)
    changed = set_status(bank, "auth-001", "replaced", way, by="auth-002", reason="moved (at last)")
    assert (changed.paf.status, changed.paf.replaced_by) == ("replaced", "AUTH-002")
    assert "- **AUTH-001** (replaced by AUTH-002: moved (at last)): Old\n" in file.read_text(encoding="utf-8")
    again = set_status(bank, "AUTH-001", "replaced", way, by="AUTH-002")
    assert again.receipt.operation == ""
    undo(bank, "", way)
    assert {each.id: each.status for each in list_pafs(bank)}["AUTH-001"] == "active"


@pytest.mark.parametrize(
    ("ident", "status", "given_", "error"),
    [
        ("AUTH-001", "deprecated", {}, FieldError),
        ("AUTH-002", "proposed", {}, FieldError),
        ("AUTH-002", "replaced", {"by": "AUTH-002"}, FieldError),
        ("AUTH-002", "replaced", {"by": "AUTH-003"}, FieldError),
        ("AUTH-002", "replaced", {"by": "AUTH-9"}, NoRecordError),
        ("AUTH-002", "deprecated", {"reason": "no ) sense"}, FieldError),
        ("AUTH-002", "deprecated", {"reason": "a\u202eb"}, UnsupportedTextError),
        ("AUTH-003", "replaced", {"by": "AUTH-001"}, FieldError),
        ("", "active", {}, NoRecordError),
        ("AUTH", "active", {}, NoRecordError),
    ],
)
def test_steps_that_no_fact_takes_are_refused(
    bank: BankFolder, way: Way, file: Path, ident: str, status: str, given_: dict[str, str], error: type[BankError]
) -> None:
    text = "# Facts\n\n- **AUTH-001** (proposed): a\n- **AUTH-002**: b\n- **AUTH-003** (replaced by AUTH-002): c\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(error):
        set_status(bank, ident, status, way, **given_)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("category", "text", "given_", "error"),
    [
        ("", "x", {}, FieldError),
        ("two words", "x", {}, FieldError),
        ("1ST", "x", {}, FieldError),
        ("../X", "x", {}, FieldError),
        ("A" * 30, "x", {}, FieldError),
        ("AUTH", "", {}, FieldError),
        ("AUTH", "x", {"status": "holds"}, FieldError),
        ("AUTH", "Use ghp_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk", {}, SecretError),
        ("AUTH", "a\u202eb", {}, UnsupportedTextError),
    ],
)
def test_what_is_no_fact_is_refused(
    bank: BankFolder, way: Way, file: Path, category: str, text: str, given_: dict[str, Any], error: type[BankError]
) -> None:
    with pytest.raises(error):
        add_paf(bank, category, text, way, **given_)
    assert not file.exists()


def test_words_that_look_like_a_status_are_words(bank: BankFolder, way: Way, file: Path) -> None:
    add_paf(bank, "AUTH", "Never call what is (deprecated) -- it is slow -- or wrong", way)
    set_status(bank, "AUTH-001", "active", way)
    add_paf(bank, "AUTH", "Never call what is (deprecated)", way, status="active")
    text = file.read_text(encoding="utf-8")
    assert "- **AUTH-001**: Never call what is (deprecated) — it is slow - or wrong\n" in text
    assert "- **AUTH-002** (active): Never call what is (deprecated)\n" in text
    assert {each.id: each.status for each in list_pafs(bank)}["AUTH-002"] == "active"


def test_a_fact_is_never_a_file_of_its_own(bank: BankFolder, way: Way) -> None:
    with pytest.raises(FieldError) as refused:
        save(bank, NewRecord("x", kind="paf"), way)
    assert refused.value.hint == "bank paf add -h"
    assert not (bank.folder / "pafs").exists()


def test_lines_become_one_and_make_no_structure(bank: BankFolder, way: Way, file: Path) -> None:
    add_paf(bank, "AUTH", "One\n## Two\n- three", way, status="active")
    assert file.read_text(encoding="utf-8").endswith("## AUTH\n\n- **AUTH-001**: One ## Two - three\n")


def test_an_id_on_two_lines_is_not_guessed(bank: BankFolder, way: Way, file: Path) -> None:
    file.write_text("# Facts\n\n- **A-001**: one\n- **A-001**: two\n", encoding="utf-8")
    with pytest.raises(DuplicateAnchorError) as refused:
        set_status(bank, "A-001", "deprecated", way)
    assert refused.value.details["lines"] == [3, 4]


def test_an_emptied_file_is_not_taken_for_a_new_one(bank: BankFolder, way: Way, file: Path) -> None:
    file.write_bytes(b"")
    with pytest.raises(EncodingRefusedError):
        add_paf(bank, "AUTH", "x", way)
    assert add_paf(bank, "AUTH", "x", Way(way.author, WriteOptions(accept_shrunk=True))).paf.id == "AUTH-001"


def test_a_bank_without_facts_has_none(bank: BankFolder, way: Way) -> None:
    assert list_pafs(bank) == []
    with pytest.raises(NoRecordError):
        set_status(bank, "AUTH-001", "active", way)
    with pytest.raises(FieldError):
        list_pafs(bank, status="holds")


def test_writers_at_the_same_time_get_numbers_of_their_own(bank: BankFolder) -> None:
    words = [*MODULE, "paf", "add", "AUTH", "Race"]
    running = [
        subprocess.Popen(words, cwd=bank.project, env=environment(), stdout=subprocess.DEVNULL) for _ in range(6)
    ]
    assert [each.wait(60) for each in running] == [0] * 6
    assert [each.id for each in list_pafs(bank)] == [f"AUTH-00{number}" for number in range(1, 7)]


WORDS = st.text(st.sampled_from("ab (:)[]—-~*_^.\\`d"), max_size=20).map(str.strip)


@given(text=WORDS.filter(bool), why=WORDS, status=st.sampled_from(STATUSES), to=st.sampled_from(STATUSES))
@example(text="~~a~~", why="", status="active", to="deprecated")
@example(text="a (deprecated)", why="", status="proposed", to="active")
def test_a_line_reads_back_as_it_was_written_or_is_seen_not_to(text: str, why: str, status: str, to: str) -> None:
    """A status put on a line that reads well changes the status and no word of it."""
    line = write_line("AUTH-001", text, why=why, mark=mark_of(status))
    parsed = parse_line(line)
    assert parsed is not None
    assert parsed.id == "AUTH-001"
    if parsed.status != status:
        return
    again = parse_line(remark(line, parsed, mark_of(to)))
    assert again is not None
    if again.status == to:
        assert (again.text, again.why) == (parsed.text, parsed.why)


@given(st.text(st.sampled_from("A-01*_:()[]~ —>d^\n"), max_size=40))
def test_any_line_is_read_or_passed_over(line: str) -> None:
    parsed = parse_line(line)
    assert parsed is None or parsed.status in STATUSES


def test_a_decorated_category_is_the_same_category(bank: BankFolder, way: Way, file: Path) -> None:
    file.write_text("# Facts\n\n## 🔐 1. AUTH:\n\n- **AUTH-001**: Tokens are signed\n\n## DATA\n", encoding="utf-8")
    add_paf(bank, "AUTH", "Tokens last an hour", way)
    text = file.read_text(encoding="utf-8")
    assert text.count("## ") == 2
    assert text.index("Tokens last an hour") < text.index("## DATA")
