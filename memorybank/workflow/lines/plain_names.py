"""A section or a file of the memory by its plain name: `decisions`, `recent changes`, `gotcha`, `patterns`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.addresses import address_of, near, section_names
from memorybank.document.text import has_words
from memorybank.errors import BankError, DuplicateAnchorError, NoAnchorError
from memorybank.shell import quoted
from memorybank.store.view import find, open_document
from memorybank.workflow.lines.placement import kinds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.sections import Document
    from memorybank.store.folder import BankFolder


# characters: looking for names like a longer one would take minutes
_LONGEST = 1000


class SeveralSectionsError(DuplicateAnchorError):
    """Several sections of the memory files have the name."""

    def __init__(self, *, name: str, addresses: Sequence[str]) -> None:
        super().__init__(file="", section=name, lines=[], addresses=addresses)
        self.message = f"{name!r} may be {' or '.join(addresses)}"
        self.args = (self.message,)


def is_plain(name: str) -> bool:
    """Check whether a name can only be that of a section, and not an address or a file."""
    return bool(name.strip()) and len(name) <= _LONGEST and not name.endswith(".md") and not set("#/\\") & set(name)


def address_named(bank: BankFolder, name: str) -> str:
    """Return the address of the file, section or kind of note with this name; only for reading.

    A name that is exactly that of a file or section comes first, then a kind of note, then words that only one
    section has.

    Raises:
        SeveralSectionsError: several sections match.
        NoAnchorError: none does; the error lists similar names.
    """
    name = " ".join(name.split())
    documents = list(_documents(bank))
    for document in documents:
        if document.path.rpartition("/")[2].removesuffix(".md").casefold() == name.casefold().replace(" ", ""):
            return document.path
    exact = [address for document in documents for address in _exact(bank, document, name)]
    kind = {key.casefold(): address for key, address in kinds_of(bank).items()}
    by_kind = next((kind[each] for each in _numbers(name.casefold()) if each in kind), "")
    all_names = [(document, section) for document in documents for section in section_names(document)]
    found = exact or ([by_kind] if by_kind else [])
    found = found or [
        f"{document.path}#{section}"
        for document, section in all_names
        if any(has_words(section, each) for each in _numbers(name))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise SeveralSectionsError(name=name, addresses=found)
    names = list(dict.fromkeys(section for _, section in all_names))
    said = {each.casefold().removesuffix("s") for each in names}
    close = near(name, [*names, *(each for each in kind if each not in said)])
    raise NoAnchorError(file="this bank", section=name, near=close, command=f"bank search {quoted(name)}")


def _documents(bank: BankFolder) -> list[Document]:
    documents = []
    for file in bank.present_files():
        try:
            documents.append(open_document(bank, file))
        except BankError:
            # one file that cannot be read does not hide the sections of the others
            continue
    return documents


def _exact(bank: BankFolder, document: Document, name: str) -> list[str]:
    for each in _numbers(name):
        try:
            return [str(address_of(document, find(bank, document, each)))]
        except DuplicateAnchorError as error:
            addresses = error.details["addresses"]
            return [str(each) for each in addresses] if isinstance(addresses, list) else []
        except NoAnchorError:
            continue
    return []


def _numbers(name: str) -> tuple[str, ...]:
    """Return a name as it is, as one of many, and as many: people type `decision` for `Decisions`."""
    return (name, name.removesuffix("s"), f"{name}s") if name[-1:] in {"s", "S"} else (name, f"{name}s")
