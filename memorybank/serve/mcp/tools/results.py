"""The answers of tools: a text for the model, and the `--json` answer with the bank it is from."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError, ConfigError, LockedError, UnsupportedTextError
from memorybank.serve.mcp.choose_bank import describe
from memorybank.serve.mcp.tools.answer_texts import TEXTS, framed, one_line, short
from memorybank.serve.mcp.tools.arguments import MOST, texts_in
from memorybank.serve.mcp.tools.listed import selected
from memorybank.serve.mcp.tools.next_call import said, with_calls, without_hints
from memorybank.wire import SCHEMA_VERSION, to_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from memorybank.listing import Listing
    from memorybank.serve.mcp.server import Server

# what these answer is only the program's own
_OWN = frozenset(("bank_index", "bank_index_status", "bank_gate", "bank_undo"))
_ROWS = 20
# of a list: more than there are, so that a page without a limit is the rest
_ALL = 0
# a text of the caller that is longer is not sent back to it
_LONG = 2_000
_SHOWN = 200
_PROBE = 40


def result_of(
    server: Server, tool: str, value: Any, beside: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the result of a call that succeeded; `beside` is part of the answer, `given` is what the caller has."""
    answer, cuts = _without_repeats({**to_answer(value), **beside}, given)
    answer = with_calls(answer, selected(server))
    bank = describe(server)
    text = TEXTS[tool](answer, value) if tool in TEXTS else short(without_hints(answer), is_own=tool in _OWN)
    structured = {"bank": bank, **answer}
    pending = _pending(server)
    if pending:
        text += f"\n{', '.join(pending)} was interrupted and is half done; the next write settles it, not this server"
        structured["pending"] = pending
    if cuts:
        text += f"\n{_cut_line(cuts)}"
        structured["cut"] = [cut._asdict() for cut in cuts]
    return {"content": [_text_block(f"{text}\n{_origin(bank)}")], "structuredContent": structured, "isError": False}


def _pending(server: Server) -> list[str]:
    """Return what is half done, for a server that may not settle it before it reads."""
    if not server.options.read_only or "folder" not in server.kept:
        return []
    from memorybank.facade.agents.connection import half_done

    return half_done(server.kept["folder"])


def page(
    given: dict[str, Any], listed: Callable[[dict[str, Any]], Listing[Any]], *, is_own: bool
) -> tuple[Listing[Any], dict[str, int]]:
    """Return a page of a list, and `next_offset` if there are more rows.

    `listed` returns the first rows, for arguments of which `limit` says how many; 0 is all. With `is_own` it takes an
    offset itself, and its rows are the page.
    """
    if is_own:
        rows = listed(given)
        end = given.get("offset", 0) + len(rows)
        return rows, {"next_offset": end} if rows and end < rows.total else {}
    wanted = dict(given)
    offset, limit = wanted.pop("offset", 0), wanted.get("limit", _ROWS)
    # one more shows whether there is another page
    rows = listed({**wanted, "limit": offset + limit + 1 if limit else _ALL})
    end = offset + limit if limit else len(rows)
    total = max(rows.total, len(rows))
    places = getattr(rows, "places", ())
    del rows[end:], rows[:offset]
    if places:
        rows.places = places[offset:end]  # type: ignore[attr-defined]  # of records of several banks
    rows.total = total
    return rows, {"next_offset": end} if end < total else {}


def refusal_of(server: Server, error: BankError, tools: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a call that was refused or failed: the fields that the command line has, too."""
    wire, cuts = _without_repeats(json.loads(json.dumps(error.to_wire(), default=str)), given)
    if isinstance(error, LockedError):
        # the rest of the hint is an option of the command line
        wire["hint"] = "try again"
    wire = with_calls(wire, tools)
    bank = describe(server)
    lines = [f"error: {wire['message']} [{error.code}]"]
    if wire["hint"]:
        lines.append(f"next: {said(wire)}")
    if isinstance(wire.get("digest"), str) and wire["digest"]:
        lines.append(f"digest now: {wire['digest']}")
    if isinstance(wire.get("diff"), str) and wire["diff"]:
        lines += ["what changed since you read it:", framed(wire["diff"])]
    lines += [f"  {each['source']}: {each['folder']} → {each['bank'] or 'no bank'}" for each in _candidates(wire)]
    lines += [_cut_line(cuts), _origin(bank)] if cuts else [_origin(bank)]
    structured = {"bank": bank, "schema_version": SCHEMA_VERSION, "error": wire}
    return {"content": [_text_block("\n".join(lines))], "structuredContent": structured, "isError": True}


def _candidates(wire: Mapping[str, Any]) -> list[dict[str, str]]:
    rows = wire.get("candidates")
    return rows if isinstance(rows, list) and all(isinstance(each, dict) and "source" in each for each in rows) else []


def error_of(error: OSError | ImportError | RecursionError | UnicodeError) -> BankError:
    """Return the error of ours for one of the system."""
    if isinstance(error, OSError):
        from memorybank.facade.terminal.kept_text import error_of as typed

        return typed(os.fsdecode(error.filename or "the bank"), error)
    if isinstance(error, UnicodeError):
        return UnsupportedTextError(why="it is not valid UTF-8", hint="encode the text as UTF-8")
    why = f"{error}; a part of it is missing" if isinstance(error, ImportError) else "the text is nested too deeply"
    return ConfigError(path="memorybank", why=why, hint="bank doctor")


def _text_block(text: str) -> dict[str, Any]:
    from memorybank.facade.terminal.visible import visible

    return {"type": "text", "text": visible(text)}


def _origin(bank: Mapping[str, str] | None) -> str:
    return f"[bank: {one_line(bank['name'])}, {one_line(bank['path'])}]" if bank else "[bank: none]"


# --- what is cut


class Cut(NamedTuple):
    """A text of an answer of which only the beginning is in it."""

    field: str
    characters: int


def _without_repeats(answer: dict[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Cut]]:
    """Return an answer without the long texts that the caller gave, and without more text than a call may have."""
    probes = [text.strip().split("\n", 1)[0][:_PROBE] for text in texts_in(given) if len(text) > _LONG]
    cuts: list[Cut] = []
    return _cut(answer, "", tuple(filter(None, probes)), cuts), cuts


def _cut(value: Any, path: str, probes: tuple[str, ...], cuts: list[Cut]) -> Any:
    if isinstance(value, str):
        return _cut_text(value, path, probes, cuts)
    if isinstance(value, dict):
        return {name: _cut(each, f"{path}.{name}" if path else name, probes, cuts) for name, each in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(each, str) for each in value):
            # a text that was taken apart into its lines
            whole = "\n".join(value)
            shown = _cut_text(whole, path, probes, cuts)
            return value if shown is whole else shown.split("\n")
        return [_cut(each, f"{path}[{at}]", probes, cuts) for at, each in enumerate(value)]
    return value


def _cut_text(text: str, path: str, probes: tuple[str, ...], cuts: list[Cut]) -> str:
    if len(text) <= _LONG:
        return text
    is_repeated = any(probe in text for probe in probes)
    if not is_repeated and len(text) <= MOST:
        return text
    cuts.append(Cut(path, len(text)))
    shown = _SHOWN if is_repeated else MOST
    return f"{text[:shown]}… ({len(text):,} characters, cut here)"


def _cut_line(cuts: list[Cut]) -> str:
    """Return the line that says what was cut."""
    fields = ", ".join(f"{cut.field} ({cut.characters:,} characters)" for cut in cuts[:3])
    return f"cut in this answer, whole in the bank: {fields}" + (" and more" if cuts[3:] else "")
