"""Which of two versions of a file is the newer one, and what both were made from: the versions as a graph. Pure.

A version is known by its text and by the versions it was made from, so a text that comes back later is another version,
and two machines that merge the same two versions into the same text have the same version. A history lists versions
with parents before children; the last one is the text that the file has.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# a machine that is further behind gets both texts, as if there were no common one
MOST_VERSIONS = 40
IDENT_LENGTH = 32


class Version(NamedTuple):
    """One text of a file: its SHA-256 in hexadecimal, "" for a deleted file, and the versions it was made from."""

    ident: str
    digest: str
    parents: tuple[str, ...] = ()


History = tuple[Version, ...]
Relation = Literal["same", "newer", "older", "apart"]


def sha256_of(data: bytes | None) -> str:
    """Return the SHA-256 of a text in hexadecimal; "" for no file."""
    return sha256(data).hexdigest() if data is not None else ""


def version_of(digest: str, parents: tuple[str, ...] = ()) -> Version:
    """Return the version that a text is."""
    told = "\n".join((digest, *sorted(parents)))
    return Version(sha256(told.encode()).hexdigest()[:IDENT_LENGTH], digest, tuple(sorted(parents)))


def is_version(version: Version) -> bool:
    """Check whether a version from elsewhere has the name that its text and its parents give it."""
    return version == version_of(version.digest, version.parents)


def grown(history: History, digest: str) -> History:
    """Return a history with the text that the file has now; a file that never was has none."""
    if history and history[-1].digest == digest:
        return history
    if not history:
        return (version_of(digest),) if digest else ()
    return (*history, version_of(digest, (history[-1].ident,)))[-MOST_VERSIONS:]


def relation(ours: History, theirs: History) -> Relation:
    """Return what their text is to ours."""
    if not ours or not theirs:
        return "newer" if theirs else "same" if not ours else "older"
    if ours[-1].ident == theirs[-1].ident:
        return "same"
    if _has(theirs, ours):
        return "newer"
    return "older" if _has(ours, theirs) else "apart"


def bases_of(ours: History, theirs: History) -> tuple[Version, ...]:
    """Return the newest versions that both texts were made from; several if both sides merged them on their own.

    A machine that lost its memory of earlier versions knows its text only, and is met there.
    """
    idents = {each.ident for each in ours}
    shared = [each for each in theirs if each.ident in idents]
    if shared:
        return _newest(shared, theirs)
    digests = {each.digest for each in ours if each.digest}
    return tuple(each for each in reversed(theirs) if each.digest in digests)[:1]


def bases_between(history: History, one: Version, other: Version) -> tuple[Version, ...]:
    """Return the newest versions of a history that two others of it were made from."""
    before = _before(history, one) & _before(history, other)
    return _newest([each for each in history if each.ident in before], history)


def _newest(versions: Sequence[Version], history: History) -> tuple[Version, ...]:
    """Return those versions that none of the others was made from, newest first."""
    older = {ident for each in versions for ident in _before(history, each)}
    return tuple(each for each in reversed(versions) if each.ident not in older)


def _before(history: History, version: Version) -> set[str]:
    """Return all that a version was made from."""
    parents = {each.ident: each.parents for each in history}
    found: set[str] = set()
    waiting = list(version.parents)
    while waiting:
        ident = waiting.pop()
        if ident not in found:
            found.add(ident)
            waiting += parents.get(ident, ())
    return found


def joined(ours: History, theirs: History, digest: str) -> History:
    """Return the history of a text into which both were merged; of theirs, if it only replaced an older one."""
    how = relation(ours, theirs)
    if how == "newer" and theirs[-1].digest == digest:
        return theirs
    if how in {"same", "older"}:
        return grown(ours, digest)
    known = {each.ident for each in ours}
    both = (*ours, *(each for each in theirs if each.ident not in known))
    return (*both, version_of(digest, (ours[-1].ident, theirs[-1].ident)))[-MOST_VERSIONS:]


def rewound(history: History, ident: str) -> History:
    """Return a history as it was when a version was its last one; empty for "", unchanged if it has no such version."""
    if not ident:
        return ()
    version = next((each for each in history if each.ident == ident), None)
    if version is None:
        return history
    kept = {ident, *_before(history, version)}
    return tuple(each for each in history if each.ident in kept)


def _has(history: History, other: History) -> bool:
    """Check whether the last version of `other` is an earlier one of `history`.

    A machine that lost its memory of earlier versions has one only; that one is known by its text.
    """
    last = other[-1]
    return any(each.ident == last.ident or (len(other) == 1 and each.digest == last.digest) for each in history)
