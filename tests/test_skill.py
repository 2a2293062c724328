"""The skill for agents: one text in two places, by the Agent Skills rules; shown commands really parse."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import frontmatter
import pytest

from memorybank.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SKILL = ROOT / ".claude" / "skills" / "session-memory"
TWIN = ROOT / ".agents" / "skills" / "session-memory"
SHIPPED = ROOT / "templates"
SKILLS = sorted((SHIPPED / "skills").iterdir())
TEXTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(SKILL.rglob("*.md")),
    *sorted((SHIPPED / "skills" / "session-memory-reader").rglob("*.md")),
    *sorted((SHIPPED / "commands").rglob("*.md")),
]

FENCE = re.compile(r"^( *)(`{3,}|~{3,})([^\n]*)\n(.*?)^ *\2", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
SHELL = {"console", "sh", "bash", "shell"}
OPERATORS = set("();<>|&")


class Shown(NamedTuple):
    """A command line as a document shows it."""

    where: str
    words: tuple[str, ...]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shell_lines(text: str) -> Iterator[str]:
    """Give what a reader would type: commands of shell blocks, and code spans that begin with `bank `."""
    for fence in FENCE.finditer(text):
        info, body = fence.group(3).strip(), fence.group(4)
        lines = body.replace("\\\n", " ").split("\n")
        if info == "console" or any(line.startswith("$ ") for line in lines):
            yield from (line.removeprefix("$ ") for line in lines if line.startswith("$ "))
        elif info in SHELL:
            yield from lines
    for span in CODE_SPAN.finditer(FENCE.sub("", text)):
        if re.match(r"(\S*/)?bank ", span.group(2).strip()):
            yield span.group(2).strip()


def commands_of(line: str) -> Iterator[tuple[str, ...]]:
    """Give the arguments of each `bank` in a shell line, through pipes, lists and redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word and not set(word) <= OPERATORS and not word.startswith("#"):
            words.append(word)
            continue
        while words and re.match(r"[A-Z_]+=", words[0]):
            del words[0]
        if words and words[0].rsplit("/", 1)[-1] == "bank":
            yield tuple(words[1:])
        # the word after a redirection is a file, so it begins no command
        words = ["(redirected)"] if set(word) & set("<>") else []
        if word.startswith("#"):
            return


def shown() -> list[Shown]:
    return [
        Shown(path.relative_to(ROOT).as_posix(), words)
        for path in TEXTS
        for line in shell_lines(path.read_text(encoding="utf-8"))
        for words in commands_of(line)
    ]


def parse(words: tuple[str, ...]) -> list[str]:
    """Walk click's groups down to a command and parse its options without running it; give the names."""
    command: click.Command = cli
    context = click.Context(cli, info_name="bank", **cli.context_settings)
    rest = list(words)
    names: list[str] = []
    while isinstance(command, click.Group):
        options, rest, _ = command.make_parser(context).parse_args(rest)
        if options.get("help") or options.get("version"):
            return names
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None, name
        assert name is not None
        names.append(name)
        command = found
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=context)
    command.make_context(names[-1], rest, parent=context)
    return names


# --- the skill


def test_both_places_hold_the_same_skill() -> None:
    """Claude Code reads `.claude/skills` only, the other clients read `.agents/skills`."""
    assert tree(TWIN) == tree(SKILL)


@pytest.mark.parametrize("folder", SKILLS, ids=lambda folder: folder.name)
def test_front_matter_follows_the_agent_skills_rules(folder: Path) -> None:
    """No `allowed-tools`: a client asks before it uses such a skill; an install writes the permissions openly."""
    meta = frontmatter.loads((folder / "SKILL.md").read_text(encoding="utf-8")).metadata
    name, description = str(meta["name"]), str(meta["description"])
    assert name == folder.name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert len(name) <= 64
    assert 1 <= len(description) <= 1024
    assert len(str(meta.get("compatibility", ""))) <= 500
    assert set(meta) <= {"name", "description", "license", "compatibility", "metadata"}


def test_a_slash_command_says_what_it_does() -> None:
    for path in (SHIPPED / "commands").rglob("*.md"):
        meta = frontmatter.loads(path.read_text(encoding="utf-8")).metadata
        assert str(meta["description"])
        assert set(meta) <= {"description", "argument-hint"}


def test_the_body_is_short_and_its_references_are_few_and_all_linked() -> None:
    text = (SKILL / "SKILL.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((references/[^)#]+)\)", text))
    assert text.count("\n") < 150
    assert linked == {f"references/{path.name}" for path in (SKILL / "references").iterdir()}
    assert len(linked) <= 5


# --- the commands shown


@pytest.mark.parametrize("one", shown(), ids=lambda one: f"{one.where}: {shlex.join(one.words)}")
def test_a_shown_command_parses(one: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever copies a command from these texts meets a command that exists, with options that exist."""
    monkeypatch.chdir(tmp_path)
    try:
        parse(one.words)
    except click.UsageError as error:
        pytest.fail(f"{one.where}: bank {shlex.join(one.words)}: {error.format_message()}")


@pytest.mark.parametrize("command", ["load", "note", "focus", "task", "show", "edit", "item", "undo", "check", "init"])
def test_the_skill_shows_the_command(command: str) -> None:
    """An agent learns from the skill what it has to know; the rest is in the help."""
    assert any(one.words[0] == command for one in shown() if one.where.startswith(".claude"))


@pytest.mark.parametrize(
    "words", [("nott", "x"), ("note", "x", "--ass", "learning"), ("item", "lost", "a.md#B"), ("show",)]
)
def test_a_wrong_command_would_be_found(words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        parse(words)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bank note 'a | b # c' --as error", [("note", "a | b # c", "--as", "error")]),
        (
            "bank show 'a.md#B' | .venv/bin/bank edit a.md#B --replace - < x",
            [("show", "a.md#B"), ("edit", "a.md#B", "--replace", "-")],
        ),
        ("cd x && X=1 bank tour  # looks around", [("tour",)]),
        ("echo bank note > bank", []),
    ],
)
def test_commands_are_found_in_a_shell_line(line: str, expected: list[tuple[str, ...]]) -> None:
    assert list(commands_of(line)) == expected
