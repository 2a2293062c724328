"""Where the line of a correction would go, and what is said there already; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.wording import NONE, core_of, core_text, kind_of, line_text
from memorybank.errors import BankError
from memorybank.workflow.contradictions.earlier import contradicted
from memorybank.workflow.lines.find import lines_in
from memorybank.workflow.lines.placement import kinds_of, place_of
from memorybank.workflow.lines.similarity import SAME, is_same, likeness, plain_of, words_of

if TYPE_CHECKING:
    from memorybank.records.corrections.correction import Correction
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.contradictions.earlier import Contradiction, Earlier
    from memorybank.workflow.lines.find import Line

# a bank of another tool has no sections for standards and gotchas
_ELSE = "learning"


class PlannedLine(NamedTuple):
    """The line of a correction: its kind of note, the address of its section, and the line.

    `merged` is an equal line that is there, `near` a similar one; both are "" for none. Without a line all are "".
    """

    kind: str = ""
    address: str = ""
    line: str = ""
    merged: str = ""
    near: str = ""


def planned_line(bank: BankFolder, correction: Correction, *, kind: str = "", text: str = "") -> PlannedLine:
    """Return where the line of a correction goes, and what is there; the kind is by its words unless it is given.

    Raises:
        BankError: the file cannot be read.
    """
    kind = kind or kind_of(correction)
    if kind == NONE:
        return PlannedLine()
    kinds = kinds_of(bank)
    place = place_of(bank, kind if kind in kinds else _ELSE)
    address = f"{place.file}#{place.section}"
    words = core_text(correction, text)
    lines = [each for each in _lines(bank, place.file, place.section) if each.depth == 0]
    same = next((each for each in lines if is_same(core_of(plain_of(each.text)), words)), None)
    wanted = words_of(words)
    near = next((each for each in lines if each is not same and _is_near(each, wanted)), None)
    return PlannedLine(
        kind if kind in kinds else _ELSE,
        address,
        f"{line_text(correction, text)} ({correction.id})",
        plain_of(same.text) if same else "",
        plain_of(near.text) if near and not same else "",
    )


def contradicted_by(bank: BankFolder, correction: Correction, text: str = "") -> list[tuple[Contradiction, Earlier]]:
    """Return what the bank says that a correction contradicts, decisions first, each with its place."""
    return list(contradicted(bank, core_text(correction, text)))


def _is_near(line: Line, wanted: frozenset[str]) -> bool:
    return likeness(words_of(core_of(plain_of(line.text))), wanted) >= SAME


def _lines(bank: BankFolder, file: str, section: str) -> list[Line]:
    try:
        return lines_in(bank, file, section)
    except BankError:
        # the edit adds a missing section
        return []
