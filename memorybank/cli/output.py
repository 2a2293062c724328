"""Output: answers on standard output, everything else on standard error.

One function writes, so that no text of a file can send a control sequence to a terminal.
"""

from __future__ import annotations

import io
import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.width import brief, cells, columns, folded, shortened
from memorybank.facade.terminal.visible import CONTROL, in_one_line, visible

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Sequence

    from memorybank.document.receipt import FileReceipt, Receipt
    from memorybank.errors import BankError

SHOWN_CHARACTERS = 4000
SHOWN_LINES = 8
SHOWN_WIDTH = 120
# cells in which a text can be recognised
_ROOM = 36
_LINE_COLOURS = {"+": "green", "-": "red"}
_DIFF_COLOURS = {**_LINE_COLOURS, "@": "cyan"}


def say(text: str = "", *, whole: bool = False, hang: int = -1, **style: Any) -> None:
    """Print a line of an answer; on a terminal a long one is folded, unless it is an address or a command, `whole`.

    Continued lines begin in the column `hang`, by default below the text of the first line, or two cells deeper.
    """
    shown = visible(text)
    _echo([shown] if whole else folded(shown, columns(), hang=hang, deeper=len("  ")), style)


def say_body(text: str) -> None:
    """Print the text of a record or a message; on a terminal it is folded like the text of a file."""
    _echo(folded(visible(text), columns()), {})


def say_row(text: str, **style: Any) -> None:
    """Print a row of a table; on a terminal what does not fit is cut off, with …."""
    say(shortened(visible(in_one_line(text)).rstrip(), columns()), whole=True, **style)


def say_entry(lead: str, text: str) -> None:
    """Print a row of a list that ends with a text; on a terminal with little room for it, on a line of its own."""
    lead, text = visible(in_one_line(lead)).rstrip(), visible(in_one_line(text))
    if not columns() or columns() - cells(lead) - len("  ") >= _ROOM:
        say_row(f"{lead}  {text}")
        return
    say(lead, hang=4)
    if text:
        say_row(f"    {text}")


def say_fields(head: str, *fields: str, tail: str = "", **style: Any) -> None:
    """Print what belongs together on one line; on a terminal where it does not fit, each field on a line of its own."""
    head, tail, *fields_shown = (visible(in_one_line(each)) for each in (head, tail, *filter(None, fields)))
    line = "  ".join(filter(None, (head, *fields_shown, tail)))
    if not columns() or cells(line) <= columns():
        say(line, whole=True, **style)
        return
    say("  ".join(filter(None, (head.rstrip(), tail))), hang=4, **style)
    for field in fields_shown:
        say(f"    {field}", hang=4)


def say_command(text: str, command: str, *, form: str = "{}; {}") -> None:
    """Print a line that ends with a command; on a terminal where it does not fit, the command is below it, whole."""
    line = visible(form.format(text, command) if command else text)
    if not columns() or cells(line) <= columns() or not command:
        say(line, hang=len(text) - len(text.lstrip(" ")) + 2)
        return
    lead = " " * (len(text) - len(text.lstrip(" ")))
    say(text, hang=len(lead) + 2)
    say(f"{lead}    {command}", whole=True)


def say_diff(diff: str) -> None:
    """Print a diff: on a terminal with colours, and long lines folded below their text."""
    room = max(columns() - 1, 0)
    for line in visible(diff).split("\n"):
        is_name = line.startswith(("--- ", "+++ "))
        first, *more = [line[1:]] if is_name else folded(line[1:], room, deeper=len("  "))
        style = {"bold": True} if is_name else {"fg": _DIFF_COLOURS.get(line[:1])}
        _echo([f"{line[:1]}{first}", *(f" {each}" for each in more)], style)


def _echo(rows: Iterable[str], style: dict[str, Any]) -> None:
    style = {name: value for name, value in style.items() if value} if _colour(sys.stdout) else {}
    for row in rows:
        click.echo(click.style(row, **style) if style else row)


def say_marked(text: str, spans_of: Callable[[str], Iterable[tuple[int, int]]]) -> None:
    """Print a line of an answer; on a terminal it is cut to fit, with the spans that `spans_of` returns in bold."""
    text = shortened(text, columns())
    if not _colour(sys.stdout):
        say(text)
        return
    parts, at = [], 0
    for start, stop in spans_of(text):
        parts += [visible(text[at:start]), click.style(visible(text[start:stop]), bold=True)]
        at = stop
    click.echo("".join((*parts, visible(text[at:]))))


def counted(count: int, noun: str) -> str:
    """Return a number with what is counted: `1 message`, `2 messages`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def pour(text: str) -> None:
    """Print a file's text: the exact bytes to a pipe or file, with escapes on a terminal."""
    if sys.stdout.isatty():
        shown = "\n".join(folded(visible(text), columns()))
        click.echo(shown, nl=bool(shown) and not shown.endswith("\n"))
    else:
        click.echo(text.encode("utf-8", "surrogateescape"), nl=False)


def tell(text: str, *, whole: bool = False, is_text: bool = False, **style: Any) -> None:
    """Print a line that is not part of the answer; on a terminal a long one is folded, unless it is a command.

    Long words, such as a name that was typed, are shortened; with `is_text` it is the text of a file and stays whole.
    """
    shown = visible(text if is_text else brief(text, is_command=whole))
    # a message beside the answer must not decide whether something is written, or the exit status
    with suppress(OSError):
        style = style if _colour(sys.stderr) else {}
        for row in (
            [shown] if whole else folded(shown, columns(sys.stderr), hang=len(shown) - len(shown.lstrip(" ")) + 2)
        ):
            click.echo(click.style(row, **style) if style else row, err=True)


def _colour(stream: Any) -> bool:
    # the command and its context are over by now, so the environment decides
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def answer(value: Any) -> None:
    """Print a value as JSON."""
    from memorybank.wire import to_json

    # JSON readers undo the escapes; a terminal gets no raw characters
    click.echo(CONTROL.sub(_json_escape, to_json(value)))


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code > 0xFFFF:  # noqa: PLR2004
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def report_error(error: BankError, *, as_json: bool) -> None:
    """Print an error: its message, its diff if any, and the next command; as JSON on standard output."""
    if as_json:
        answer({"error": error.to_wire()})
        return
    first, *more = error.message.split("\n")
    tell(f"error: {first} [{error.code}]", fg="red")
    for line in more:
        tell(line)
    diff = error.details.get("diff")
    if isinstance(diff, str) and diff:
        tell(diff.rstrip("\n"), is_text=True)
    if error.hint:
        tell(f"  next: {error.hint}", whole=True)


def show_usage(error: click.ClickException) -> None:
    """Print how a command is used, and what is wrong in the words that were typed."""
    text = io.StringIO()
    error.show(text)
    for line in text.getvalue().rstrip("\n").split("\n"):
        tell(line)


def report_all(errors: Iterable[BankError], *, as_json: bool = False) -> int:
    """Print the errors of some files beside an answer about others, and return the exit status: 0 without errors.

    As JSON they are part of the answer.
    """
    errors = list(errors)
    for error in errors if not as_json else ():
        report_error(error, as_json=False)
    return errors[0].exit_status if errors else 0


UNDO = "bank undo reverts it"


def show_receipt(receipt: Receipt, *, as_json: bool, done: str = "", back: str = UNDO, text: str = "") -> None:
    """Print what a write did and how to undo it; a dry run prints its diff.

    `text` is what was typed for one line: if it had several, they were joined, and that is reported.
    """
    if as_json:
        answer(receipt)
        return
    if receipt.already:
        say(f"already there: {receipt.already}")
        tell("  --again writes it once more")
        return
    tell_joined(text)
    if receipt.dry_run:
        for each in receipt.files:
            if each.diff:
                say_diff(each.diff.rstrip("\n"))
            else:
                say(f"{each.file}: nothing would change")
        warn(receipt)
        tell("nothing was written (dry run)")
        return
    if not receipt.operation:
        say("nothing to change")
        return
    for file in _files_to_name(receipt):
        say_places(f"{done or receipt.verb}: ", _places(file))
        for name in file.healed:
            say(f"  restored the section {name!r}")
        for line in _changed_lines(file):
            say(f"  {line}", whole=True, fg=_LINE_COLOURS.get(line[0]))
    tell_waiting(receipt)
    say_undo(receipt, back)


# what programs keep beside the memory: named only where nothing else was written
_KEPT_BY_PROGRAMS = ("workflows/", "artifacts/evidence/")


def _files_to_name(receipt: Receipt) -> Sequence[FileReceipt]:
    """Return the files that a reader needs to know of; a workflow's own files and outputs are found by their id."""
    return [each for each in receipt.files if not each.file.startswith(_KEPT_BY_PROGRAMS)] or receipt.files[:1]


def tell_joined(text: str) -> None:
    """Report that the lines of a text were joined into one."""
    if "\n" in text or "\r" in text:
        from memorybank.facade.terminal.receipt_lines import plain_lines

        count = sum(1 for line in plain_lines(text) if line.strip())
        if count > 1:
            tell(f"joined {count} lines into one")


def say_places(lead: str, places: Sequence[str]) -> None:
    """Print what was changed: on one line where it fits, otherwise each address on a line of its own."""
    line = f"{lead}{', '.join(places)}"
    if not columns() or cells(line) <= columns():
        say(line, fg="green")
        return
    for number, place in enumerate(places):
        say(f"{' ' * len(lead) if number else lead}{place}", whole=True, fg="green")


def say_undo(receipt: Receipt, back: str = UNDO) -> None:
    """Print the operation and the command that reverts it."""
    say(f"  {receipt.operation}   {back}", dim=True)


def tell_rest(shown: int, total: int) -> None:
    """Report how many entries a limit left out, if it did."""
    if shown < total:
        tell(f"{total - shown} more; --limit {total} shows all")


def tell_waiting(receipt: Receipt) -> None:
    """Report that a line was queued, because the role is not the router's."""
    from memorybank.facade.terminal.receipt_lines import waits_for_router

    if waits_for_router(receipt):
        say("  its line is queued for the router: bank notes list")


def warn(receipt: Receipt) -> None:
    """Warn of links that an operation cut off, and of merges that nobody has resolved in its files."""
    for link in receipt.lost_links:
        tell(f"warning: {link}", fg="yellow")
    for file in receipt.files:
        if file.merges:
            from memorybank.facade.terminal.receipt_lines import merge_lines

            tell(f"warning: {file.file} has an unresolved merge on {merge_lines(file)}", fg="yellow")


def _changed_lines(receipt: FileReceipt) -> list[str]:
    """Return the removed and added lines, without the date; of a long change only its beginning."""
    if not receipt.before or not receipt.after or receipt.file.endswith((".json", ".jsonl")):
        # a program's file: whoever wants to see it asks for --dry-run, or for the file
        return []
    from memorybank.facade.terminal.receipt_lines import changed_lines

    rows: list[str] = []
    # a section can hold 10 MB: what is shown is at most a few lines of its beginning
    for change in changed_lines(receipt, most=SHOWN_CHARACTERS):
        rows += [*(f"- {line}" for line in change.removed), *(f"+ {line}" for line in change.added)]
    width = columns() - len("  ") if columns() else SHOWN_WIDTH
    rows = [shortened(visible(row), width) for row in rows]
    return rows if len(rows) <= SHOWN_LINES else [*rows[: SHOWN_LINES - 1], f"… {len(rows) - SHOWN_LINES + 1} more"]


def _places(receipt: FileReceipt) -> list[str]:
    if not receipt.before:
        return [f"{receipt.file} (new)"]
    if not receipt.after:
        return [f"{receipt.file} (removed)"]
    return list(dict.fromkeys(f"{address} @{digest}" for address, digest in receipt.sections)) or [receipt.file]


def progress() -> Callable[[str, int, int], None] | None:
    """Return what shows how far long work is, on a terminal and when it takes longer than a second."""
    if not sys.stderr.isatty():
        return None
    start = time.monotonic()

    def show(what: str, done: int, of: int) -> None:
        if time.monotonic() - start > 1:
            line = f"{what}: {done} of {of}"
            # the last one leaves an empty line behind
            click.echo(f"\r{line}" if done < of else f"\r{' ' * len(line)}\r", nl=False, err=True)

    return show
