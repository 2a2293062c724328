"""What a search returns: its hits, what was looked for, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated, TypedDict

    from memorybank.recall.hits import Hit, HitWire
    from memorybank.recall.index import IndexUpdate, IndexUpdateWire
    from memorybank.recall.search import SearchedBank, SearchedHub, SearchResult
    from memorybank.store.manage.known_banks import UnreadBank

    class AssumedWordWire(TypedDict):
        """A word that no entry has."""

        word: str
        taken_for: list[str]

    class SearchHitsWire(TypedDict):
        """The JSON form of a search hits."""

        hits: list[HitWire]
        count: int
        unknown: list[str]
        assumed: list[AssumedWordWire]
        missing_extra: bool
        missing_repo: bool
        hint: str
        hub: str
        namespaces: list[str]
        searched_banks: list[Annotated[Any, SearchedBank]]
        unread_banks: list[Annotated[Any, UnreadBank]]
        refreshed: IndexUpdateWire


class SearchHits(Listing["Hit"]):
    """The hits of a search, best first.

    `unknown` has the words, as typed, that no entry has; they lower every score. `assumed` has those for which similar
    words were looked for. `refreshed` is the update of the index. With `missing_extra` the settings ask for a search by
    meaning, and its packages are not installed; with `missing_repo` the repository was asked for, and none was chosen.
    `searched` has the banks that were searched, if others were too; `unread` those that could not be. `hint` is what
    may find more, empty for good results. `hub` is set if the hub of a team was searched.
    """

    __slots__ = (
        "assumed",
        "hint",
        "hub",
        "missing_extra",
        "missing_repo",
        "query",
        "refreshed",
        "searched",
        "unknown",
        "unread",
    )

    def __init__(
        self,
        query: str,
        found: SearchResult,
        *,
        missing_extra: bool = False,
        missing_repo: bool = False,
        hint: str = "",
    ) -> None:
        super().__init__(found.hits)
        self.query = query
        self.assumed: tuple[tuple[str, tuple[str, ...]], ...] = found.assumed
        self.unknown: tuple[str, ...] = found.unknown
        self.refreshed: IndexUpdate = found.refreshed
        self.missing_extra = missing_extra
        self.missing_repo = missing_repo
        self.hub: SearchedHub | None = found.hub
        self.searched: tuple[SearchedBank, ...] = found.searched
        self.unread: tuple[UnreadBank, ...] = found.unread
        self.hint = hint

    def marker(self) -> Callable[[str], list[tuple[int, int]]]:
        """Return a function that finds the query's words, and those they were taken for, in a line: start and end."""
        from memorybank.recall.words.terms import query_terms, spans_of, words_of

        words = query_terms(self.query)
        others = [term for _, written in self.assumed for word in written for term in words_of(word)]
        wanted = frozenset(words.words + words.names + others)
        return lambda line: spans_of(line, wanted)

    def assumed_words(self) -> list[tuple[str, list[str]]]:
        """Return the words that similar words were looked for, with these as the hits spell them."""
        if not self.assumed:
            return []
        from memorybank.recall.words.terms import plain_spellings

        spelled = plain_spellings("\n".join(f"{hit.text}\n{hit.heading}\n{hit.title}" for hit in self).lower())
        return [(word, [spelled.get(each, each) for each in written]) for word, written in self.assumed]

    def to_wire(self) -> SearchHitsWire:
        """Return the JSON form; `hint` is the command that may find more, "" for good results."""
        from memorybank.wire import to_wire

        return {
            "hits": [hit.to_wire() for hit in self],
            "count": len(self),
            "unknown": list(self.unknown),
            "assumed": [{"word": word, "taken_for": words} for word, words in self.assumed_words()],
            "missing_extra": self.missing_extra,
            "missing_repo": self.missing_repo,
            "hint": self.hint,
            "hub": self.hub.place if self.hub else "",
            "namespaces": list(self.hub.namespaces) if self.hub else [],
            "searched_banks": to_wire(self.searched),
            "unread_banks": to_wire(self.unread),
            "refreshed": self.refreshed.to_wire(),
        }
