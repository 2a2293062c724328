"""A bank made by the commands: one thing of every kind, each found, and each filter taking what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from memorybank import Bank
from memorybank.cli.main import cli
from memorybank.errors import BankError
from tests.running import MODULE, environment, git

# a word that stands in one thing alone, what the thing's hit is called, and where it is
KINDS = [
    ("quokka", "fact", "memories/fact/"),
    ("numbat", "decision", "memories/decision/"),
    ("dingo", "learning", "memories/learning/"),
    ("bilby", "bug", "memories/bug/"),
    ("potoroo", "message", "sessions/"),
    ("bandicoot", "session", "sessions/"),
    ("wallaroo", "group", "groups/"),
    ("wombat", "plan", "docs/plans/"),
    ("narwhal", "research", "docs/research/"),
    ("echidna", "solution", "docs/solutions/"),
    ("okapi", "paf", "pafs.md"),
    ("tapir", "log", "development_log.md"),
    ("manatee", "gotcha", "patterns.md"),
    ("gecko", "task", "progress.md"),
    ("axolotl", "commit", "commit/"),
    ("capybara", "repo", "./README.md"),
]


def run(*words: str, env: dict[str, str] | None = None) -> str:
    done = CliRunner().invoke(cli, list(words), env=env)
    assert done.exit_code == 0, done.output
    return done.stdout


def hits(*words: str) -> list[dict[str, object]]:
    return list(json.loads(run("search", *words, "--json"))["hits"])


def paths(*words: str) -> list[str]:
    return [str(hit["file"]) for hit in hits(*words)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("everything") / "project"
    git(folder.parent, "init", "-q", str(folder))
    git(folder, "commit", "-q", "--allow-empty", "-m", "Feed the axolotl")
    (folder / "README.md").write_text("# A capybara\n\nIt swims.\n", encoding="utf-8")
    made = Bank.init(folder)
    before = Path.cwd()
    os.chdir(folder)
    try:
        run("session", "start", "--label", "bandicoot", "--goal", "Tokens rotate")
        run("session", "message", "user", "The potoroo hums at night")
        given = ["--tags", "infra,cache", "--project", "shop", "--metadata", "sprint=42"]
        run("save", "The quokka cache is Redis", "--type", "fact", *given, env={"MEMORYBANK_SOURCE_TOOL": "cursor"})
        run("decide", "Use the numbat for tokens", "--why", "It is small")
        run("learn", "The dingo retries thrice")
        run("bug", "new", "The bilby digs too deep", "--severity", "high")
        run("plan", "new", "Wombat migration")
        run("research", "new", "Narwhal locks")
        run("note", "The manatee leaks memory", "--as", "gotcha")
        run("note", "The echidna rolls up when the cache is cold", "--as", "gotcha")
        run("promote", "echidna", "--to", "document", "--section", "solution/caching", "--keep")
        run("paf", "add", "AUTH", "Okapi tokens are opaque")
        run("log", "Fed the tapir")
        run("task", "add", "Wash the gecko")
        run("group", "create", "wallaroo", "--description", "All of it")
        old = made.save("The thylacine was striped", type="fact", metadata={"sprint": 7})
        made.delete(old.record.id)
        run("index", "--repo", ".")
    finally:
        os.chdir(before)
    return folder


@pytest.fixture(autouse=True)
def _inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)


@pytest.mark.parametrize(("word", "kind", "place"), KINDS)
def test_each_kind_is_found(word: str, kind: str, place: str) -> None:
    found = hits(word)
    assert str(found[0]["file"]).startswith(place), found
    assert found[0]["type"] in {kind, ""}
    assert word in f"{found[0]['text']} {found[0]['heading']} {found[0]['title']}".lower()


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (["--type", "fact"], "quokka"),
        (["--type", "bug,message", "--type", "plan"], "bilby"),
        (["--type", "message"], "potoroo"),
        (["--type", "commit"], "axolotl"),
        (["--tag", "infra"], "quokka"),
        (["--tag", "infra", "--tag", "cache"], "quokka"),
        (["--project", "shop"], "quokka"),
        (["--source-tool", "cursor"], "quokka"),
        (["--source-repo", "project"], "quokka"),
        (["--source-repo", "project", "--scope", "repo"], "axolotl"),
        (["--metadata", "sprint=42"], "quokka"),
        (["--status", "open"], "bilby"),
        (["--status", "accepted"], "numbat"),
        (["--file", "pafs.md"], "okapi"),
        (["--file", "docs/plans/*"], "wombat"),
        (["--file", "README.md"], "capybara"),
        (["--section", "gotchas"], "manatee"),
        (["--scope", "contracts"], "gecko"),
        (["--scope", "records"], "dingo"),
        (["--scope", "docs"], "narwhal"),
        (["--scope", "sessions"], "potoroo"),
        (["--scope", "sessions"], "bandicoot"),
        (["--repo"], "capybara"),
        (["--since", "1d"], "numbat"),
        (["--since", "1d"], "potoroo"),
        (["--since", "1d"], "axolotl"),
        (["--since", "1d"], "wombat"),
        (["--since", "1d"], "tapir"),
        (["--archived"], "thylacine"),
        (["--archived", "--metadata", "sprint=7"], "thylacine"),
    ],
)
def test_each_filter_takes_what_it_says(given: list[str], word: str) -> None:
    listed = [f"{hit['text']} {hit['heading']} {hit['title']}".lower() for hit in hits("--limit", "200", *given)]
    assert any(word in text for text in listed)
    assert len(hits(word, *given)) == len([text for text in listed if word in text])


@pytest.mark.parametrize(
    "given",
    [
        ["--type", "paf"],
        ["--tag", "infra", "--tag", "auth"],
        ["--tag", "inf"],
        ["--project", "shops"],
        ["--source-tool", "Cursor2"],
        ["--metadata", "sprint=43"],
        ["--metadata", "sprint=42", "--metadata", "x=y"],
        ["--status", "fixed"],
        ["--file", "docs/*.txt"],
        ["--section", "Gotch_s"],
        ["--since", "2999-01-01"],
        ["--until", "1999-01-01"],
        ["--scope", "docs", "--type", "fact"],
        ["--repo", "--type", "fact"],
    ],
)
def test_each_filter_leaves_out_the_rest(given: list[str]) -> None:
    assert hits("--limit", "200", *given) == []


HOSTILE = ["'", '"', "%", "[", "[a", "*" * 30, "\\", "\udcff", "x" * 60_000, "?", "();--"]


@pytest.mark.parametrize("option", ["--tag", "--project", "--session", "--file", "--section"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_filter_is_data(option: str, value: str) -> None:
    assert bool(hits(option, value)) == (option == "--file" and value == "*" * 30)


@pytest.mark.parametrize(("option", "status"), [("--type", 3), ("--status", 5)])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_that_no_record_can_have_is_refused(option: str, status: int, value: str) -> None:
    done = CliRunner().invoke(cli, ["search", "--json", option, value])
    assert isinstance(done.exception, BankError)
    assert done.exception.exit_status == status


def test_the_archive_is_left_out_unless_it_is_asked_for() -> None:
    assert hits("thylacine") == []
    assert "thylacine" not in run("search", "--limit", "500")
    (hit,) = hits("thylacine", "--archived")
    assert hit["archived"] is True
    assert "(archived)" in run("search", "thylacine", "--archived")


def test_all_banks_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    run("init")
    run("save", "An aardvark elsewhere")
    home = tmp_path / "third"
    home.mkdir()
    monkeypatch.chdir(home)
    run("init")
    assert hits("aardvark") == []
    (hit,) = hits("aardvark", "--all-banks")
    assert (hit["bank"], hit["bank_folder"]) == ("other", str(other / ".memorybank"))


def test_limit_explain_and_the_page() -> None:
    assert len(hits("--limit", "3")) == 3
    why = hits("quokka cache", "--explain", "--limit", "1")[0]["score_parts"]
    assert isinstance(why, dict)
    assert {"words", "pairs", "beside", "file", "factor"} <= set(why)
    page = run("search", "quokka", "--explain", "--limit", "1")
    assert "[fact] @project" in page
    assert "Tags: infra, cache" in page
    assert "words: quokka" in page


def on_terminal(*words: str, env: dict[str, str]) -> str:
    """Run `bank` with a terminal to write to."""
    ours, theirs = os.openpty()
    subprocess.run([*MODULE, *words], env=environment(**env), stdout=theirs, stdin=subprocess.DEVNULL, check=True)
    os.close(theirs)
    text = b""
    with suppress(OSError):
        while data := os.read(ours, 65536):
            text += data
    os.close(ours)
    return text.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_words_stand_out_on_a_terminal_alone() -> None:
    marked = "\x1b[1mleaks\x1b[0m"
    assert marked in on_terminal("search", "leak", env={"NO_COLOR": "", "TERM": "xterm"})
    assert "\x1b" not in on_terminal("search", "leak", env={"NO_COLOR": "1", "TERM": "xterm"})
    assert "\x1b" not in run("search", "leak")
