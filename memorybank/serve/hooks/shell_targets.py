"""The files that a shell command certainly writes: redirections, and programs that write the files they are given."""

from __future__ import annotations

import re
import shlex

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1([^\n]*)\n.*?^\s*\2\s*$", re.DOTALL | re.MULTILINE)
_ENDS = frozenset((";", "&&", "||", "|", "&", "(", ")", "|&", ";;", "\n"))
_REDIRECTS = frozenset((">", ">>", ">|", "&>", "&>>", ">&"))
# a word that the shell would change: what it becomes is not known
_OPEN = re.compile(r"[$`*?\[\]{}]")
_LAST = frozenset(("cp", "mv", "install", "ln"))
_ALL = frozenset(("tee", "rm", "truncate", "unlink", "shred"))
_IN_PLACE = re.compile(r"-[a-zA-Z]*i|--in-place")
_WRAPPERS = frozenset(("sudo", "command", "env", "nohup", "time", "builtin"))
_LONGEST = 100_000


def written_by(command: str, cwd: str) -> list[str]:
    """Return the paths that a command writes, as far as that is certain; a path that is computed is not."""
    plain = _HEREDOC.sub(lambda match: f"{match.group(3)}\n", command[:_LONGEST])
    found: list[str] = []
    here: str | None = cwd
    for words in _commands(plain):
        paths, rest = _redirected(words)
        while rest and (rest[0] in _WRAPPERS or re.match(r"\w+=", rest[0])):
            rest = rest[1:]
        if rest:
            paths += _arguments(rest[0].rpartition("/")[2], rest[1:])
        if here is not None:
            found += [
                path if path.startswith(("/", "~")) else f"{here}/{path}" for path in paths if not _OPEN.search(path)
            ]
        else:
            found += [path for path in paths if path.startswith(("/", "~")) and not _OPEN.search(path)]
        if rest[:1] == ["cd"]:
            here = _entered(here, rest[1:])
    return found


def _entered(here: str | None, words: list[str]) -> str | None:
    """Return the folder after `cd`; None if it is not known."""
    if len(words) != 1 or _OPEN.search(words[0]) or words[0] == "-":
        return None
    if words[0].startswith(("/", "~")):
        return words[0]
    return f"{here}/{words[0]}" if here is not None else None


def _commands(text: str) -> list[list[str]]:
    """Return the simple commands of a line, each as its words."""
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands: list[list[str]] = [[]]
    try:
        for word in lexer:
            if word in _ENDS or (word and not word.strip("\n;&|()")):
                commands.append([])
            else:
                commands[-1].append(word)
    except ValueError:
        # an open quote: what came before it is known
        commands = commands[:-1]
    return [each for each in commands if each]


def _redirected(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the files that a command is redirected to, and its words without the redirections."""
    paths: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in _REDIRECTS and at + 1 < len(words):
            if rest and rest[-1].isdigit():
                rest.pop()
            if not (word == ">&" and words[at + 1].isdigit()):
                paths.append(words[at + 1])
            at += 2
        elif word.startswith("<") and at + 1 < len(words):
            at += 2
        else:
            rest.append(word)
            at += 1
    return paths, rest


def _arguments(program: str, words: list[str]) -> list[str]:
    """Return the files that a program writes because they are named to it."""
    names = [word for word in words if not word.startswith("-")]
    if program in _ALL:
        return names
    if program in _LAST:
        # what is moved away is changed too
        return (names if program == "mv" else names[-1:]) if len(names) > 1 else []
    if program in {"sed", "perl", "gsed"} and any(_IN_PLACE.match(word) for word in words):
        return names
    if program == "dd":
        return [word.removeprefix("of=") for word in words if word.startswith("of=")]
    return []
