"""The entry point: a group that imports a command when it is run, and the boundary where errors become words."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import click

from memorybank.cli import typed_text as typed
from memorybank.cli.help_page import BankContext, with_context
from memorybank.cli.output import report_error, show_usage, tell
from memorybank.errors import BankError, ConfigError
from memorybank.shell import end_of_options

# group -> command -> the file of `cli/commands/` it lives in, and its line of help: listing commands imports none
GROUPS = {
    "Everyday": {
        "init": ("upkeep.init", "Make a bank in a project"),
        "load": ("everyday.load", "Print the memory files"),
        "note": ("everyday.note", "Add one line to the section of its kind"),
        "focus": ("everyday.note", "Set the current focus"),
        "task": ("everyday.task", "Add, finish, change and list tasks"),
        "show": ("everyday.show", "Print one section and its digest"),
        "search": ("search.search", "Search the bank"),
        "decide": ("records.decide", "Record a decision"),
        "undo": ("edit.history", "Undo an operation"),
        "status": ("everyday.show", "Show the bank's place and state"),
    },
    "Edit": {
        "edit": ("edit.edit", "Change one section, or a whole file"),
        "item": ("edit.item", "Change one list item"),
        "set": ("everyday.note", "Set a front-matter field (YAML at the top)"),
        "outline": ("everyday.show", "List the sections of a file"),
        "plan": ("edit.plan", "Start, list and show plans in docs/plans"),
        "design": ("edit.plan", "Start, list and show design documents"),
        "research": ("edit.plan", "Start, list and show research files"),
        "history": ("edit.history", "List operations"),
        "diff": ("edit.history", "Show what an operation changed"),
        "redo": ("edit.history", "Redo what was undone"),
        "restore": ("edit.history", "Restore a file's text"),
        "blame": ("edit.history", "Show which operation wrote each line"),
    },
    "Records": {
        "save": ("records.memory", "Save a memory"),
        "recall": ("records.memory", "Print one record"),
        "list": ("records.memory", "List memories"),
        "update": ("records.memory", "Change a memory"),
        "delete": ("records.memory", "Move a memory to the archive"),
        "supersede": ("records.relations", "Replace one record with another"),
        "deprecate": ("records.relations", "Mark a record as outdated"),
        "link": ("records.relations", "Link two records"),
        "lineage": ("records.relations", "Show what a record replaced and what followed it"),
        "learn": ("records.decide", "Record a lesson"),
        "bug": ("records.bug", "Report, fix and list bugs"),
        "paf": ("records.paf", "Keep permanent architectural facts (PAFs)"),
        "corrections": ("corrections.group", "Find, decide on and load what users corrected"),
        "log": ("records.log", "Add to the development log, or read it"),
        "tags": ("records.tags", "Count the tags, or rename one everywhere"),
        "types": ("records.types", "List the types of records"),
        "artifact": ("records.artifact", "Copy a file into the bank"),
        "open": ("records.tags", "Edit a record in your editor"),
    },
    "Sessions": {
        "session": ("sessions.session", "Start, end and read sessions"),
        "sessions": ("sessions.listing", "List the sessions"),
        "group": ("sessions.group", "Group the sessions of one goal"),
    },
    "Work in progress": {
        "workflow": ("work.workflow", "Run a workflow from start to finish"),
        "gate": ("work.gate", "Check whether a stage may begin"),
        "wrap-up": ("work.gate", "Check what is left to write at the end"),
        "handoff": ("work.gate", "Print a summary for whoever continues"),
        "hydrate": ("work.hydrate", "Print the open tasks for an agent's task tool"),
        "notes": ("work.notes", "Review and apply notes queued by agents"),
        "checkpoint": ("work.checkpoint", "Record the current state of the work"),
        "summary": ("work.summary", "Show or set what the project is"),
    },
    "Evidence": {
        "prove": ("evidence.prove", "Run a command and record what it proves"),
        "verify": ("evidence.prove", "Check which evidence still holds"),
        "promote": ("evidence.ladder", "Move a line up: pattern, document, proven"),
        "demote": ("evidence.ladder", "Mark a pattern as wrong"),
        "trust": ("upkeep.trust", "Approve the commands that a bank declares"),
        "eval": ("evidence.evaluate", "Measure what corrections are worth"),
    },
    "Search and load": {
        "skills": ("search.skills", "List the skills of the project"),
        "headings": ("search.search", "Find a heading"),
        "index": ("search.search", "Update or rebuild the search index"),
    },
    "Upkeep": {
        "check": ("upkeep.check", "Check the files against their contracts"),
        "doctor": ("upkeep.hygiene", "Check locks, journal, index and git set-up"),
        "review": ("upkeep.hygiene", "List what is due for a weekly or quarterly review"),
        "rotate": ("upkeep.hygiene", "Move lines over a section's limit to the archive"),
        "unarchive": ("upkeep.hygiene", "Bring archived lines of a section back"),
        "cleanup": ("records.tags", "Move old memories to the archive"),
        "migrate": ("upkeep.init", "Bring an older bank to the current sections"),
        "banks": ("upkeep.banks", "List the banks this machine has seen"),
        "completion": ("upkeep.shell", "Print the completion script of a shell"),
        "tour": ("upkeep.tour", "See the main commands work in a temporary folder"),
        "help": ("upkeep.shell", "Print the help page of a command"),
        "version": ("upkeep.shell", "Print the version"),
    },
    "Team": {
        "merge": ("team.merge", "Settle merges of the bank's files"),
        "merge-driver": ("team.merge_driver", "Merge one file for git"),
        "sync": ("team.hub", "Sync with the team's hub, a Postgres database"),
        "confirm": ("team.confirm", "Confirm that something is still true"),
        "onboard": ("team.onboard", "Introduce a new member in five days"),
        "report": ("team.report", "Report on the memory as a page of Markdown"),
        "adopt-from": ("team.adopt", "Bring the files of another bank over"),
        "bundle": ("team.bundle", "Bring the memory to another machine as one file"),
    },
    "Agents": {
        "install": ("agents.install", "Set up a client of agents for this bank"),
        "uninstall": ("agents.install", "Take out what install wrote"),
        "mcp": ("agents.mcp", "Serve the bank to agents' programs"),
        "config": ("agents.config", "Read and change settings"),
        "audit": ("agents.audit", "List the calls of agents"),
        "hook": ("agents.hook", "Answer an event of a client"),
    },
    "Other tools": {
        "export": ("other_tools.exchange", "Write the memory as another tool's files"),
        "import": ("other_tools.exchange", "Read another tool's memory"),
    },
}
COMMANDS = {name: place for group in GROUPS.values() for name, place in group.items()}
BUG = 70
# a shell that asks for completions sets it
COMPLETION = "_BANK_COMPLETE"
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose commands are imported one by one, when they are used."""

    context_class = BankContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names of the commands in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Import the file of a command and return the command."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"memorybank.cli.commands.{COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return with_context(command) if isinstance(command, click.Command) else None

    def lines(self) -> list[tuple[str, str]]:
        """Return the commands with their lines of help."""
        return [(name, text) for commands in GROUPS.values() for name, (_, text) in commands.items()]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """List the commands without importing them."""
        width = max(map(len, COMMANDS))
        for group, commands in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(name.ljust(width), text) for name, (_, text) in commands.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command for its name or another name of it.

        Raises:
            click.UsageError: the name is unknown; the closest ones are listed.
        """
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from memorybank.cli.other_names import resolved

            args = resolved(args, list(COMMANDS))
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
    if value:
        from memorybank import __version__

        words = (ctx.obj or {}).get("words", ())
        if "--json" in words[: end_of_options(words)]:
            from memorybank.cli.output import answer

            answer({"version": __version__})
        else:
            click.echo(f"bank {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
@click.option("--bank", metavar="DIR", help="Use the bank in DIR, or of the project in DIR.")
@click.option("--global", "users_own", is_flag=True, help="Use your global bank instead of a project's.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def cli(ctx: click.Context, bank: str | None, *, users_own: bool, as_json: bool) -> None:
    """Keep a project's memory in Markdown, edited safely by people and agents.

    \b
    Examples:
      bank init
      bank load
      bank note "WAL mode needs a local disk" --as gotcha
      bank show activeContext.md#Decisions
      bank undo
    """
    if bank is not None and not bank.strip():
        raise click.UsageError("'--bank' is empty: name a bank, or omit the option.", ctx)
    ctx.obj = {**(ctx.obj or {}), "bank": bank, "json": as_json, "users_own": users_own}


def run(words: list[str]) -> int:
    """Run one command line and return its exit status; never raises."""
    as_json = "--json" in words[: end_of_options(words)]
    typed.begin(words)
    if os.environ.get(COMPLETION):
        return _complete(os.environ[COMPLETION])
    try:
        _open_streams()
        try:
            # bytes that are not UTF-8, in a file or its name, must not stop an answer
            for stream in (sys.stdout, sys.stderr):
                if hasattr(stream, "reconfigure"):
                    stream.reconfigure(encoding="utf-8", errors="backslashreplace")
            color = False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
            result = cli.main(words, prog_name="bank", standalone_mode=False, color=color, obj={"words": tuple(words)})
            sys.stdout.flush()
        except click.ClickException as error:
            from memorybank.cli.other_names import advised

            error = advised(error)
            usage = _UsageError(error)
            kept = typed.settle(usage)
            if as_json:
                report_error(usage, as_json=True)
            show_usage(error)
            typed.tell_kept(kept, usage)
            return error.exit_code
        except click.exceptions.Exit as done:
            return done.exit_code
        except (BankError, OSError, ImportError) as error:
            return _refused(_refusal_of(error), as_json=as_json)
        status = result if isinstance(result, int) else 0
        typed.tell_kept(typed.settle() if status else typed.close(), failed=False)
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted")
        typed.tell_kept(typed.settle(unread=False))
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # the reader closed the pipe; click raises SystemExit for the same
        _quiet(sys.stdout)
        typed.tell_kept(typed.settle() if not typed.written() else typed.close(), failed=False)
        return 0
    except OSError as error:
        _quiet(sys.stdout)
        return _print_failed(error)
    except Exception as error:  # noqa: BLE001  the boundary: a bug of ours becomes a file with its traceback
        return _bug(error, as_json=as_json)
    return status


def _complete(asked: str) -> int:
    """Answer a shell, such as `bash_complete`; in the middle of a line nobody wants to read an error."""
    try:
        from memorybank.cli.completion import answer_shell

        return answer_shell(cli, asked, COMPLETION)
    except Exception:  # noqa: BLE001  an error completes nothing
        return 1


def _refused(refusal: BankError, *, as_json: bool) -> int:
    """Report an error, and keep what was typed."""
    from memorybank.cli.next_command import next_command

    refusal.hint = next_command(refusal, _verbs(typed.words()))
    kept = typed.settle(refusal)
    report_error(refusal, as_json=as_json)
    if not as_json:
        typed.tell_kept(kept, refusal)
    return refusal.exit_status


def _verbs(words: list[str]) -> int:
    """Return how many words of a command line are before the first one that is not its command's name."""
    at = next((at for at, word in enumerate(words) if word in COMMANDS), -1)
    if at < 0:
        # another name of a command
        return 1
    found = cli.get_command(click.Context(cli), words[at])
    return at + (2 if isinstance(found, click.Group) and words[at + 1 : at + 2] else 1)


def _open_streams() -> None:
    """Open an empty stream in place of a closed one; otherwise a file would get its number."""
    import io

    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDONLY)
            setattr(sys, name, io.TextIOWrapper(io.BytesIO(), "utf-8"))


def _refusal_of(error: BankError | OSError | ImportError) -> BankError:
    if isinstance(error, BankError):
        return error
    if isinstance(error, ImportError):
        # commands import what they need when they need it, and a disk can fail then as well
        return ConfigError(path="memorybank", why=f"{error.msg}; a part of it is missing", hint="install it again")
    if error.filename is None:
        if error.errno == errno.ENOENT and not _folder_is_there():
            from memorybank.cli.options import no_folder

            return no_folder()
        # not about a file: the answer could not be printed
        raise error
    from memorybank.facade.terminal.kept_text import error_of

    return error_of(os.fsdecode(error.filename), error)


class _UsageError(BankError):
    code = "usage"
    exit_status = 2

    def __init__(self, error: click.ClickException) -> None:
        context = error.ctx if isinstance(error, click.UsageError) else None
        super().__init__(error.format_message(), hint=f"{context.command_path if context else 'bank'} -h")


def _quiet(stream: Any) -> None:
    """Detach a broken stream; otherwise Python reports it again at exit."""
    try:
        stream.close()
    except OSError:
        return


def _folder_is_there() -> bool:
    try:
        os.getcwd()  # noqa: PTH109  only whether there is one
    except OSError:
        return False
    return True


def _print_failed(error: OSError) -> int:
    """Report that the answer could not be printed. A change that was written gets status 0: a retry would repeat it."""
    why = f"the answer could not be printed: {error.strerror or error}"
    if typed.written():
        typed.close()
        tell(f"warning: {why}; the change is written, do not repeat it: {', '.join(typed.written())}")
        return 0
    kept = typed.settle()
    tell(f"error: {why}")
    typed.tell_kept(kept)
    return 7


def _bug(error: Exception, *, as_json: bool) -> int:
    import traceback

    from memorybank.facade.terminal.kept_text import write_report

    text = "".join(traceback.format_exception(error))
    try:
        where = str(write_report(text))
    except BankError:
        where = "(it could not be written)"
        sys.stderr.write(text)
    said = f"this is a bug in bank: {type(error).__name__}: {error}"
    return _refused(_BugError(said, hint=f"report it with {where}", where=where), as_json=as_json)


class _BugError(BankError):
    code = "bug"
    exit_status = BUG
