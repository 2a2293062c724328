"""What to try after a search that found nothing or little: one line, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.recall.words.terms import query_terms, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.recall.hits import Hit
    from memorybank.recall.search import Query, SearchResult

# with fewer words, one that is missing says little about the others
_LEAST_WORDS = 3
# characters of a hit's text that are compared with the query
_TEXT_LENGTH = 4000
_MOST_PROJECTS = 8
EXTRA = "pip install 'memorybank[semantic]'"


def next_step(
    asked: Query, found: SearchResult, *, other_banks: int, has_extra: Callable[[], bool], any_tag: bool
) -> str:
    """Return what may find more; "" for good results.

    `other_banks` is the number of banks that were not searched, `any_tag` whether entries have at least one of the
    tags that were all wanted.
    """
    hits = found.hits
    if hits:
        return _by_meaning(has_extra=has_extra) if asked.query and not asked.semantic and _is_poor(asked, hits) else ""
    if any_tag:
        return f"no entry has all of these tags; --any-tag {','.join(asked.wanted.records.tags)} needs only one of them"
    steps = ["fewer or other words"] if asked.query.strip() else []
    if asked.wanted._replace(archived=False, is_project=False) != type(asked.wanted)():
        steps.append("fewer filters")
    if other_banks:
        steps.append(f"--all-banks for {other_banks} other {'bank' if other_banks == 1 else 'banks'}")
    if asked.query.strip() and not asked.semantic:
        steps.append(_semantic(has_extra=has_extra))
    steps.append("bank list")
    tried = f"{', '.join(steps[:-1])}{' or ' if steps[:-1] else ''}{steps[-1]}"
    return f"nothing found{_other_projects(asked, found)}; try {tried}"


def _other_projects(asked: Query, found: SearchResult) -> str:
    """Return which projects the banks have, if none of them has the one that was asked for."""
    projects = {each.project for each in found.searched} - {""}
    if not asked.wanted.records.project or asked.wanted.records.project in projects or not projects:
        return ""
    return f" (the projects of the banks: {', '.join(sorted(projects)[:_MOST_PROJECTS])})"


def _is_poor(asked: Query, hits: tuple[Hit, ...]) -> bool:
    """Check whether less than half of the words of the query are in each of the best hits."""
    wanted = set(query_terms(asked.query).words)
    if len(wanted) < _LEAST_WORDS:
        return False
    return all(2 * len(wanted & _words_of(hit)) < len(wanted) for hit in hits[:3])


def _words_of(hit: Hit) -> set[str]:
    return {*words_of(f"{hit.title}\n{hit.heading}\n{hit.text[:_TEXT_LENGTH]}"), *hit.tags}


def _by_meaning(*, has_extra: Callable[[], bool]) -> str:
    return f"few of the words were found; try {_semantic(has_extra=has_extra)} for other words of the same meaning"


def _semantic(*, has_extra: Callable[[], bool]) -> str:
    return "--semantic" if has_extra() else f"--semantic, after {EXTRA}"
