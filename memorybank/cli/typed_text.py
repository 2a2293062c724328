"""Text typed in this run, in an editor or on standard input: kept if the command refuses it.

Commands read text with `text_from` or `edited`; the boundary in `main.py` settles it. The copy of a text that was
written is deleted. Any other stays in a file, and the message names the file and the command to continue.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import click

from memorybank.shell import end_of_options, option_of, quoted, without_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.errors import BankError
    from memorybank.store.folder import BankFolder

ONE_TEXT = "Only one text can be read from standard input."
TEXT_LIMIT = 16 * 1024 * 1024
_CHUNK = 65536
# placeholder in a command for the digest that `bank show` prints; the command refuses the word itself
DIGEST = "DIGEST"
# errors about the text itself: the same text would be refused again
_TO_CHANGE = frozenset(("contract", "encoding", "secret", "spill", "text", "unterminated", "limit"))
# seconds to wait for unread standard input when a command is refused
_PATIENCE = 0.5


class TypedText:
    """One text: what was read, the file of the editor, and the command to continue.

    `original` is what the editor was given, `given` what the bank holds.
    """

    # plain classes: importing dataclasses costs a tenth of the time of a note
    __slots__ = ("about", "again", "data", "given", "original", "path")

    def __init__(
        self,
        about: str,
        again: Callable[[Path, BankError | None], str],
        *,
        path: Path | None = None,
        given: bytes | None = None,
        original: bytes = b"",
    ) -> None:
        self.about = about
        self.again = again
        self.data = original
        self.path = path
        self.given = given
        self.original = original


class KeptText(NamedTuple):
    """A text that was kept: its file (None if none could be made), the command to continue, and the text."""

    path: Path | None
    again: str
    text: TypedText


class _Run:
    """What one run of the program has read and written."""

    __slots__ = ("bank", "dry_run", "home", "texts", "words", "written")

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = words
        self.texts: list[TypedText] = []
        self.written: list[str] = []
        self.bank: BankFolder | None = None
        self.home: Path | None = None
        self.dry_run = False


_run = _Run()


def begin(words: Sequence[str]) -> None:
    """Start a run."""
    global _run  # noqa: PLW0603  one run at a time: a process has one standard input
    _run = _Run(words)


def use(bank: BankFolder | None, home: Path, *, dry_run: bool | None = None) -> None:
    """Set the bank beside which texts are kept, and whether this run writes."""
    _run.bank = bank or _run.bank
    _run.home = home
    if dry_run is not None:
        _run.dry_run = dry_run


def wrote(receipt: Receipt) -> None:
    """Record an operation that is done: it stays done, whatever fails later."""
    from memorybank.cli.output import warn

    _run.written.append(receipt.operation)
    warn(receipt)


def words() -> list[str]:
    """Return the words of this run's command line, without options for the form of the answer."""
    end = end_of_options(_run.words)
    return [*(word for word in _run.words[:end] if word != "--json"), *_run.words[end:]]


def words_without_digest() -> list[str]:
    """Return the words of this run's command line without the digest that was expected."""
    return without_option(words(), "--expect")


def written() -> list[str]:
    """Return the operations of this run."""
    return list(_run.written)


def read_input() -> bytes:
    """Read standard input to its end; text before an interrupt is kept too.

    Raises:
        click.UsageError: it was read for another text already, or is larger than 16 MB.
    """
    if any(each.path is None for each in _run.texts):
        raise click.UsageError(ONE_TEXT)
    text = _hold(TypedText(_about(), _again))
    stream = sys.stdin.buffer
    step = getattr(stream, "read1", stream.read)
    while len(text.data) <= TEXT_LIMIT and (part := step(_CHUNK)):
        text.data += part
    if len(text.data) > TEXT_LIMIT:
        raise click.UsageError("standard input is larger than 16 MB.")
    return text.data


def edited(data: bytes, about: str, again: Callable[[Path, BankError | None], str]) -> bytes:
    """Open a text in the editor and return what was saved; it stays in a file until the command is done.

    Raises:
        ConfigError: the editor could not be run, or failed.
        BankError: it left no text, or no file could be made.
    """
    from memorybank.errors import DiskError
    from memorybank.facade.terminal.kept_text import keep

    path = keep(_run.bank, _home(), data, about, mark=f"edit-{os.urandom(4).hex()}")
    if path is None:
        raise DiskError(path="the text for the editor", why="no folder for it can be written")
    return edit_file(path, data, about, again, given=data)


def edit_file(
    path: Path, data: bytes, about: str, again: Callable[[Path, BankError | None], str], *, given: bytes
) -> bytes:
    """Open a file with `data` in the editor and return what was saved; `given` is the current text of the bank.

    Raises:
        ConfigError: the editor could not be run, or failed.
        BankError: the editor left no text.
    """
    from memorybank.errors import BankError, ConfigError, EncodingRefusedError, NoFileError
    from memorybank.facade.terminal.kept_text import read_text

    text = _hold(TypedText(about, again, path=path, given=given, original=data))
    with _editor_alone():
        try:
            click.edit(filename=str(path))
        except (click.ClickException, ValueError) as error:
            # a value that a shell could not read is a ValueError
            why = error.format_message() if isinstance(error, click.ClickException) else str(error)
            name = "VISUAL" if os.environ.get("VISUAL") else "EDITOR"
            raise ConfigError(path=name, why=f"the editor failed: {why}", hint=f"export {name}=vi") from None
        finally:
            with suppress(BankError):
                text.data = read_text(path)
    try:
        text.data = read_text(path)
    except NoFileError:
        text.data = b""
        hint = f"bank {' '.join(map(quoted, _run.words))}"
        raise EncodingRefusedError(path=about, why="the editor left no file", hint=hint) from None
    return text.data


def settle(error: BankError | None = None, *, unread: bool = True) -> list[KeptText]:
    """Keep text that was typed and not written, for a run that was refused; return the files.

    The error's details have the same for programs.
    """
    from memorybank.facade.terminal.kept_text import keep, keep_again, let_go, prune, put_back

    kept: list[KeptText] = []
    if unread:
        _drain()
    for text in _run.texts:
        path = text.path
        if path is None and not text.data.strip():
            continue
        if path is not None and text.data == text.given:
            let_go(path)
            continue
        if path is not None and not text.data.strip() and text.original.strip():
            # an emptied text is useless: the file keeps what the editor was given
            put_back(path, text.original)
            kept.append(KeptText(keep_again(path, _home(), text.original, text.about), "", text))
            continue
        path = keep_again(path or keep(_run.bank, _home(), text.data, text.about), _home(), text.data, text.about)
        again = "" if path is None or _run.written else text.again(path, error)
        kept.append(KeptText(path, again, text))
        if path is not None:
            prune(path)
    _run.texts = []
    if error is not None and kept:
        error.details |= {"kept": str(kept[0].path or ""), "again": kept[0].again}
    if error is not None and _run.written:
        error.details["written"] = written()
    return kept


def close() -> list[KeptText]:
    """End a successful run: delete the copies of what was written, and keep the text of a dry run."""
    shown = [each for each in _run.texts if each.path is not None or _is_terminal()] if _run.dry_run else []
    for text in _run.texts:
        if text not in shown:
            _let_go(text)
    _run.texts = shown
    return settle() if shown else []


def tell_kept(kept: Sequence[KeptText], error: BankError | None = None, *, failed: bool = True) -> None:
    """Print where texts are kept, the commands to continue, and what this run wrote before it failed."""
    from memorybank.cli.output import tell
    from memorybank.errors import SecretError

    if failed and written():
        tell(f"already written: {', '.join(written())}   bank undo reverts it", fg="yellow")
    secret = isinstance(error, SecretError)
    for each in kept:
        if each.path is None:
            tell("your text could not be kept in any folder" + ("" if secret else "; here it is:"), fg="yellow")
            if not secret:
                tell(each.text.data.decode("utf-8", "surrogateescape"))
            continue
        warning = "; it seems to hold a secret: only you can read the file, delete it when you are done"
        what = "your text" if each.text.data.strip() else "the previous text"
        tell(f"{what} is kept in {each.path}{warning if secret else ''}", fg="yellow")
        if each.again:
            tell(f"  {_before_again(error)}: {each.again}")


def _before_again(error: BankError | None) -> str:
    """Return what to do first, if the same text would be refused again."""
    if error is not None and error.code == "stale-edit":
        return "merge the changes made meanwhile, then"
    return "correct the refused text, then" if error is not None and error.code in _TO_CHANGE else "continue with"


def _hold(text: TypedText) -> TypedText:
    if not _run.texts:
        _keep_at_the_end()
    _run.texts.append(text)
    return text


def _keep_at_the_end() -> None:
    """Keep typed text before a signal ends this program."""
    import signal

    from memorybank.errors import BankError

    def keep(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        with suppress(BankError, OSError, ValueError):
            tell_kept(settle(unread=False))
        os.kill(os.getpid(), number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        with suppress(ValueError, OSError):
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, keep)


@contextmanager
def _editor_alone() -> Iterator[None]:
    """Leave Ctrl-C to the editor while it runs."""
    import signal

    before = None
    with suppress(ValueError):
        # a function, not "ignore": an ignored signal stays ignored in the editor
        before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _again(path: Path, error: BankError | None) -> str:
    if error is not None and error.code == "usage":
        return f"the corrected command, and < {quoted(path)}"
    if error is not None and error.code == "role":
        # another role queues it as a note
        role = option_of(words(), "--role")
        return f"bank note - {f'--role {quoted(role)} ' if role else ''}< {quoted(path)}"
    if error is not None and error.code == "stale-edit":
        # the change made meanwhile must be seen before it is overwritten
        return f"bank {' '.join(map(quoted, words_without_digest()))} --expect {DIGEST} < {quoted(path)}"
    return f"bank {' '.join(map(quoted, _run.words))} < {quoted(path)}"


def _about() -> str:
    return "-".join(word for word in _run.words[:4] if word[:1] != "-")[:60] or "text"


def _home() -> Path:
    from memorybank.facade.caller import Caller

    return _run.home or Caller().home


def _let_go(text: TypedText) -> None:
    if text.path is not None:
        from memorybank.facade.terminal.kept_text import let_go

        let_go(text.path)


def _is_terminal() -> bool:
    try:
        return sys.stdin.isatty()
    except ValueError:
        return False


def _drain() -> None:
    """Read standard input for a command that was refused before it read it."""
    if "-" not in _run.words or _run.texts or _is_terminal() or os.name != "posix":
        return
    import select

    text = TypedText(_about(), _again)
    with suppress(OSError, ValueError):
        number = sys.stdin.fileno()
        while len(text.data) < TEXT_LIMIT and select.select([number], [], [], _PATIENCE)[0]:
            part = os.read(number, _CHUNK)
            if not part:
                break
            text.data += part
    if text.data:
        _run.texts.append(text)
