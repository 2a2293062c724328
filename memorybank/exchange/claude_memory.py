"""Import the auto memory of Claude Code, `MEMORY.md` and the files it points to, as memories."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from memorybank.document.frontmatter import find_block
from memorybank.document.source import Source, digest_of, lines_of, without_eol
from memorybank.errors import BankError, FrontMatterError
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.markdown_entries import parts_of, trimmed
from memorybank.exchange.safe_read import FileTree, ForeignError, Misfit, moment_of, refusal_of
from memorybank.records.record import Link, fields_of, split_title

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "claude-memory"
INDEX = "MEMORY.md"

# the type in a file, and our type for it
_KINDS = {"user": "user", "feedback": "user", "project": "fact", "reference": "fact"}
_INDEX_LINE = re.compile(
    r"[ \t]*[-*+][ \t]+\[(?P<title>[^\]]+)\]\((?P<file>[^)\s]+)\)[ \t]*(?:[-\u2013\u2014:]+[ \t]*)?(?P<hook>.*)\Z"
)
_WIKI = re.compile(r"\[\[([^\]|#\n]{1,120})[^\]\n]{0,120}\]\]")
_READ = {"name", "title", "description", "type", "metadata", "tags", "created", "date", "updated"}


def read_claude_memory(source: FileTree, origin: str) -> ReadResult:
    """Read a memory folder: each topic file becomes a memory, and so does text that is only in the index.

    Raises:
        ForeignError: it has no Markdown files.
    """
    names = [each for each in source.names if each.lower().endswith(".md")]
    if not names:
        raise ForeignError(path=source.root, why=f"it has no {INDEX} and no other Markdown file")
    misfits = [
        *source.misfits,
        *(Misfit(each, "skipped: it is not a Markdown file") for each in source.names if each not in names),
    ]
    hooks: dict[str, tuple[str, str]] = {}
    records: list[Incoming] = []
    if INDEX in names:
        try:
            records += _index(source.text_of(INDEX), names, origin, source.changed_at(INDEX), hooks)
        except BankError as error:
            misfits.append(Misfit(INDEX, f"skipped: {refusal_of(error)}"))
    for name in names:
        if name != INDEX:
            try:
                records.append(_topic(source, name, origin, hooks.get(name, ("", "")), misfits))
            except BankError as error:
                misfits.append(Misfit(name, f"skipped: {refusal_of(error)}"))
    return ReadResult(FORMAT, tuple(_linked(records)), (), tuple(misfits))


def _index(text: str, names: list[str], origin: str, changed: str, hooks: dict[str, tuple[str, str]]) -> list[Incoming]:
    """Return the text of the index itself, one memory per section; its lines that point to files fill `hooks`."""
    block = find_block(Source(text.encode("utf-8", "surrogateescape")).shadow)
    records = []
    for part in parts_of(text[block.end if block else 0 :].replace("\r\n", "\n"), 2):
        rest = []
        for line in (without_eol(each) for each in lines_of(part.text)):
            found = _INDEX_LINE.match(line)
            if found and found["file"].removeprefix("./") in names:
                hooks[found["file"].removeprefix("./")] = (found["title"].strip(), found["hook"].strip())
            else:
                rest.append(line)
        words = trimmed("\n".join(rest))
        if words:
            title = part.title if part.level == 2 else "Memory"  # noqa: PLR2004  a section of the index
            entry = f"{origin}/{INDEX}#{title}"
            digest = digest_of(words.encode("utf-8", "surrogateescape"))
            records.append(
                Incoming(
                    entry,
                    digest,
                    "fact",
                    title,
                    words,
                    tags=("claude-memory",),
                    source_tool="claude-code",
                    created=changed,
                )
            )
    return records


def _topic(source: FileTree, name: str, origin: str, hook: tuple[str, str], misfits: list[Misfit]) -> Incoming:
    data = source.bytes_of(name)
    text = Source(data)
    block = find_block(text.shadow)
    fields: dict[str, Any] = {}
    if block is not None:
        try:
            fields = fields_of(text, name)
        except FrontMatterError as error:
            misfits.append(Misfit(name, f"its front matter is skipped: {error.message}"))
    heading, body = split_title(text.text[block.end if block else 0 :])
    inner = fields.get("metadata")
    said: Mapping[str, Any] = inner if isinstance(inner, dict) else {}
    word = str(fields.get("type") or said.get("type") or "").lower()
    stem = name.rpartition("/")[2].removesuffix(".md")
    tags = fields.get("tags")
    listed = tags if isinstance(tags, list) else str(tags or "").split(",")
    named = str(fields.get("name") or "")
    more = {key: each for key, each in fields.items() if key not in _READ} | {
        key: each for key, each in said.items() if key != "type"
    }
    return Incoming(
        f"{origin}/{name}",
        digest_of(data),
        _KINDS.get(word, "fact"),
        str(fields.get("title") or "") or hook[0] or heading or named or stem,
        trimmed(body),
        wish=re.sub(r"[^\w.-]+", "-", named or stem),
        summary=str(fields.get("description") or "") or hook[1],
        tags=tuple(
            dict.fromkeys([*(str(each).strip() for each in listed if str(each).strip()), *([word] if word else [])])
        ),
        source_tool="claude-code",
        created=moment_of(fields.get("created") or fields.get("date")) or source.changed_at(name),
        updated=moment_of(fields.get("updated")),
        metadata=more,
    )


def _linked(records: list[Incoming]) -> list[Incoming]:
    """Return the records with links for their `[[names]]`."""
    known = {each.wish.casefold(): each.wish for each in records if each.wish}
    linked = []
    for record in records:
        named = [re.sub(r"[^\w.-]+", "-", each.strip()).casefold() for each in _WIKI.findall(record.content)]
        found = dict.fromkeys(known[each] for each in named if each in known and known[each] != record.wish)
        linked.append(record._replace(links=tuple(Link("relates", each) for each in found)))
    return linked
