"""`bank search --remote`, `list --remote` and `recall --remote`: the hub of a team, asked by its members."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.team.hub.hub_search import web_query
from tests.running import bank as run_bank
from tests.running import make_bank
from tests.team.hub.conftest import OTHER, TEAM, copied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from tests.team.hub.conftest import MadeHub

    Runner = Callable[..., CompletedProcess[str]]

MEMORY = """---
id: {id}
type: {type}
status: accepted
tags: [{tags}]
source_tool: codex
created: {created}
---
# {title}

{text}
"""
CONTEXT = """# Active Context

## Learnings

- The cache is warm after a minute

## Decisions

- Rate limiting: a token bucket - simple
- Use PostgreSQL 15
"""


def memory(ident: str, title: str, text: str, **more: str) -> tuple[str, str, dict[str, Any]]:
    fields = {"type": "decision", "tags": "api", "created": "2026-11-01T00:00:00Z", **more}
    body = MEMORY.format(id=ident, title=title, text=text, **fields)
    return f"memories/{fields['type']}/{ident}-{title.lower().replace(' ', '-')}.md", body, fields


def push(hub: MadeHub, user: str, namespace: str, project: str, *files: tuple[str, str, dict[str, Any]]) -> None:
    from memorybank.team.hub.described import describe
    from memorybank.team.hub.postgres import Row

    rows = [
        Row(name, "", sha256(body.encode()).hexdigest(), body, describe(name, body.encode())) for name, body, _ in files
    ]
    with hub.open(user) as open_hub:
        assert open_hub.push(namespace, project, user, rows)[1] == []


@pytest.fixture(scope="module")
def hub(shared_hub: MadeHub) -> MadeHub:
    """Give a hub that all tests ask, and none changes."""
    made = copied(shared_hub)
    push(
        *(made, "alice", TEAM, "api"),
        memory("dec-1", "Token bucket", "## Context\n\nMany clients.\n\n## Choice\n\nRate limiting by a token bucket."),
        memory("fact-1", "Limits", "The gateway has a limit of 1000.", type="fact", created="2026-11-20T00:00:00Z"),
        ("activeContext.md", CONTEXT, {}),
    )
    push(made, "bob", TEAM, "web", memory("dec-2", "Footer", "The rate limit is shown.", tags="ui"))
    push(made, "eve", OTHER, "secret", memory("dec-3", "Hidden", "Rate limiting of our secret API."))
    return made


@pytest.fixture
def run(hub: MadeHub, tmp_path: Path) -> Runner:
    """Run `bank` in a repository that has nothing to do with the projects of the hub."""
    if not hub.cluster.runs:
        hub.cluster.start()
    return runner(hub, tmp_path)


def runner(hub: MadeHub, tmp_path: Path) -> Runner:
    make_bank(tmp_path / "elsewhere")

    def call(*words: str, user: str = "alice") -> CompletedProcess[str]:
        env = {"MEMORYBANK_HOME": str(tmp_path / "mine"), "MEMORYBANK_POSTGRES_URL": hub.url(user)}
        return run_bank(tmp_path / "elsewhere", *words, env=env)

    return call


def hits(done: CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["hits"]
    return found


def test_a_search_reaches_all_projects_and_says_where_each_hit_is(run: Runner) -> None:
    done = run("search", "rate limiting", "--remote", "--json")
    places = [(each["namespace"], each["bank"], each["file"], each["by"]) for each in hits(done)]
    assert sorted(places) == [
        (TEAM, "api", "activeContext.md", "alice"),
        (TEAM, "api", "memories/decision/dec-1-token-bucket.md", "alice"),
        (TEAM, "api", "memories/fact/fact-1-limits.md", "alice"),
        (TEAM, "web", "memories/decision/dec-2-footer.md", "bob"),
    ]
    answer = json.loads(done.stdout)
    assert (answer["namespaces"], answer["hub"].startswith("/")) == ([TEAM], True)
    shown = run("search", "rate limiting", "--remote")
    assert "  bank: web  namespace team  by bob\n" in shown.stdout
    assert "namespaces: team\n" in shown.stderr


def test_a_hit_is_the_passage_that_answers(run: Runner) -> None:
    found = {each["file"]: each for each in hits(run("search", "rate limiting", "--remote", "--json"))}
    section = found["memories/decision/dec-1-token-bucket.md"]
    assert (section["text"], section["heading"]) == ("Rate limiting by a token bucket.", "Token bucket > Choice")
    assert section["address"].endswith(".md#Choice")
    assert (section["id"], section["type"], section["source_tool"], section["tags"]) == (
        *("dec-1", "decision", "codex"),
        ["api"],
    )
    line = found["activeContext.md"]
    assert (line["text"], line["line"], line["address"]) == (
        "- Rate limiting: a token bucket - simple",
        9,
        "activeContext.md#Decisions",
    )


def test_nobody_sees_a_namespace_of_others(run: Runner) -> None:
    assert [each["bank"] for each in hits(run("search", "secret", "--remote", "--json", user="eve"))] == ["secret"]
    assert hits(run("search", "secret", "--remote", "--json")) == []
    assert "secret" not in run("list", "--remote").stdout
    refused = run("search", "rate", "--remote", user="mallory")
    assert (refused.returncode, "[hub-denied]" in refused.stderr) == (5, True)


def test_all_words_are_better_than_some_and_scores_are_between_0_and_1(run: Runner) -> None:
    found = hits(run("search", "token bucket of the gateway", "--remote", "--json"))
    assert {each["file"] for each in found} == {
        "memories/decision/dec-1-token-bucket.md",
        "memories/fact/fact-1-limits.md",
        "activeContext.md",
    }
    scores = [each["score"] for each in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    (best, *_) = hits(run("search", "gateway limit", "--remote", "--json"))
    assert (best["id"], best["score"] > 0.5) == ("fact-1", True)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--type", "fact"), ["fact-1"]),
        (("--tag", "ui"), ["dec-2"]),
        (("--any-tag", "ui,none"), ["dec-2"]),
        (("--project", "web"), ["dec-2"]),
        (("--source-tool", "codex", "--type", "decision"), ["dec-1", "dec-2"]),
        (("--since", "2026-11-10"), ["fact-1"]),
        (("--until", "2026-11-10"), ["dec-1", "dec-2"]),
        (("--status", "Accepted"), ["dec-1", "dec-2", "fact-1"]),
        (("--limit", "1"), ["fact-1"]),
    ],
)
def test_lists_and_searches_have_the_same_filters(run: Runner, words: tuple[str, ...], ids: list[str]) -> None:
    done = run("list", "--remote", *words, "--json")
    listed = json.loads(done.stdout)["records"]
    assert sorted(each["id"] for each in listed) == ids
    assert {each["namespace"] for each in listed} == {TEAM}
    newest = [each["id"] for each in hits(run("search", "--remote", "--json", *words)) if each["id"]]
    assert sorted(newest) == ids
    if words[0] != "--limit":
        by_word = hits(run("search", "limit bucket", "--remote", "--json", *words))
        assert {each["id"] for each in by_word} <= {*ids, ""}
        assert by_word


def test_a_list_says_how_many_there_are(run: Runner) -> None:
    answer = json.loads(run("list", "--remote", "--limit", "2", "--json").stdout)
    assert (len(answer["records"]), answer["total"], answer["broken"]) == (2, 3, [])
    shown = run("list", "decisions", "--remote", "--project", "web")
    assert "  bank: web  namespace team\n" in shown.stdout


def test_a_record_of_another_project_can_be_read_whole(run: Runner) -> None:
    record = json.loads(run("recall", "dec-2", "--remote", "--json").stdout)["record"]
    assert (record["content"].strip(), record["bank"], record["namespace"]) == ("The rate limit is shown.", "web", TEAM)
    assert "The rate limit is shown." in run("recall", "memories/decision/dec-2-footer.md", "--remote").stdout
    assert run("recall", "dec-3", "--remote").returncode == 3
    several = run("recall", "dec", "--remote")
    assert (several.returncode, "team/web/memories/decision/dec-2-footer.md" in several.stderr) == (4, True)
    assert run("recall", "dec", "--remote", "--project", "web").returncode == 0
    assert run("recall", "%", "--remote").returncode == 3


@pytest.mark.parametrize(
    "words",
    [
        *(
            ("search", "x", *more)
            for more in (["--file", "x"], ["--section", "x"], ["--scope", "docs"], ["--all-banks"])
        ),
        *(
            ("search", "x", *more)
            for more in (["--explain"], ["--semantic"], ["--session", "x"], ["--metadata", "a=b"])
        ),
        *(("list", *more) for more in (["--archived"], ["--all-banks"], ["--source-repo", "x"])),
        ("search", "x", "--in", "."),
        ("recall", "x", "--archived"),
    ],
)
def test_what_the_hub_cannot_be_asked_is_refused(run: Runner, words: tuple[str, ...]) -> None:
    done = run(*words, "--remote")
    assert (done.returncode in {2, 5}, "remote" in done.stderr) == (True, True)


def test_without_a_hub_the_next_step_is_said(run: Runner, hub: MadeHub, tmp_path: Path) -> None:
    for words in (("search", "x"), ("list",), ("recall", "x")):
        none = run_bank(tmp_path / "elsewhere", *words, "--remote", env={"MEMORYBANK_HOME": str(tmp_path / "mine")})
        assert (none.returncode, "[hub-address]" in none.stderr) == (8, True)
    hub.cluster.stop()
    done = run("search", "x", "--remote", "--json")
    assert json.loads(done.stdout or done.stderr)["error"]["code"] == "hub-unreachable"


def test_texts_of_others_do_no_harm(hub: MadeHub, tmp_path: Path) -> None:
    hub = copied(hub)
    run = runner(hub, tmp_path)
    hostile = "Rate limiting \x1b[31mred\x1b[0m \u202eevil\n```\n<script>'; DROP TABLE x; --\n"
    push(
        *(hub, "bob", TEAM, "web\x1b[2J"),
        ("memories/decision/dec-9-\x1b[31m.md", f"---\nid: dec-9\ntype: decision\n---\n{hostile}", {}),
        ("memories/decision/bad.md", f"---\n{{[ no: yaml\n---\n{hostile}", {}),
        ("../../etc/passwd.md", hostile, {}),
        ("patterns.md", "#" * 100_000 + " Rate limiting\n" + "# h\n" * 30_000, {}),
        ("sessions/s.jsonl", 'not json, rate limiting\n{"a": 1}\n', {}),
    )
    done = run("search", "rate limiting", "--remote", "--limit", "50")
    assert (done.returncode, "\x1b" in done.stdout, "\u202e" in done.stdout) == (0, False, False)
    found = hits(run("search", "rate limiting", "--remote", "--limit", "50", "--json"))
    assert {"../../etc/passwd.md", "memories/decision/bad.md"} <= {each["file"] for each in found}
    listed = run("list", "--remote")
    assert (listed.returncode, "\x1b" in listed.stdout + listed.stderr) == (0, False)
    assert "not read: team/web" in listed.stderr


@pytest.mark.parametrize(
    "query", ["' OR 1=1 --", "\\", "a & | ! b:*", "-", '"', '"open', "%s %(x)s", "x" * 20_000, "the"]
)
def test_no_query_is_an_error(run: Runner, query: str) -> None:
    assert run("search", "--remote", "--json", "--", query).returncode == 0


def test_a_search_writes_nothing(run: Runner, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*"))
    run("search", "rate", "--remote")
    run("list", "--remote")
    assert sorted(path for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("rate limit", "rate limit"),
        ("UserService.get", '"UserService get"'),
        ("-a.b c_d", '-"a b" "c d"'),
        ('"a.b c" d-e', '"a b c" "d e"'),
        ("https://x.y/z?q", '"https x y z?q"'),
        ("...", "..."),
        ("a or -b", "a or -b"),
    ],
)
def test_a_name_is_a_phrase_of_its_parts(typed: str, sent: str) -> None:
    assert web_query(typed) == sent
