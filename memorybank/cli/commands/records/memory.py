"""`bank save`, `recall`, `list`, `update`, `delete`: memories, one Markdown file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, expects, reads, tag_filters, text_from, words_of, writes
from memorybank.cli.output import answer, say, say_body, say_undo, show_receipt, tell, tell_rest, tell_waiting
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.memories import Memories
from memorybank.facade.terminal.visible import in_one_line
from memorybank.facade.values import parse_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.facade.memories import RecordList
    from memorybank.records.find import BrokenRecord
    from memorybank.records.memories.memories import SavedRecord
    from memorybank.records.memories.other_banks import RecordPlace
    from memorybank.records.record import Record


def _sections(pairs: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r} is not NAME=TEXT.")
        found.append((name.strip(), text))
    return found


@click.command("save", cls=TextCommand)
@text_words("content", metavar="[CONTENT]...", required=False)
@click.option(
    "--type", "kind", default="fact", show_default=True, metavar="TYPE", help="Type of the memory; see bank types."
)
@click.option("--tags", metavar="A,B", help="Lower-case words joined by hyphens.")
@click.option("--title", type=TEXT, metavar="TITLE", help="Heading of the memory.")
@click.option("--summary", type=TEXT, metavar="TEXT", help="Summary in one line, shown in lists.")
@click.option("--project", metavar="NAME", help="The project it belongs to.")
@click.option("--status", metavar="STATUS", help="Status; by default the first of its type.")
@click.option("--metadata", multiple=True, metavar="K=V", help="Extra value; JSON if it is valid JSON, else text.")
@click.option("--field", multiple=True, metavar="K=V", help="A field that the type declares.")
@click.option("--link", multiple=True, metavar="[REL:]ID", help="A related record: supersedes:ID, caused-by:ID, …")
@click.option("--section", multiple=True, type=TEXT, metavar="NAME=TEXT", help="One of the type's sections.")
@click.option("--source-tool", default="", metavar="NAME", help="The tool it comes from; detected by default.")
@click.option("--source-repo", default="", metavar="NAME", help="The repository it comes from; by default this one.")
@writes
def save_command(
    app: App,
    content: str | None,
    kind: str,
    tags: str | None,
    title: str | None,
    summary: str | None,
    project: str | None,
    status: str | None,
    metadata: tuple[str, ...],
    field: tuple[str, ...],
    link: tuple[str, ...],
    section: tuple[str, ...],
    source_tool: str,
    source_repo: str,
) -> None:
    """Save a memory

    Writes a Markdown file with front matter to memories/TYPE. If CONTENT is -, standard input is read.

    \b
    Examples:
      bank save "This project uses Python 3.11 with FastAPI" --type fact --tags python,fastapi,stack
      bank save - --type code --tags retry --title "Retry with backoff" < retry.md
      bank save --type error --title "CORS preflight" --section "Symptom=403" --section "Solution=Max-Age header"
    """
    if content is None and not section:
        text_from(None, what="CONTENT")
    saved = app.face(Memories).save(
        text_from(content) if content is not None else "",
        type=kind,
        tags=words_of(tags),
        title=title or "",
        summary=summary or "",
        project=project or "",
        status=status or "",
        metadata=parse_pairs(metadata),
        fields=parse_pairs(field, "--field"),
        links=link,
        sections=_sections(section),
        source_tool=source_tool,
        source_repo=source_repo,
    )
    show_written(app, saved, "saved")


def show_written(app: App, saved: SavedRecord, done: str) -> None:
    """Print what a write of a record did."""
    if app.as_json:
        answer(saved)
        return
    if saved.receipt.dry_run or not saved.receipt.operation:
        show_receipt(saved.receipt, as_json=False)
        return
    record = saved.record
    say(f"{done}: {record.id}  [{record.type}] {record.title}", hang=2, fg="green")
    for former in record.linked("supersedes"):
        say(f"  supersedes {former}", whole=True)
    for each in saved.receipt.superseded:
        if each.kind != "record":
            place = f"{each.ident} in {each.address}" if each.ident else each.address
            say(f"  supersedes {place}: {in_one_line(each.text)}", whole=True)
    for change in saved.receipt.files:
        say(f"  {change.file}", whole=True)
    tell_waiting(saved.receipt)
    say_undo(saved.receipt)
    for advice in saved.advice:
        tell(advice, fg="yellow")


@click.command("recall")
@click.argument("ident", metavar="ID")
@click.option("--archived", is_flag=True, help="Look in the archive.")
@click.option("--project", metavar="NAME", help="Look in other banks too, for a record of this project.")
@click.option("--all-banks", is_flag=True, help="Look in other banks too.")
@click.option("--remote", is_flag=True, help="Look in the hub of the team instead.")
@reads
def recall_command(app: App, ident: str, project: str | None, *, archived: bool, all_banks: bool, remote: bool) -> None:
    """Print one record

    By its id or a unique prefix. Other banks are those in `bank banks list`.

    \b
    Examples:
      bank recall dec-20261121-k3f9x
      bank recall dec-20261121-k3f9x --all-banks
    """
    bank = app.face(Memories)
    place: RecordPlace | None = None
    if remote:
        if archived or all_banks:
            raise click.UsageError("--remote excludes --archived and --all-banks.")
        place = bank.recall_remote(ident, project=project or "")
    elif project or all_banks:
        place = bank.recall_everywhere(ident, project=project or "", archived=archived)
    record = place.record if place else bank.recall(ident, archived=archived)
    if app.as_json:
        answer(place or record)
        return
    show_whole(record, place)


def show_whole(record: Record, place: RecordPlace | None = None) -> None:
    """Print a record with its text, and its bank if others were searched."""
    show_record(record)
    if place:
        say(in_one_line(f"  bank: {place.bank}  {place.place()}"))
    if record.content:
        say()
        say_body(record.content)


def show_record(record: Record) -> None:
    """Print a record's type, origin, status, title, tags and links."""
    repo = f" @{record.source_repo}" if record.source_repo else ""
    status = f"  ({record.status})" if record.status not in {"", "active"} else ""
    say(in_one_line(f"[{record.type}]{repo}  {record.id}  {record.created[:10]}{status}"), hang=4, fg="cyan")
    say(in_one_line(f"  {record.title}"))
    if record.summary and record.summary != record.title:
        say(in_one_line(f"  {record.summary}"))
    if record.tags:
        say(in_one_line(f"  Tags: {', '.join(record.tags)}"))
    for link in record.links:
        say(in_one_line(f"  {link.rel}: {link.to}"))


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose records to a command."""
    for option in (
        click.option("--metadata", multiple=True, metavar="K=V", help="With this metadata value; can be repeated."),
        click.option("--status", metavar="STATUS", help="With this status."),
        click.option("--until", metavar="DAY", help="Created on this day or before."),
        click.option("--since", metavar="DAY", help="Created on this day or after; 7d is a week ago."),
        click.option("--session", metavar="ID", help="Saved in this session."),
        click.option("--source-repo", metavar="NAME", help="From this repository."),
        click.option("--source-tool", metavar="NAME", help="Saved by this tool."),
        click.option("--project", metavar="NAME", help="Of this project."),
        tag_filters,
        click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Of this type; can be repeated."),
    ):
        function = option(function)
    return function


def _singular(app: App, names: tuple[str, ...]) -> list[str]:
    """Return the types that names mean: a type itself, or its plural."""
    from memorybank.facade.relations import Types

    known = {each.name for each in app.face(Types).list()} if names else set()
    found = []
    for name in names:
        forms = (name.casefold(), name.casefold().removesuffix("s"), f"{name.casefold().removesuffix('ies')}y")
        found.append(next((each for each in forms if each in known), name))
    return found


@click.command("list")
@click.argument("types", nargs=-1, metavar="[TYPE]...")
@filters
@click.option("--archived", is_flag=True, help="Look in the archive.")
@click.option("--all-banks", is_flag=True, help="From all banks that this machine has seen.")
@click.option("--remote", is_flag=True, help="From the hub of the team instead, all projects of it.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="The newest N.")
@reads
def list_command(
    app: App, types: tuple[str, ...], limit: int, *, archived: bool, all_banks: bool, remote: bool, **given: Any
) -> None:
    """List memories

    Newest first. A TYPE is as with --type, or its plural. With --project, memories of the other banks in
    `bank banks list` too.

    \b
    Examples:
      bank list decisions
      bank list --type decision --limit 50
      bank list --tag auth --since 30d --status accepted
      bank list --metadata sprint=42
      bank list --project api-platform
      bank list --remote --type decision --since 30d
    """
    bank = app.face(Memories)
    kinds = [kind for each in given["kinds"] for kind in words_of(each)]
    page = bank.list(
        type=[*kinds, *_singular(app, types)],
        tags=given["tags"],
        any_tags=given["any_tags"],
        project=given["project"] or "",
        source_tool=given["source_tool"] or "",
        source_repo=given["source_repo"] or "",
        session_id=given["session"] or "",
        status=given["status"] or "",
        since=given["since"] or "",
        until=given["until"] or "",
        metadata_filter=parse_pairs(given["metadata"]),
        archived=archived,
        all_banks=all_banks,
        remote=remote,
        limit=limit,
    )
    show_page(app, page, filtered=archived or bool(types) or any(given.values()))


def show_page(app: App, page: RecordList, *, filtered: bool = True) -> None:
    """Print a list of records, and what could not be read."""
    if app.as_json:
        answer(page)
        return
    for number, record in enumerate(page):
        show_record(record)
        if page.places:
            say(in_one_line(f"  bank: {page.places[number].bank}  {page.places[number].place()}"))
    tell_rest(len(page), page.total)
    if not page.total:
        tell(
            "no memories found; bank list without filters has them all"
            if filtered
            else "no memories yet: bank save TEXT"
        )
    show_broken(page.broken)


def show_broken(broken: Sequence[BrokenRecord]) -> None:
    """Report which records could not be read, and why."""
    for record in broken:
        tell(in_one_line(f"not read: {record.file}, line {record.line}: {record.why}"), fg="yellow")


@click.command("update", cls=TextCommand)
@click.argument("ident", metavar="ID")
@click.option("--content", type=TEXT, metavar="TEXT", help="New text; - reads standard input.")
@click.option("--title", type=TEXT, metavar="TITLE", help="A new heading.")
@click.option("--summary", type=TEXT, metavar="TEXT", help="Summary in one line, shown in lists.")
@click.option("--tags", metavar="+A,-B", help="Add and remove tags; without signs, replace them all.")
@click.option("--status", metavar="STATUS", help="The new status.")
@click.option("--project", metavar="NAME", help="The project it belongs to.")
@click.option("--metadata", multiple=True, metavar="K=V", help="Extra value; JSON if it is valid JSON, else text.")
@click.option("--field", multiple=True, metavar="K=V", help="A field that the type declares.")
@expects
@writes
def update_command(
    app: App,
    ident: str,
    content: str | None,
    title: str | None,
    summary: str | None,
    tags: str | None,
    status: str | None,
    project: str | None,
    metadata: tuple[str, ...],
    field: tuple[str, ...],
    expect: str,
) -> None:
    """Change a memory

    Only the lines of the given fields change, and the date of the change.

    \b
    Examples:
      bank update fct-20261121-k3f9x --tags +redis,-memcached
      bank update fct-20261121-k3f9x --content "Rate limit now 2000 req/min"
    """
    saved = app.face(Memories).update(
        ident,
        content=None if content is None else text_from(content),
        title=title,
        summary=summary,
        tags=None if tags is None else words_of(tags),
        status=status or "",
        project=project,
        metadata=parse_pairs(metadata),
        fields=parse_pairs(field, "--field"),
        expect=expect,
    )
    show_written(app, saved, "updated")


@click.command("delete")
@click.argument("ident", metavar="ID")
@click.option("--hard", is_flag=True, help="Remove the file instead of moving it to the archive.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete_command(app: App, ident: str, *, hard: bool, yes: bool) -> None:
    """Move a memory to the archive

    `bank undo` brings it back, also after --hard, as long as the journal keeps its text.

    \b
    Example:
      bank delete fct-20261121-k3f9x
    """
    bank = app.face(Memories)
    if hard and not yes:
        record = bank.recall(ident)
        app.confirm(f"Remove {record.file} ({record.title})?")
    show_written(app, bank.delete(ident, hard=hard), "removed" if hard else "archived")
