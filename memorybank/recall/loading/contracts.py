"""The contracts as the base of what is loaded: their items one by one, with pinned items marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.stand_ins import stand_ins
from memorybank.document.addresses import parse_address
from memorybank.document.sections import key_of
from memorybank.errors import BankError, NoFileError
from memorybank.recall.loading.budget import Candidate
from memorybank.recall.pieces import pieces_of
from memorybank.shell import quoted
from memorybank.store.view import address_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memorybank.contracts.contract import Contract, SectionSpec
    from memorybank.recall.pieces import Piece
    from memorybank.store.folder import BankFolder

LAYER = "contracts"
PINNED = re.compile(r"(?<![\w#&/])#pin(?:ned)?(?![\w/-])", re.IGNORECASE)
STANDARDS = "User Standards"
FOCUS = "Current Focus"


class Fault(NamedTuple):
    """Something that could not be read, and why."""

    layer: str
    address: str
    why: str


class Line(NamedTuple):
    """One item of a contract, or the text between items, with its section name from the contract."""

    section: str
    piece: Piece
    text: str
    order: tuple[int, int]


class ContractItems(NamedTuple):
    """The requested and all pinned items, the current focus, and what could not be read."""

    lines: list[Line]
    focus: str
    faults: list[Fault]


def read_frame(bank: BankFolder, wanted: Sequence[str]) -> ContractItems:
    """Read the requested contracts or sections; of the others only the pinned items.

    Raises:
        BankError: a requested file that is not a contract does not exist.
    """
    places = [address_in(bank, each) for each in wanted]
    names = [bank.locate(place.file)[1] for place in places]
    files = list(dict.fromkeys((*bank.main_files, *names)))
    lines: list[Line] = []
    faults: list[Fault] = []
    focus = ""
    for number, file in enumerate(files):
        try:
            path, name = bank.locate(file) if file in bank.main_files else bank.existing(file)
            contract = bank.contract_of(name)
            data = bank.read(path)
            found = list(_lines(data, name, contract, number))
        except NoFileError:
            if file not in bank.main_files:
                raise
            if bank.layout.contracted:
                faults.append(Fault(LAYER, file, "the file does not exist"))
            continue
        except BankError as error:
            faults.append(Fault(LAYER, file, error.message))
            continue
        sections = [each.section for each, known in zip(places, names, strict=True) if known == file]
        focus = focus or " ".join(each.text.strip() for each in found if each.section == FOCUS)
        lines += [each for each in found if pin_of(each.section, each.text) or _is_asked(each, sections, contract)]
    return ContractItems(lines, focus, faults)


def _is_asked(line: Line, sections: Sequence[str], contract: Contract | None) -> bool:
    """Check whether a line is in one of some sections; an empty name means the whole file."""
    for name in sections:
        spec = contract.spec_of(name) if contract else None
        if not name or key_of(line.section) == key_of(spec.name if spec else name):
            return True
    return False


def _lines(data: bytes, name: str, contract: Contract | None, number: int) -> Iterator[Line]:
    at = 0
    specs: dict[str, SectionSpec | None] = {}
    is_stand_in = stand_ins(None)
    for place, piece in enumerate(pieces_of(data, name, contract=contract is not None)):
        if piece.start < at:
            # text below a deeper heading belongs to the contract's section, which already yielded it
            continue
        at = piece.end
        section = piece.heading.rpartition(" > ")[2]
        if section not in specs:
            specs[section] = contract.spec_of(section) if contract else None
        spec = specs[section]
        if spec is not None and spec.kind == "stamp":
            continue
        text = whole_lines(piece.text)
        # the stand-ins of a contract are no pieces
        if text.strip() and (contract is not None or not is_stand_in(text)):
            yield Line(spec.name if spec else section, piece, text, (number, place))


def whole_lines(text: str) -> str:
    """Return a text as whole lines that end with LF, without blank lines around it."""
    rows = [row.rstrip() for row in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(rows).strip("\n") + "\n"


def pin_of(section: str, text: str) -> str:
    """Return why an item must not be left out, "" if it may."""
    if key_of(section) == key_of(STANDARDS):
        return STANDARDS
    return "pinned" if PINNED.search(text) else ""


def frame_candidates(lines: Iterable[Line], first: Sequence[str], match: Any) -> Iterator[Candidate]:
    """Yield the contracts' items as candidates; `match` returns how much of the query a text has."""
    keys = {key_of(each) for each in first}
    for line in lines:
        piece = line.piece
        section = parse_address(piece.address)._replace(item="")
        terms = {
            "contract": 0.5,
            "stage": 1.0 if key_of(line.section) in keys else 0.0,
            "query": match(line.text),
            "struck": -0.4 if "~~" in line.text else 0.0,
        }
        yield Candidate(
            key=f"{piece.address}:{piece.line}",
            layer=LAYER,
            order=(0, *line.order),
            head=f"=== {section} @{piece.digest}",
            text=line.text,
            address=piece.address,
            fetch=f"bank show {quoted(piece.address)}",
            terms=terms,
            pinned=pin_of(line.section, line.text),
        )
