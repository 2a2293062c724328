"""`bank search`, `bank headings` and `bank index`: search."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, reads, tag_filters, words_of
from memorybank.cli.output import answer, progress, say, say_marked, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.cli.width import shortened
from memorybank.facade.search import Index, Searching
from memorybank.facade.terminal.visible import in_one_line
from memorybank.facade.values import parse_pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.facade.search import Search
    from memorybank.recall.hits import Hit
    from memorybank.recall.search_hits import SearchHits

_SHOWN_LINES = 6
_SHOWN_WIDTH = 160
_SHOWN_WORDS = 12


@click.command("search", cls=TextCommand)
@text_words("query", metavar="[QUERY]...", required=False)
@click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Of this type; can be repeated.")
@tag_filters
@click.option("--project", metavar="NAME", help="Of this project, in all banks that this machine has seen.")
@click.option("--source-tool", metavar="NAME", help="Saved by this tool.")
@click.option("--source-repo", metavar="NAME", help="From this repository.")
@click.option("--session", "session_id", metavar="ID", help="Saved in this session.")
@click.option("--since", metavar="DAY", help="Created on this day or after; 7d is a week ago.")
@click.option("--until", metavar="DAY", help="Created on this day or before.")
@click.option("--status", metavar="STATUS", help="With this status.")
@click.option("--metadata", multiple=True, metavar="K=V", help="With this value; can be repeated.")
@click.option("--file", "file", metavar="FILE", help="In this file; * and ? match any characters.")
@click.option("--section", type=TEXT, metavar="NAME", help="Below a heading that contains this.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["contracts", "records", "docs", "sessions", "memory-tool", "repo"], case_sensitive=False),
    help="In this part of the bank; can be repeated.",
)
@click.option("--repo", is_flag=True, help="In the repository that bank index --repo names; same as --scope repo.")
@click.option("--archived", is_flag=True, help="In the archive too.")
@click.option("--all-banks", is_flag=True, help="In all banks that this machine has seen.")
@click.option("--remote", is_flag=True, help="In the hub of the team instead, in all projects of it.")
@click.option("--in", "folder", type=click.Path(), metavar="DIR", help="In any folder of Markdown instead of a bank.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="Show at most N results."
)
@click.option("--explain", is_flag=True, help="Show the parts of each score.")
@click.option(
    "--semantic/--no-semantic",
    default=None,
    help="Rank by meaning too; needs memorybank[semantic]. bank.toml sets the default.",
)
@reads
def search_command(  # each is an option
    app: App,
    query: str,
    folder: str | None,
    *,
    kinds: tuple[str, ...],
    metadata: tuple[str, ...],
    scopes: tuple[str, ...],
    repo: bool,
    all_banks: bool,
    **given: Any,
) -> None:
    """Search the bank

    Use any words: the more of them an entry contains, the higher it ranks. Names match as a whole and in parts.
    Without a query, everything that the filters match is listed, newest first. With --project, the other banks in
    `bank banks list` are searched too.

    \b
    Examples:
      bank search "what framework are we using"
      bank search "connection pool" --type error --since 30d
      bank search UserService.getPreferences --explain
      bank search "retry" --in ~/notes
      bank search "rate limit" --project api-platform
      bank search "rate limit" --remote --type decision
      bank search "how do people sign in" --semantic
    """
    # numpy would start a thread for each processor, which takes longer than all that it computes in this process
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if folder is None:
        where: Search = app.face(Searching)
    else:
        from memorybank.facade.search import MarkdownFolder

        where = MarkdownFolder(folder)
    hits = where.search(
        query or "",
        type=_split(kinds),
        metadata_filter=parse_pairs(metadata) if metadata else {},
        scopes=(*scopes, "repo") if repo else scopes,
        all_banks=all_banks and folder is None,
        on_progress=progress(),
        **{name: value for name, value in given.items() if value is not None},
    )
    if hits.missing_extra:
        tell("bank.toml asks for ranks by meaning; they need: pip install 'memorybank[semantic]'", fg="yellow")
    if hits.missing_repo:
        tell("no repository is searched with this bank; bank index --repo . lets it")
    _show(app, hits)


def _split(values: tuple[str, ...]) -> list[str]:
    return [word for value in values for word in words_of(value)]


def _show(app: App, hits: SearchHits) -> None:
    if app.as_json:
        answer(hits)
        return
    if hits.unknown:
        more = f", and {len(hits.unknown) - _SHOWN_WORDS} more" if len(hits.unknown) > _SHOWN_WORDS else ""
        tell(f"no entry has: {', '.join(hits.unknown[:_SHOWN_WORDS])}{more}")
    for word, words in hits.assumed_words():
        tell(f"  looked for {', '.join(words)} in place of {word}")
    marks = hits.marker()
    for hit in hits:
        _show_hit(hit, marks)
    _tell_banks(hits)
    if hits.hint:
        tell(hits.hint)


def _tell_banks(hits: SearchHits) -> None:
    """Print which banks were searched, and which could not be, if there was more than this one."""
    if hits.hub:
        namespaces = ", ".join(hits.hub.namespaces) or "none: you are a member of no namespace"
        tell(in_one_line(f"searched the hub {hits.hub.place}, namespaces: {namespaces}"))
    if hits.searched:
        names = [each.bank for each in hits.searched[:_SHOWN_WORDS]]
        more = f", and {len(hits.searched) - _SHOWN_WORDS} more" if len(hits.searched) > _SHOWN_WORDS else ""
        tell(
            f"searched {len(hits.searched)} {'bank' if len(hits.searched) == 1 else 'banks'}: {', '.join(names)}{more}"
        )
    for each in hits.unread[:_SHOWN_WORDS]:
        tell(f"not searched: {each.bank_folder}: {each.why}", fg="yellow")
    if len(hits.unread) > _SHOWN_WORDS:
        tell(f"  and {len(hits.unread) - _SHOWN_WORDS} more; --json has all of them", fg="yellow")


def _show_hit(hit: Hit, marks: Callable[[str], list[tuple[int, int]]]) -> None:
    repo = f" @{hit.repo}" if hit.repo else ""
    status = f"  ({hit.status})" if hit.status not in {"", "active", "accepted"} else ""
    archived = "  (archived)" if hit.archived else ""
    where = f"{hit.id[:12]}  {hit.author}, {hit.created[:10]}" if hit.author else f"{hit.path}:{hit.line}"
    say(in_one_line(f"[{hit.score:.2f}] [{hit.type or hit.scope}]{repo}  {where}{status}{archived}"), fg="cyan")
    if hit.heading:
        say(in_one_line(f"  {hit.heading}"), bold=True)
    rows = [row for row in hit.text.split("\n") if row.strip()]
    if rows and rows[0].strip() == hit.heading:
        del rows[0]
    if hit.author:
        # the subject stands above
        rows = rows[1:]
    start = _most_telling(rows, marks)
    if start:
        say(f"  … {start} lines above")
    for row in rows[start : start + _SHOWN_LINES]:
        say_marked(f"  {shortened(row, _SHOWN_WIDTH)}", marks)
    if len(rows) > start + _SHOWN_LINES:
        say(f"  … {len(rows) - start - _SHOWN_LINES} more lines")
    if hit.changed:
        say("  the file cannot be read now; the hit comes from its text when it was indexed", fg="yellow")
    if hit.tags:
        say(in_one_line(f"  Tags: {', '.join(hit.tags)}"))
    at = f"  @{hit.digest}" if hit.digest else ""
    say(in_one_line(f"  {hit.address}{at}"), whole=True)
    if hit.bank:
        place = f"namespace {hit.namespace}  by {hit.by}" if hit.namespace else hit.bank_folder
        say(in_one_line(f"  bank: {hit.bank}  {place}"))
    if hit.why:
        words = ", ".join(f"{word} {gain}" for word, gain in hit.why["words"].items())
        rest = ", ".join(f"{name} {hit.why[name]}" for name in ("pairs", "beside", "file", "factor"))
        meaning = f", meaning {hit.why['meaning']}" if "meaning" in hit.why else ""
        say(f"  words: {words or 'none'}; {rest}{meaning}")


def _most_telling(rows: list[str], marks: Callable[[str], list[tuple[int, int]]]) -> int:
    """Return the first of the lines to show: the beginning, unless the words that led to the hit are further down."""
    if len(rows) <= _SHOWN_LINES:
        return 0
    counts = [len(marks(row[:_SHOWN_WIDTH])) for row in rows]
    sums = [sum(counts[at : at + _SHOWN_LINES]) for at in range(len(rows) - _SHOWN_LINES + 1)]
    best = max(sums)
    if sums[0] == best:
        return 0
    # not at the end of the window, but with what leads to it
    return max(sums.index(best), next(at for at in range(sums.index(best), len(rows)) if counts[at]) - 1)


@click.command("headings", cls=TextCommand)
@text_words("query", metavar="QUERY...")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="Show at most N results."
)
@reads
def headings_command(app: App, query: str, limit: int) -> None:
    """Find a heading

    By a part of its name; typing errors are allowed.

    \b
    Example:
      bank headings "comon gotcha"
    """
    found = app.face(Searching).headings(query, limit=limit)
    if app.as_json:
        answer(found)
        return
    for each in found:
        say(in_one_line(f"[{each.score:.2f}] {each.address}  {each.file}:{each.line}"))
    if not found:
        tell("no heading has a similar name; bank outline lists them")


@click.command("index")
@click.option("--force", is_flag=True, help="Build it again from the files.")
@click.option("--status", is_flag=True, help="Show what it holds; this is the default.")
@click.option("--repo", type=click.Path(), metavar="PATH", help="Search this repository's Markdown and log too.")
@click.option(
    "--max-commits",
    type=click.IntRange(0, 1_000_000),
    metavar="N",
    help="Search its newest N commits; 5000 by default.",
)
@click.option("--no-repo", is_flag=True, help="Stop searching a repository.")
@reads
def index_command(
    app: App,
    *,
    force: bool,
    status: bool,  # noqa: ARG001  the word is there for those who look
    repo: str | None,
    max_commits: int | None,
    no_repo: bool,
) -> None:
    """Update or rebuild the search index

    Every search does this by itself. The index is made from the files: it may be deleted at any time.

    With --repo, a repository's own Markdown and the messages of its commits are found as well; of equally good
    hits, those of the bank come first. This stays so until --no-repo.

    \b
    Examples:
      bank index --status
      bank index --force
      bank index --repo . --max-commits 2000
    """
    index = app.face(Index)
    if no_repo:
        if repo is not None or max_commits is not None:
            raise click.UsageError("--no-repo excludes --repo and --max-commits.")
        index.forget_repo()
    elif repo is not None or max_commits is not None:
        if repo is None and index.repo() is None:
            raise click.UsageError("--max-commits is for a repository; name it with --repo PATH.")
        index.search_repo(repo, max_commits=max_commits)
    size = index.rebuild(on_progress=progress()) if force else index.update(on_progress=progress())
    if app.as_json:
        answer(size)
        return
    say(f"{size.entries} entries of {size.files} files, {size.words} words, {size.bytes / 1e6:.1f} MB")
    say("  " + ", ".join(f"{count} {scope}" for scope, count in sorted(size.scopes.items())))
    say(f"  {size.refreshed.read} files read, {size.refreshed.gone} gone")
    broken = size.broken
    if size.repo:
        say(f"{size.repo.commits} commits, {size.repo.files} files of {size.repo.path}, {size.repo.bytes / 1e6:.1f} MB")
        say(f"  {size.repo.refreshed.read} read, {size.repo.refreshed.gone} gone")
        broken += size.repo.broken
    for path, why in broken:
        tell(f"not read completely: {path}: {why}", fg="yellow")
