"""The rules for the tags of records: their form, their number, and what the team agreed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.records.memories.tag_conventions import is_valid
from memorybank.records.types import MEMORIES
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from memorybank.records.memories.tag_conventions import TagConventions
    from memorybank.records.record import Record

_FEWEST, _MOST = 3, 7
_SHOWN = 5
# records that commands make without tags
_UNTAGGED = frozenset(("bug", "correction"))
_OVER = frozenset(("superseded", "deprecated", "rejected", "archived", "obsolete"))
PAGES = {
    "tag-count": "A memory with tags has three to seven: with fewer it is hard to find, with more a tag says little.",
    "tag-form": "A tag is lower-case words joined by hyphens, `user-auth` and not `UserAuth`; --fix writes it so.",
    "tag-alias": "A tag has one name: `[tags.aliases]` of bank.toml has its other names, and --fix replaces them.",
    "tag-group": "A memory has a tag of each group that `[tags] required` of bank.toml names, such as its layer.",
}


def tag_findings(
    record: Record, conventions: TagConventions, allowed: Collection[str], line_of_tags: Callable[[], int]
) -> Iterator[Finding]:
    """Report tags of a record that are not as agreed; `allowed` are the only ones there may be, empty for any."""
    ident = quoted(record.id)
    is_memory = record.file.startswith(MEMORIES)
    for tag in record.tags:
        meant = conventions.canonical(tag)
        if meant != tag:
            rule, why = ("tag-alias", "is another name of") if is_valid(tag) else ("tag-form", "is written")
            hint = f"bank tags rename {quoted(tag)} {quoted(meant)}"
            message = f"the tag {tag!r} {why} {meant!r}"
            yield Finding(rule, "warning", record.file, line_of_tags(), message, hint, fixable=True)
        elif not is_valid(tag):
            message, hint = f"the tag {tag!r} has no words", f"bank open {ident}"
            yield Finding("tag-form", "warning", record.file, line_of_tags(), message, hint)
        if allowed and tag.casefold() not in allowed and meant.casefold() not in allowed:
            message, hint = f"unknown tag {tag!r}: not in the list of bank.toml", f"bank update {ident} --tags -{tag}"
            yield Finding("unknown-tag", "warning", record.file, line_of_tags(), message, hint)
    if is_memory and record.tags and not _FEWEST <= len(record.tags) <= _MOST:
        message = f"it has {len(record.tags)} tags, three to seven are best"
        hint = f"bank update {ident} --tags +TAG,-TAG"
        yield Finding("tag-count", "notice", record.file, line_of_tags(), message, hint)
    if is_memory and record.type not in _UNTAGGED and record.status.casefold() not in _OVER:
        for name in conventions.missing(record.tags):
            tags = conventions.groups[name]
            more = ", …" if len(tags) > _SHOWN else ""
            message = f"it has no tag of the group {name}: {', '.join(tags[:_SHOWN])}{more}"
            hint = f"bank update {ident} --tags +{tags[0] if tags else 'TAG'}"
            yield Finding("tag-group", "warning", record.file, line_of_tags(), message, hint)
