"""What all commands share: options, the bank they use, and how they write."""

from __future__ import annotations

import os
import sys
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from memorybank.cli import typed_text as typed
from memorybank.cli.output import tell
from memorybank.cli.text_command import read_dashes
from memorybank.errors import NoBankError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.facade.caller import Caller
    from memorybank.facade.face import Face
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.recover import Recovery

FaceT = TypeVar("FaceT", bound="Face")


# what talks to a program, sets things up, or syncs itself
_NO_SYNC = (["sync"], ["hook"], ["mcp"], ["config"], ["install"], ["uninstall"], ["trust"], ["completion"])


class App:
    """One run of a command: its bank and its global options."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.named: str | None = options.get("bank")
        if options.get("users_own"):
            if self.named:
                raise click.UsageError("--bank and --global both name a bank; use one of them.")
            self.named = str(self.home)
            # only once: a subcommand gets these options again
            options = options | {"users_own": False}
        self.as_json = bool(options.get("as_json"))
        self.options = options
        # "" if the words alone do not determine what is written
        self.request: str = options.get("request") or ""
        self.settled: list[Recovery] = []
        self._bank: BankFolder | None = None

    @property
    def _folder(self) -> BankFolder:
        """The bank to use; for a command that writes, an operation that a crash interrupted is settled first.

        Raises:
            NoBankError: no bank was found.
            AlreadyDone: the interrupted operation was this same command, and it is complete.
        """
        if self._bank is None:
            from memorybank.facade.terminal.opening import open_folder

            self._bank = open_folder(self.here, named=self.named, environ=os.environ)
            typed.use(self._bank, self.home)
            if self.options.get("dry_run") is False:
                self._settle(self._bank)
        return self._bank

    def _settle(self, bank: BankFolder) -> None:
        from memorybank.facade.terminal.opening import done_before, settle

        self.settled = settle(bank)
        mine = done_before(bank, self.request)
        for each in self.settled:
            receipt = each.operation.receipt
            if mine is not None and receipt.operation == mine.operation:
                continue
            if each.state == "torn":
                text = "was interrupted, and its files were edited since; bank check lists them"
            elif each.is_changed:
                text = (
                    "was interrupted and is now completed"
                    if each.state == "done"
                    else "was interrupted and is now reverted"
                )
            else:
                continue
            tell(f"{receipt.operation} ({receipt.verb}) {text}")
        if mine is not None:
            raise AlreadyDone(bank, mine)

    @property
    def here(self) -> Path:
        """The current folder; if it was deleted, the folder of the bank that is named.

        Raises:
            NoBankError: it was deleted, and no bank is named by an absolute path.
        """
        try:
            return Path.cwd()
        except OSError as error:
            named = Path(self.named or os.environ.get("MEMORYBANK_DIR") or "").expanduser()
            if named.is_absolute():
                return named
            if os.environ.get("MEMORYBANK_NAMESPACE") and not self.named:
                return self.home
            raise no_folder() from error

    def face(self, part: type[FaceT]) -> FaceT:
        """Return a part of the facade for the bank; it writes with the options of this command.

        A part and not the whole `Bank`, so that a command imports only what it uses.

        Raises:
            NoBankError: no bank was found.
            AlreadyDone: the interrupted operation was this same command, and it is complete.
        """
        return part(self._folder, self.caller())

    def caller(self, *, makes_bank: bool = False) -> Caller:
        """Return who calls and how it writes; a command that makes a bank passes the folder itself."""
        from memorybank.facade.caller import Caller

        typed.use(self._bank, self.home, dry_run=self.dry_run)
        return Caller(
            folder=None if makes_bank else self.here,
            timeout=float(self.options.get("timeout") or 0.0) if "timeout" in self.options else 10.0,
            dry_run=self.dry_run,
            force=bool(self.options.get("force_replace")),
            accept_shrunk=bool(self.options.get("accept_shrunk")),
            allow_secrets=tuple(self.options.get("allow_secret") or ()),
            role=self.options.get("taken_role") or "",
            request=self.request,
            tool="cli",
            settles=False,
            on_wait=tell,
            on_done=typed.wrote,
        )

    def sync_after(self, command: str) -> None:
        """Sync with the team's hub after the command's answer, where the settings ask for it and it is time."""
        if self._bank is None or self.dry_run or command.split()[1:2] in _NO_SYNC:
            return
        from memorybank.facade.terminal.opening import sync_if_due, syncs_by_itself

        if syncs_by_itself(self._bank, os.environ):
            sys.stdout.flush()
            line = sync_if_due(self._bank, self.caller())
            if line:
                tell(line)

    @property
    def dry_run(self) -> bool:
        """Whether this is a dry run."""
        return bool(self.options.get("dry_run"))

    def confirm(self, question: str) -> None:
        """Ask for confirmation; a dry run does not ask.

        Raises:
            click.Abort: the answer was no.
            click.UsageError: there is no terminal to ask at.
        """
        if self.options.get("dry_run"):
            return
        silent = "This needs a confirmation, and there is no terminal to ask at; add --yes."
        if self.as_json:
            raise click.UsageError(silent)
        try:
            click.confirm(question, abort=True, err=True)
        except click.Abort:
            if sys.stdin.isatty():
                raise
            raise click.UsageError(silent) from None

    @property
    def home(self) -> Path:
        """The user's own folder, see `Caller.home`."""
        from memorybank.facade.caller import Caller

        return Caller().home


def no_folder() -> NoBankError:
    """Return the error for a command that is run in a deleted folder."""
    why = "the current folder was deleted, so no bank can be found from it"
    return NoBankError(start=".", why=why, hint="cd to a folder that exists, or add --bank /path/to/project")


class AlreadyDone(Exception):  # noqa: N818 - not an error: the command has nothing left to do
    """A crash ended this same command after it had written everything."""

    def __init__(self, bank: BankFolder, receipt: Receipt) -> None:
        super().__init__(receipt.operation)
        self.bank = bank
        self.receipt = receipt

    def show(self, *, as_json: bool) -> None:
        """Print the receipt of the interrupted command; the same words are another command after that."""
        from memorybank.cli.output import answer, show_receipt
        from memorybank.facade.terminal.opening import answered

        if as_json:
            answer({"already_done": True, "receipt": self.receipt})
        else:
            tell("already done: the command was interrupted after it had written everything")
            show_receipt(self.receipt, as_json=False)
        answered(self.bank, self.receipt.operation)


# commands that do something else when repeated, or whose text is typed while they run
_NEVER_THE_SAME = frozenset({"open", "prove", "verify"})


def request_of(words: Sequence[str]) -> str:
    """Return an id of the command: the same if the same tool types it again; "" if the words are not all of it."""
    typed = [word for word in words if word != "--json"]
    in_editor = typed[:1] == ["edit"] and not any(each.startswith("--") and each != "--expect" for each in typed)
    if not typed or "-" in typed or in_editor or typed[0] in _NEVER_THE_SAME:
        return ""
    from memorybank.facade.terminal.opening import request_digest

    return request_digest(typed, os.environ)


def _digest(_context: click.Context, _param: click.Parameter, value: str | None) -> str:
    if value is None:
        return ""
    from memorybank.facade.terminal.words import is_digest

    if not is_digest(value):
        # above all an empty shell variable, which must not mean "no check"
        raise click.BadParameter(f"{value!r} is not a digest; bank show ADDRESS prints it.")
    return value


def _rules(_context: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if value:
        from memorybank.facade.terminal.words import close_to, secret_rules

        names = secret_rules()
        for each in value:
            if each not in names:
                close = close_to(each, names)
                advice = f"Did you mean {' or '.join(close)}?" if close else f"Choose from {', '.join(names)}."
                raise click.BadParameter(f"There is no rule {each!r}. {advice}")
    return value


expects = click.option(
    "--expect", callback=_digest, metavar="DIGEST", help="Refuse if the section no longer has this digest."
)

_READ = (
    click.option("--bank", metavar="DIR", help="Use the bank in DIR, or of the project in DIR."),
    click.option("--global", "users_own", is_flag=True, help="Use your global bank instead of a project's."),
    click.option("--json", "as_json", is_flag=True, help="Answer in JSON."),
)
_WRITE = (
    click.option(
        "--allow-secret",
        multiple=True,
        callback=_rules,
        metavar="RULE",
        help="Ignore this secret rule (a false positive).",
    ),
    click.option("--accept-shrunk", is_flag=True, help="Write even if a file lost much of its text."),
    click.option("--role", "taken_role", metavar="ROLE", help="Act as write-agent or read-only: notes are queued."),
    click.option("--dry-run", is_flag=True, help="Show the diff and write nothing."),
    click.option(
        "--timeout",
        type=click.FloatRange(0, 3600),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="Wait this long for another writer (at most 3600).",
    ),
)


# options that select one of several; omitted they mean the last, the current one, or all
_NAMING = frozenset({"bank", "group", "ident", "name", "operation", "session", "sessions", "to"})


def refuse_empty(context: click.Context) -> None:
    """Refuse an empty name: an unset shell variable must not select the default.

    Raises:
        click.UsageError: a name is empty.
    """
    for param in context.command.params:
        value = context.params.get(param.name or "")
        empty = "" in value if isinstance(value, tuple) else isinstance(value, str) and not value.strip()
        source = context.get_parameter_source(param.name or "")
        if param.name in _NAMING and empty and source is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{param.get_error_hint(context)} is empty: name one, or omit it.", context)


def reads(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of commands that read; the command gets an `App` as its first argument."""
    return _with(function, _READ)


def writes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of commands that write; the command gets an `App` as its first argument."""
    return _with(function, _READ + _WRITE)


def _with(function: Callable[..., Any], options: tuple[Any, ...]) -> Callable[..., Any]:
    @click.pass_context
    def run(context: click.Context, /, **given: Any) -> Any:
        refuse_empty(context)
        outer = context.obj or {}
        shared = {
            "bank": given.pop("bank") or outer.get("bank"),
            "as_json": given.pop("as_json") or outer.get("json"),
            "users_own": given.pop("users_own") or outer.get("users_own"),
        }
        for name in ("dry_run", "timeout", "force_replace", "accept_shrunk", "allow_secret", "taken_role"):
            if name in given:
                shared[name] = given.pop(name)
        if shared.get("dry_run") is False:
            shared["request"] = request_of(outer.get("words") or ())
        app = App(shared)
        read_dashes(context.command, given)
        try:
            result = function(app, **given)
        except AlreadyDone as done:
            done.show(as_json=app.as_json)
            return None
        app.sync_after(context.command_path)
        return result

    wrapped: Callable[..., Any] = update_wrapper(run, function)
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def text_from(words: str | None, *, what: str = "TEXT") -> str:
    """Return the text of an argument, or standard input for `-`.

    Raises:
        click.UsageError: the argument is missing.
    """
    if words is None:
        raise click.UsageError(f"{what} is missing: pass it, or - for standard input.")
    if words != "-":
        return words
    return typed.read_input().decode("utf-8", "surrogateescape")


def words_of(value: str | None) -> list[str]:
    """Return the words of a comma-separated list."""
    return [word.strip() for word in (value or "").split(",") if word.strip()]


def all_words(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """Return the words of an option that can be repeated, each time with a comma-separated list."""
    return [word for value in values for word in words_of(value)]


def _tags_given(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """Return the tags of a filter; an empty one is an error, because without a filter everything is meant."""
    tags = all_words(context, option, values)
    if values and not tags:
        raise click.BadParameter("there is no tag in it; leave the option out for all tags.", context, option)
    return tags


def tag_filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose by tags, with one meaning everywhere: all of `tags`, and one of `any_tags`."""
    all_of = click.option(
        "--tag", "tags", multiple=True, metavar="TAG", callback=_tags_given, help="With this tag; repeated: with all."
    )
    any_of = click.option(
        "--any-tag",
        "--tags",
        "any_tags",
        multiple=True,
        metavar="A,B",
        callback=_tags_given,
        help="With at least one of these tags; can be repeated.",
    )
    return all_of(any_of(function))
