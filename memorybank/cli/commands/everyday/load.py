"""`bank load`: the memory files as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, report_all, say, tell, visible
from memorybank.document.source import Source
from memorybank.errors import BankError, NoFileError
from memorybank.files.read import read, resolve
from memorybank.workflow.notes.queue_status import wait_of

if TYPE_CHECKING:
    from memorybank.document.sections import Document


@click.command("load")
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--for", "trigger", metavar="TRIGGER", help="What to read at this moment; 'list' prints the table.")
@click.option("--stage", metavar="STAGE", help="understand, decompose, plan, implement, verify or review.")
@click.option("--mode", metavar="MODE", help="rapid, standard or rigorous: how much.")
@click.option("--budget-tokens", type=int, metavar="N", help="Of at most so many tokens, as they are estimated.")
@click.option("--budget-chars", type=int, metavar="N", help="Of at most so many characters.")
@click.option("--query", metavar="TEXT", help="Records for this, rather than for the current focus alone.")
@click.option("--group", metavar="GROUP", help="What was said in the sessions of a group.")
@click.option("--session", metavar="ID", help="What was said in this session, not the current one.")
@click.option("--explain", is_flag=True, help="Say of each item why it is there, shortened or left out.")
@click.option("--mark", is_flag=True, help="Note that this session has read it, for bank gate.")
@click.option("--table", is_flag=True, help="Print what each stage and mode loads.")
@reads
def load_command(app: App, files: tuple[str, ...], trigger: str | None, *, mark: bool, **given: Any) -> int:
    """Print the memory files

    All three without arguments; some of them, or single sections, when named, or when a moment of the work is named
    with --for.

    With any of the other options, what a stage of the work needs: the contracts item by item, and with them messages
    of the session, what is recent, records and architectural facts, as much as the mode says. Within a budget, what
    is pinned and the User Standards come first; what did not fit is told, with the command that prints it.

    \b
    Examples:
      bank load
      bank load progress.md
      bank load --for decision
      bank load --for session-start --mark
      bank load --for list
      bank load --stage plan --budget-tokens 4000
      bank load --stage implement --mode rigorous --query "token rotation" --explain
      bank load --table
    """
    if trigger == "list":
        _table(app)
        return 0
    if any(value is not None and value is not False for value in given.values()):
        from memorybank.cli.commands.everyday.load_stage import load_stage

        return load_stage(app, files, trigger or "", given)
    bank = app.bank
    wanted = files or (_reads_of(trigger) if trigger else bank.main_files)
    parts: list[dict[str, Any]] = []
    failed: list[BankError] = []
    for address in wanted:
        try:
            parts.append(_part(app, address))
        except BankError as error:
            if trigger and _is_unmade(app, error):
                parts.append({"file": error.where.partition("#")[0], "address": error.where, "missing": True})
                continue
            if len(wanted) == 1:
                raise
            # one file that cannot be read hides nothing of the others
            from memorybank.document.addresses import parse_address

            failed.append(error)
            parts.append({"file": parse_address(address).file, "address": address, "error": error.to_wire()})
    if mark:
        _mark(app, parts)
    wait = wait_of(bank)
    if app.as_json:
        answer({"bank": str(bank.folder), "layout": bank.layout.name, "files": parts, "waiting_notes": wait})
        return report_all(failed, as_json=True)
    _print(app, parts, is_moment=bool(trigger))
    if wait is not None:
        tell(str(wait))
    return report_all(failed)


def _is_unmade(app: App, error: BankError) -> bool:
    """Tell whether a bank of another tool has not, or not yet, what is to be read at a moment."""
    from memorybank.errors import NoAnchorError

    return not app.bank.layout.contracted and isinstance(error, NoAnchorError | NoFileError)


def _mark(app: App, parts: list[dict[str, Any]]) -> None:
    from memorybank.workflow.gate import mark_reads

    mark_reads(app.bank, [(each["address"], each["digest"]) for each in parts if "digest" in each], app.way())


def _print(app: App, parts: list[dict[str, Any]], *, is_moment: bool) -> None:
    for part in parts:
        if "error" in part:
            continue
        if "missing" in part:
            if "#" in part["address"]:
                tell(f"{part['address']} is not there; the first note makes it")
            else:
                tell(f"{part['file']} is not there; {_way_back(app, part['file'])}")
            continue
        say(f"=== {part['address']} @{part['digest']}", bold=True)
        text = visible(part["text"])
        click.echo(text, nl=not text.endswith("\n"))
    if all("missing" in part for part in parts) and (app.bank.layout.contracted or not is_moment):
        path = parts[0]["file"] if parts else str(app.bank.folder)
        raise NoFileError(path=path, hint=app.bank.init_command)


def _way_back(app: App, file: str) -> str:
    from memorybank.shell import quoted
    from memorybank.store.manage.lost_text import find_lost

    if find_lost(app.bank, file, None) is not None:
        return f"bank restore {quoted(file)} brings it back"
    return f"{app.bank.init_command} makes it"


def _reads_of(trigger: str) -> tuple[str, ...]:
    from memorybank.contracts.read_triggers import TRIGGERS

    for each in TRIGGERS:
        if each.name == trigger:
            return each.reads
    from memorybank.document.addresses import near

    names = [each.name for each in TRIGGERS]
    close = near(trigger, names)
    raise click.UsageError(
        f"There is no trigger {trigger!r}. "
        + (f"Did you mean {close[0]}?" if close else f"They are {', '.join(names)}.")
    )


def _table(app: App) -> None:
    from memorybank.contracts.read_triggers import TRIGGERS

    if app.as_json:
        answer({"triggers": TRIGGERS})
        return
    for each in TRIGGERS:
        say(f"{each.name:16}{'always' if each.always else '':8}{', '.join(each.reads):60} {each.why}")


def _part(app: App, text: str) -> dict[str, Any]:
    file, section = text, ""
    if "#" in text or not app.bank.layout.contracted:
        from memorybank.store.view import address_in

        file, section, _ = address_in(app.bank, text)
    path, name = app.bank.locate(file)
    try:
        source = Source(read(resolve(path, app.bank.roots)))
    except NoFileError:
        if section or file not in app.bank.main_files:
            app.bank.existing(file)
            raise
        return {"file": name, "address": name, "missing": True}
    if not section and not app.as_json:
        # the whole file needs no parser, and starts in half the time
        return {"file": name, "address": name, "digest": source.digest, "text": source.text}
    from memorybank.document.addresses import address_of, resolve_section
    from memorybank.document.sections import outline

    contract = app.bank.contract_of(name)
    document = outline(source, name, contract=contract is not None)
    if not section:
        sections = _sections(document)
        return {
            "file": name,
            "address": name,
            "digest": source.digest,
            "text": source.text,
            "sections": sections,
        }
    spec = contract.spec_of(section) if contract else None
    found = resolve_section(document, section, aliases=(spec.name, *spec.other_names) if spec else ())
    body = document.source.text[found.start : found.end]
    address = str(address_of(document, found))
    return {"file": name, "address": address, "digest": document.digest_of(found), "text": body}


def _sections(document: Document) -> list[dict[str, Any]]:
    from memorybank.document.addresses import address_of

    return [
        {"address": str(address_of(document, each)), "digest": document.digest_of(each)}
        for each in document.sections[1:]
    ]
