"""`bank load`: the memory files as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, report_all, say, tell
from memorybank.cli.width import columns, folded, table
from memorybank.errors import NoFileError
from memorybank.facade.face import Place
from memorybank.facade.loading import Loading
from memorybank.facade.terminal.visible import visible
from memorybank.ids import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.errors import BankError
    from memorybank.facade.loading import LoadedFile


@click.command("load")
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--for", "trigger", metavar="TRIGGER", help="What to read at this point in your work; 'list' prints all.")
@click.option("--stage", metavar="STAGE", help="understand, decompose, plan, implement, verify or review.")
@click.option("--mode", metavar="MODE", help="How much: rapid, standard or rigorous.")
@click.option("--budget-tokens", type=click.IntRange(1), metavar="N", help="Print at most N tokens (estimated).")
@click.option("--budget-chars", type=click.IntRange(1), metavar="N", help="Print at most N characters.")
@click.option("--query", metavar="TEXT", help="Choose records for this query, not only for the current focus.")
@click.option("--group", metavar="GROUP", help="Include messages of a group's sessions.")
@click.option("--session", metavar="ID", help="Include messages of this session instead of the current one.")
@click.option("--git", is_flag=True, help="Add branch, changed files, newest commits and tracked files.")
@click.option("--explain", is_flag=True, help="Show why each item is included, shortened or left out.")
@click.option("--mark", is_flag=True, help="Mark what was read whole, for bank gate.")
@click.option("--table", is_flag=True, help="Print what each stage and mode loads.")
@reads
def load_command(app: App, files: tuple[str, ...], trigger: str | None, *, mark: bool, **given: Any) -> int:
    """Print the memory files

    All three files, or the files and sections that you name. --for prints what to read at a point in your work, such
    as debug or plan.

    With --stage, --mode or a budget, prints what a stage of the work needs: items of the memory files, messages of the
    session, recent changes, records and architectural facts. The mode decides how much. Within a budget, items tagged
    #pinned and the section User Standards come first; the last line says how much is left out. [load] of bank.toml
    sets a default budget. --git loads in the same way, and adds what git says about the project.

    \b
    Examples:
      bank load
      bank load progress.md
      bank load --for decision
      bank load --for session-start --mark
      bank load --for list
      bank load --stage plan --budget-tokens 4000
      bank load --stage implement --mode rigorous --query "token rotation" --explain
      bank load --git
      bank load --table
    """
    if trigger == "list":
        _table(app)
        return 0
    if any(value is not None and value is not False for value in given.values()):
        from memorybank.cli.commands.everyday.load_stage import load_stage

        return load_stage(app, files, trigger or "", {**given, "mark": mark})
    if trigger:
        _check_trigger(trigger)
    # without --json only texts are printed: whole files need no parser, which halves the time
    loaded = app.face(Loading).load_files(files, trigger=trigger or "", sections=app.as_json, mark=mark)
    failed = [file.error for file in loaded.files if file.error is not None]
    if app.as_json:
        _refuse_errors(loaded.files, failed)
        _refuse_missing(app, loaded.files, is_moment=bool(trigger))
        answer(loaded)
        return report_all(failed, as_json=True)
    _print(loaded.files)
    _refuse_missing(app, loaded.files, is_moment=bool(trigger))
    if loaded.waiting_notes is not None:
        tell(str(loaded.waiting_notes))
    if loaded.waiting_corrections is not None:
        tell(str(loaded.waiting_corrections))
    return report_all(failed)


def _check_trigger(trigger: str) -> None:
    names = [each.name for each in Loading.triggers()]
    if chosen(trigger, names) in names:
        return
    from memorybank.facade.terminal.words import close_to

    close = close_to(trigger, names)
    advice = f"Did you mean {close[0]}?" if close else f"Choose from {', '.join(names)}."
    raise click.UsageError(f"There is no trigger {trigger!r}. {advice}")


def _refuse_errors(files: Sequence[LoadedFile], failed: list[BankError]) -> None:
    """Refuse to answer in JSON with nothing but errors: one error is the answer, with the others in it.

    Raises:
        BankError: no file could be read.
    """
    if failed and len(failed) == len(files):
        failed[0].details["also"] = [each.to_wire() for each in failed[1:]]
        raise failed[0]


def _refuse_missing(app: App, files: Sequence[LoadedFile], *, is_moment: bool) -> None:
    """Refuse to answer with nothing but missing files.

    Raises:
        NoFileError: all files are missing.
    """
    bank = app.face(Place)
    if all(file.missing for file in files) and (bank.is_contracted or not is_moment):
        raise NoFileError(path=files[0].file if files else str(bank.path), hint=bank.init_command)


def _print(files: tuple[LoadedFile, ...]) -> None:
    for each in files:
        if each.error is not None:
            continue
        if each.missing:
            if "#" in each.address:
                tell(f"{each.address} does not exist yet; the first note creates it")
            else:
                verb = "restores it" if each.remedy.startswith("bank restore") else "creates it"
                tell(f"{each.file} does not exist; {each.remedy} {verb}")
            continue
        say(f"=== {each.address} @{each.digest}", bold=True)
        text = "\n".join(folded(visible(each.text), columns()))
        click.echo(text, nl=not text.endswith("\n"))


def _table(app: App) -> None:
    triggers = Loading.triggers()
    if app.as_json:
        answer(triggers)
        return
    rows = [(each.name, "always" if each.always else "", ", ".join(each.reads), each.why) for each in triggers]
    for lines in table(rows, columns()):
        for line in lines:
            say(line, whole=True)
