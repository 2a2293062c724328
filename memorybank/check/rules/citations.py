"""The rules for citations: paths, links, commits and commands exist. Each docstring is the rule's manual page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from memorybank.check.findings import Finding
from memorybank.document.items import split_marker
from memorybank.document.links import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.check.lookup import Lookup, RulePage
    from memorybank.check.rules.content import ContentRule

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
# a name with an extension: words with only a slash are often not a path
_PATH = re.compile(r"(?:\./)?[\w.@-]+(?:/[\w.@+-]+)*/[\w.@+-]*\.[A-Za-z][A-Za-z0-9]{0,9}(?::\d+(?:[:-]\d+)?)?\Z")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
LINK = "]("  # no link without it
_LINK = re.compile(r"(?<![!\\])\[[^\]\n]*\]\(<?([^()\s<>]+)>?(?:\s+\"[^\"\n]*\")?\)")
_COMMIT = re.compile(
    r"\b(?i:commit|commits|fixed in|introduced in|since)\s+`?([0-9a-f]{7,40})\b|(?<!\w)@([0-9a-f]{7,40})\b"
)
_MAKE = re.compile(r"\Amake\s+([a-zA-Z][\w.-]*)(?:\s|\Z)")
_NPM = re.compile(r"\A(?:npm|pnpm|yarn) run ([\w:.-]+)")
_SCRIPT = re.compile(r"\A(?:(?:sh|bash|python3?|node)\s+)?(\./[\w./-]+|scripts/[\w./-]+)(?:\s|\Z)")
# a place below somebody's home folder, without the placeholders that stand for anybody's
_HOME = re.compile(
    r"(?<![\w/.~-])(?:/home/|/Users/|[A-Za-z]:[\\/]Users[\\/])"
    r"(?!(?:user|username|you|your[\w-]*|name|me|runner|vscode|node|ubuntu|shared|public)\b)[\w.-]+[/\\][^\s`\"')\]]+",
    re.IGNORECASE,
)
_LINE = re.compile(r":\d+(?:[:-]\d+)?\Z")


def check_dead_path(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """A path in backticks, like `src/auth/token.py:42`, exists in the project, the bank, or beside the file.

    Patterns, placeholders, words without a file extension and struck-out lines are not checked.
    """
    for row in page.rows:
        for found in _CODE.finditer(row.text) if not row.is_struck else ():
            word = found[1].strip()
            if _PATH.match(word) and "..." not in word and not world.is_there(_LINE.sub("", word), page):
                message = f"{_LINE.sub('', word)} does not exist"
                yield Finding("dead-path", "warning", page.document.path, row.line, message)


def check_dead_link(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """A link to a file leads to an existing file; web addresses are not checked, and no network is used."""
    source = page.document.source
    if LINK not in source.text:
        return
    # paragraphs and tables are searched as well as lists; blanking keeps the offsets
    text = CODE.sub(_blank, _COMMENT.sub(_blank, source.shadow))
    for found in _LINK.finditer(text):
        target = unquote(found[1].partition("#")[0])
        begin = text.rfind("\n", 0, found.start()) + 1
        is_struck = split_marker(text[begin : found.start() + 1].lstrip())[2].startswith("~~")
        is_file = target and ":" not in target and not target.startswith("/")
        if is_file and not is_struck and not world.is_there(target, page):
            message = f"the link leads to {target}, which does not exist"
            yield Finding("dead-link", "warning", page.document.path, source.line_of(found.start()), message)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found.group())


def check_dead_commit(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """A cited commit, like `commit 1a2b3c4` or `@1a2b3c4`, exists in the repository.

    Not checked in a shallow clone, which lacks the older commits.
    """
    for row in page.rows:
        for found in _COMMIT.finditer(row.text) if not row.is_struck else ():
            word = found[1] or found[2]
            # a number, or a word that happens to be hexadecimal, is not a commit
            if (
                any(each.isdigit() for each in word)
                and any(each.isalpha() for each in word)
                and not world.is_commit(word)
            ):
                message = f"the commit {word} is not in the repository"
                yield Finding("dead-commit", "warning", page.document.path, row.line, message)


def check_dead_command(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """A command in backticks still exists: the target of `make`, the script of `npm run`, the file of `./x`.

    No command is run: only the project's Makefile and package.json are read.
    """
    for row in page.rows:
        for found in _CODE.finditer(row.text) if not row.is_struck else ():
            why = _why_dead(found[1].strip(), page, world)
            if why:
                yield Finding("dead-command", "warning", page.document.path, row.line, why)


def _why_dead(command: str, page: RulePage, world: Lookup) -> str:
    make, npm, script = _MAKE.match(command), _NPM.match(command), _SCRIPT.match(command)
    if make and world.make_targets is not None and make[1] not in world.make_targets:
        return f"the Makefile has no target {make[1]}"
    if npm and world.npm_scripts is not None and npm[1] not in world.npm_scripts:
        return f"package.json has no script {npm[1]}"
    if script and not _PATH.match(command) and not world.is_there(script[1], page):
        return f"{script[1]} does not exist"
    return ""


def check_machine_path(page: RulePage, _world: Lookup) -> Iterator[Finding]:
    """No memory has a path of one machine, below somebody's home folder: nobody else has that folder.

    Write it relative to the project. It is reported with --notices; `severity.machine-path = "error"` under [check] of
    bank.toml makes a commit fail. Records and documents are read, too.
    """
    yield from machine_paths_of(page.document.path, page.document.source.shadow)


def machine_paths_of(file: str, text: str) -> Iterator[Finding]:
    """Report the paths of one machine in the text of any file."""
    for found in _HOME.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"{found[0].rstrip('.,;:')} is a path of one machine: write it relative to the project"
        yield Finding("machine-path", "notice", file, line, message)


CITED: dict[str, ContentRule] = {
    "dead-path": check_dead_path,
    "dead-link": check_dead_link,
    "dead-commit": check_dead_commit,
    "dead-command": check_dead_command,
    "machine-path": check_machine_path,
}
