"""What becomes of one file: put pieces in, or take them out. Pure: bytes in, bytes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.agents.install.block import BlockFaultError, block_of, remove_block, set_block
from memorybank.agents.install.installed_record import Changed
from memorybank.agents.install.json_edit import add_items, find, prune, remove_items, remove_key, set_key
from memorybank.agents.install.jsonc import JsonFaultError
from memorybank.agents.install.patched import Patched, reverted
from memorybank.agents.install.pieces import (
    Block,
    JsonDefault,
    JsonItems,
    JsonKey,
    OwnFile,
    Piece,
    TomlTable,
    is_our_file,
    is_our_item,
    is_our_server,
)
from memorybank.agents.install.rest import rest_of
from memorybank.agents.install.toml_edit import TomlFaultError, remove_table, rendered_table, set_table, table_at
from memorybank.document.source import diff_of, digest_of
from memorybank.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FAULTS = (JsonFaultError, TomlFaultError, BlockFaultError)


class ClientFileError(ArtifactError):
    """A client's file cannot be changed without a risk for what the user has in it; it is left as it is."""

    def __init__(self, *, path: Path, why: str, hint: str = "", diff: str = "", snippet: str = "") -> None:
        shown = f"\nadd this yourself:\n{snippet.rstrip()}" if snippet else ""
        super().__init__(path=path, why=f"{why}{shown}", hint=hint)
        if diff:
            self.details["diff"] = diff


class Outcome(NamedTuple):
    """A file's bytes after a change, None if it goes; what to note of it; and why it was left, if it was."""

    after: bytes | None
    note: Changed | None
    left: str = ""


def put_in(path: Path, before: bytes | None, pieces: Sequence[Piece], noted: Changed | None, *, force: bool) -> Outcome:
    """Return a file with the pieces in it.

    Raises:
        ClientFileError: it is invalid or not UTF-8, or the user has another entry of that name, and it is not forced.
    """
    first = pieces[0]
    if isinstance(first, OwnFile):
        return _put_file(path, before, first, noted, force=force)
    text = _text_of(path, before)
    draft, is_exact = Patched(text), True
    if noted is not None and noted.after == _digest(before):
        draft, is_exact = _again(text, noted)
    elif any(_is_in(text, each) for each in pieces):
        is_exact = False
    elif noted is not None:
        # nothing of ours is in it: what was noted of it no longer holds, but for the folders that were made
        noted = Changed("", _digest(before), None, folders=noted.folders)
    made = list(noted.made if noted else ())
    kept = dict(noted.kept if noted else ())
    try:
        for piece in pieces:
            _refuse_other(path, draft, piece, force=force)
            made += _put(draft, piece, kept)
    except (*_FAULTS, TypeError) as error:
        why = str(error) if isinstance(error, _FAULTS) else f"{error} does not have the form that the client reads"
        raise ClientFileError(
            path=path, why=f"not changed: {why}", hint=f"fix {path}", snippet=snippet_of(pieces)
        ) from None
    _prove(path, text, draft.text, pieces)
    after = draft.text.encode("utf-8")
    if after == before:
        return Outcome(after, noted)
    note = Changed(
        after=_digest(after),
        before=noted.before if noted else _digest(before),
        patches=draft.patches() if is_exact else None,
        made=tuple(dict.fromkeys(made)),
        kept=tuple(kept.items()),
        folders=noted.folders if noted else (),
    )
    return Outcome(after, note)


def take_out(
    path: Path, before: bytes | None, pieces: Sequence[Piece], noted: Changed | None, *, force: bool
) -> Outcome:
    """Return a file without the pieces: as it was before the install, if nobody else changed it since.

    Raises:
        ClientFileError: it is invalid or not UTF-8, so that ours cannot be found in it.
    """
    if before is None:
        return Outcome(None, None)
    first = pieces[0]
    if isinstance(first, OwnFile):
        is_known = noted is not None and noted.after == _digest(before)
        if is_known or force or (noted is None and is_our_file(first, before)):
            return Outcome(None, None)
        return Outcome(before, noted, "changed since it was written" if noted else "not written by bank install")
    text = _text_of(path, before)
    if noted is not None and noted.patches is not None and noted.after == _digest(before):
        old = reverted(text, noted.patches)
        if old is not None and not noted.before and not old:
            return Outcome(None, None)
        if old is not None and _digest(old.encode("utf-8")) == noted.before:
            return Outcome(old.encode("utf-8"), None)
    draft = Patched(text)
    try:
        # in the reverse order: what a file needs goes when nothing else is in it
        for piece in reversed(pieces):
            _take(draft, piece, noted)
    except _FAULTS as error:
        raise ClientFileError(path=path, why=f"not changed: {error}", hint=f"fix {path}") from None
    _prove(path, text, draft.text, pieces)
    is_bare = draft.text.strip("\ufeff \t\r\n") in {"", "{}"}
    # an empty file says nothing; it stays only where it is known to have been there
    if is_bare and draft.text != text and (noted is None or not noted.before):
        return Outcome(None, None)
    return Outcome(draft.text.encode("utf-8"), None)


def is_installed(text: bytes | None, piece: Piece) -> bool:
    """Whether a file has this piece, in the form of any version."""
    if text is None:
        return False
    if isinstance(piece, OwnFile):
        return is_our_file(piece, text)
    return _is_in(text.decode("utf-8", "replace"), piece)


def snippet_of(pieces: Sequence[Piece]) -> str:
    """Return the pieces of one file as a user would paste them."""
    values: dict[str, Any] = {}
    texts = []
    for piece in pieces:
        match piece:
            case JsonKey() | JsonDefault() | JsonItems():
                place = values
                for key in piece.path[:-1]:
                    place = place.setdefault(key, {})
                place[piece.path[-1]] = list(piece.values) if isinstance(piece, JsonItems) else piece.value
            case TomlTable():
                texts.append(rendered_table(piece.path, piece.value))
            case Block():
                texts.append(piece.body)
            case OwnFile():
                texts.append(piece.data.decode("utf-8", "replace"))
    return "\n".join([*texts, *([json.dumps(values, indent=2, ensure_ascii=False)] if values else [])])


def _digest(data: bytes | None) -> str:
    return "" if data is None else digest_of(data)


def _text_of(path: Path, data: bytes | None) -> str:
    try:
        return (data or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        why = f"not changed: it is not UTF-8 (byte {error.start})"
        raise ClientFileError(path=path, why=why, hint=f"save {path} as UTF-8") from None


def _again(text: str, noted: Changed) -> tuple[Patched, bool]:
    """Return the text as a change of the user's original, so that an upgrade is undone with the install."""
    old = None if noted.patches is None else reverted(text, noted.patches)
    if old is None or noted.patches is None:
        return Patched(text), False
    draft = Patched(old)
    for patch in noted.patches:
        draft.splice(patch.at, patch.at + len(patch.cut), patch.added)
    return draft, True


def _put_file(path: Path, before: bytes | None, piece: OwnFile, noted: Changed | None, *, force: bool) -> Outcome:
    if before == piece.data:
        return Outcome(before, noted)
    if before is not None and not force:
        is_known = noted is not None and noted.after == _digest(before)
        is_ours = noted is None and is_our_file(piece, before)
        if not (is_known or is_ours):
            diff = diff_of(before.decode("utf-8", "replace"), piece.data.decode("utf-8"), path.name)
            why = "it was changed since `bank install` wrote it" if noted else "another file is there"
            raise ClientFileError(path=path, why=why, hint="add --force to replace it", diff=diff)
    note = Changed(_digest(piece.data), noted.before if noted else _digest(before), None)
    return Outcome(piece.data, note._replace(folders=noted.folders if noted else ()))


def _is_in(text: str, piece: Piece) -> bool:
    try:
        match piece:
            case JsonKey():
                found = find(text, piece.path)
                return found is not None and is_our_server(found.value)
            case JsonItems():
                found = find(text, piece.path)
                items = found.value if found is not None and isinstance(found.value, list) else []
                return any(is_our_item(each, piece.path, piece.values) for each in items)
            case TomlTable():
                return is_our_server(table_at(text, piece.path))
            case Block():
                return block_of(text) is not None
            case _:
                return False
    except _FAULTS:
        return False


def _refuse_other(path: Path, draft: Patched, piece: Piece, *, force: bool) -> None:
    """Refuse to replace an entry of that name that is not ours."""
    if force or not isinstance(piece, JsonKey | TomlTable):
        return
    found: Any = None
    if isinstance(piece, TomlTable):
        found = table_at(draft.text, piece.path)
    else:
        node = find(draft.text, piece.path)
        found = node.value if node is not None else None
    if found is None or found == piece.value or is_our_server(found):
        return
    forced = Patched(draft.text)
    _put(forced, piece, {})
    why = f"it has another entry {'.'.join(piece.path)}; it is left as it is"
    raise ClientFileError(
        path=path, why=why, hint="add --force to replace it", diff=diff_of(draft.text, forced.text, path.name)
    )


def _put(draft: Patched, piece: Piece, kept: dict[tuple[str, ...], tuple[Any, ...]]) -> list[tuple[str, ...]]:
    match piece:
        case JsonKey():
            return set_key(draft, piece.path, piece.value)
        case JsonDefault():
            node = find(draft.text, piece.path)
            return set_key(draft, piece.path, piece.value) if node is None else []
        case JsonItems():
            return _put_items(draft, piece, kept)
        case TomlTable():
            set_table(draft, piece.path, piece.value)
        case Block():
            set_block(draft, piece.body)
        case OwnFile():
            raise AssertionError(piece)
    return []


def _put_items(draft: Patched, piece: JsonItems, kept: dict[tuple[str, ...], tuple[Any, ...]]) -> list[tuple[str, ...]]:
    node = find(draft.text, piece.path)
    there = node.value if node is not None and isinstance(node.value, list) else []
    if piece.path not in kept:
        own = [each for each in there if each in piece.values]
        # a hook that runs ours is ours, whoever wrote it; a permission of the same words may be the user's
        kept[piece.path] = () if "hooks" in piece.path else tuple(own)
    if "hooks" in piece.path and there:
        wanted = piece.values
        remove_items(draft, piece.path, lambda value: is_our_item(value, piece.path, ()) and value not in wanted)
    return add_items(draft, piece.path, piece.values)


def _take(draft: Patched, piece: Piece, noted: Changed | None) -> None:
    match piece:
        case JsonKey():
            node = find(draft.text, piece.path)
            if node is not None and is_our_server(node.value):
                remove_key(draft, piece.path)
            _prune(draft, piece.path[:-1], noted)
        case JsonItems():
            kept = dict(noted.kept).get(piece.path, ()) if noted else ()
            remove_items(
                draft, piece.path, lambda value: value not in kept and is_our_item(value, piece.path, piece.values)
            )
            _prune(draft, piece.path, noted)
        case TomlTable():
            if is_our_server(table_at(draft.text, piece.path)):
                remove_table(draft, piece.path)
        case Block():
            remove_block(draft)
        case JsonDefault():
            # alone it says nothing
            node = find(draft.text, ())
            if node is not None and set(node.value) == {piece.path[0]}:
                remove_key(draft, piece.path)
        case OwnFile():
            raise AssertionError(piece)


def _prove(path: Path, before: str, after: str, pieces: Sequence[Piece]) -> None:
    """Check, in the parsed values of a JSON file, that all but our own parts is as it was, in its order."""
    if not any(isinstance(piece, JsonKey | JsonItems | JsonDefault) for piece in pieces):
        return
    try:
        rests = [json.dumps(rest_of(text, pieces)) for text in (before, after)]
    except JsonFaultError as error:
        raise ClientFileError(path=path, why=f"not changed: the new text would be invalid ({error})") from None
    if rests[0] != rests[1]:
        raise ClientFileError(path=path, why="not changed: another part of the file would change with it")


def _prune(draft: Patched, path: tuple[str, ...], noted: Changed | None) -> None:
    """Remove the objects and lists that are empty now, those that were made by an install."""
    for length in range(len(path), 0, -1):
        if noted is None or path[:length] in noted.made:
            prune(draft, path[:length])
