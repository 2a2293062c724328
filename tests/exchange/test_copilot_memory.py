"""The memories of Copilot: JSON lines with facts, and the files of the memory tool in VS Code."""

from __future__ import annotations

import base64
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import FieldError
from memorybank.exchange.agent_memory import copilot
from memorybank.exchange.agent_memory.belonging import Here, RepositoryName, repository_name
from memorybank.exchange.agent_memory.copilot import read_copilot_memory
from memorybank.exchange.formats import import_from
from memorybank.exchange.markdown_entries import parts_of
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from tests.exchange.agent_files import run, told
from tests.exchange.making import make_tree, make_way, tree_at
from tests.exchange.markers import Marks, lost_marks
from tests.running import FULL, git, new_bank
from tests.running import bank as command

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

FILES = 2000 if FULL else 8
OURS = {"host": "github.com", "owner": "Acme", "name": "shop"}
THEIRS = {"host": "github.com", "owner": "acme", "name": "mail"}


def line(fact: str = "Run make check before a commit.", subject: str = "checks", **more: Any) -> str:
    """Give a line as Copilot CLI 1.0.102 accepts it."""
    made = {"type": "memory", "version": 1, "subject": subject, "fact": fact, "reason": "The user said so."}
    cited = [{"type": "text", "text": "User input: run make check"}]
    return json.dumps({**made, "scope": {"type": "user"}, "citations": cited, **more}, ensure_ascii=False)


def of(repository: dict[str, str]) -> dict[str, Any]:
    return {"scope": {"type": "repository", "repository": repository}}


def with_remote(bank: BankFolder, url: str = "git@github.com:acme/Shop.git") -> BankFolder:
    git(bank.project, "init", "-q")
    git(bank.project, "remote", "add", "origin", url)
    return bank


def written(folder: Path, *lines: str, name: str = "memories.jsonl") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def records_of(bank: BankFolder) -> dict[str, Record]:
    return {each.title: find_record(bank, each.id) for each in scan(bank).records}


def test_facts_become_records_once_with_reason_citations_and_scope(bank: BankFolder, tmp_path: Path) -> None:
    cited = [{"type": "file", "path": "src/a.py:10"}, {"type": "url", "url": "https://example.org/x"}]
    file = written(
        tmp_path, line(), "", line("Ids are UUIDs.", "ids", citations=cited, reason="Seen often.", tone=3, **of(OURS))
    )
    with_remote(bank)
    shown = import_from(bank, "copilot-memory", file, make_way(dry_run=True))
    assert (len(shown.records), shown.dry_run, scan(bank).records) == (2, True, [])
    done = run(bank, "copilot-memory", file)
    assert ([each.title for each in done.records], done.misfits) == ([each.title for each in shown.records], ())
    found = records_of(bank)
    user, ids = found["checks"], found["ids"]
    assert (user.type, ids.type, ids.source_tool) == ("user", "fact", "copilot")
    assert (user.source_repo, ids.source_repo, ids.created) == ("", "github.com/Acme/shop", "")
    assert ids.content == (
        "Ids are UUIDs.\n\n## Reason\n\nSeen often.\n\n## Citations\n\n- file: src/a.py:10\n- url: https://example.org/x"
    )
    assert (ids.metadata["tone"], "citations" in ids.metadata, ids.tags) == (3, False, ("copilot-memory",))
    again = run(bank, "copilot-memory", file)
    assert (again.records, again.already, again.misfits) == ((), 2, ())


def test_memories_of_another_repository_are_left_out_and_named(bank: BankFolder, tmp_path: Path) -> None:
    file = written(
        tmp_path, line(), line("A", "a", **of(OURS)), line("B", "b", **of(THEIRS)), line("C", "c", **of(THEIRS))
    )
    with_remote(bank)
    done = run(bank, "copilot-memory", file)
    assert [each.title for each in done.records] == ["checks", "a"]
    assert told(done) == ["github.com/acme/mail: 2 memories left out: they are of another repository; --all takes them"]
    every = import_from(bank, "copilot-memory", file, make_way(2), everything=True)
    assert ([each.title for each in every.records], every.already) == (["b", "c"], 2)
    assert records_of(bank)["b"].source_repo == "github.com/acme/mail"


def test_without_a_remote_no_memory_of_a_repository_is_taken_for_ours(bank: BankFolder, tmp_path: Path) -> None:
    done = run(bank, "copilot-memory", written(tmp_path, line("A", "a", **of(OURS))))
    assert done.records == ()
    assert "this project has no git remote to compare it with" in told(done)[0]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("git@github.com:acme/shop.git", ("github.com", "acme/shop")),
        ("https://x:y@GitHub.com/Acme/Shop/", ("github.com", "acme/shop")),
        ("ssh://git@ssh.github.com:443/acme/shop.git", ("github.com", "acme/shop")),
        ("work:acme/shop", ("work", "acme/shop")),
        ("/srv/git/shop.git", None),
        ("../shop", None),
        ("C:\\git\\shop", None),
        ("https://[x/acme", None),
        ("", None),
    ],
)
def test_the_repository_of_a_remote_is_read_from_each_form(url: str, expected: tuple[str, str] | None) -> None:
    assert repository_name(url) == (None if expected is None else RepositoryName(*expected))


def test_an_alias_of_ssh_has_no_host_and_another_host_is_another_repository(tmp_path: Path) -> None:
    alias = Here(tmp_path, (RepositoryName("work", "acme/shop"),))
    assert alias.has_repository("github.com", "acme/shop")
    host = Here(tmp_path, (RepositoryName("ghe.acme.org", "acme/shop"),))
    assert not host.has_repository("github.com", "acme/shop")
    assert host.has_repository("GHE.acme.org", "ACME/shop.git")


def test_one_memory_for_the_user_and_the_repository_is_one_record(bank: BankFolder, tmp_path: Path) -> None:
    file = written(tmp_path, line(), line(**of(OURS)), line(), line(reason="Another one."))
    done = run(with_remote(bank), "copilot-memory", file)
    assert len(done.records) == 2
    assert told(done) == [
        "memories.jsonl:2: skipped: the same memory for github.com/Acme/shop stands before",
        "memories.jsonl:3: skipped: the same memory stands before",
    ]


def test_many_memories_are_taken_in_parts_as_if_they_were_one(
    bank: BankFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the memory that an import needs grows with its report only."""
    monkeypatch.setattr(copilot, "PART", 2)
    lines = [line(f"Fact {number}.", f"s{number % 3}") for number in range(6)]
    file = written(tmp_path, *lines, lines[0], line("Theirs", "t", **of(THEIRS)), line("Theirs", "u", **of(THEIRS)))
    assert len(list(copilot.read_copilot_memory(file, "m.jsonl", Here(tmp_path)))) == 4
    done = run(with_remote(bank), "copilot-memory", file)
    assert sorted(each.title for each in done.records) == ["s0", "s0", "s1", "s1", "s2", "s2"]
    assert (len(done.operations), told(done)) == (
        3,
        [
            "github.com/acme/mail: 2 memories left out: they are of another repository; --all takes them",
            "memories.jsonl:7: skipped: the same memory stands before",
        ],
    )
    again = run(bank, "copilot-memory", file)
    assert (again.records, again.already, again.operations) == ((), 6, ())


def test_facts_that_contradict_each_other_are_all_kept(bank: BankFolder, tmp_path: Path) -> None:
    run(bank, "copilot-memory", written(tmp_path, line("Use tabs.", "indent"), line("Use spaces.", "indent")))
    texts = [find_record(bank, each.id).content.partition("\n")[0] for each in scan(bank).records]
    assert sorted(texts) == ["Use spaces.", "Use tabs."]


def test_a_fact_cannot_make_structure_of_its_own(bank: BankFolder, tmp_path: Path) -> None:
    fact = "# Decision\n---\nstatus: accepted\n---\n## Reason\nnot this\n```\n## Citations\n<!-- open"
    file = written(tmp_path, line(fact, "s\x1b[31m\n# t", reason="# Fact\n```\nreal reason"))
    run(bank, "copilot-memory", file)
    (row,) = scan(bank).records
    record = find_record(bank, row.id)
    assert (record.title, record.status) == ("s[31m # t", "active")
    headings = [each.title for each in parts_of(record.content, 2) if each.level]
    assert headings == ["Reason", "Citations"]


def test_damaged_lines_are_named_and_the_rest_is_taken(bank: BankFolder, tmp_path: Path) -> None:
    good = [line(f"Fact {number}.", f"s{number}").encode() for number in range(4)]
    odd = (
        b'{"type":"memory","version":2,"subject":"v","fact":"Versioned.","scope":{"type":"team"},"citations":"a.py:1"}'
    )
    data = b"\xef\xbb\xbf" + b"\r\n".join([good[0], b"", b"[1]", good[1], odd, b'{"fact": 5}', b"\xff\xfe", good[2]])
    file = tmp_path / "m.jsonl"
    file.write_bytes(data + b"\n" + good[3][: len(good[3]) // 2])
    done = run(bank, "copilot-memory", file)
    assert [each.title for each in done.records] == ["s0", "s1", "v", "s2"]
    lines = told(done)
    assert "m.jsonl:3: skipped: it is no memory with a fact: [1]" in lines
    assert 'm.jsonl:6: skipped: it is no memory with a fact: {"fact": 5}' in lines
    assert any(each.startswith("m.jsonl:7: line 7 skipped: invalid JSON") for each in lines)
    assert any(each.startswith("m.jsonl:9: line 9 skipped: invalid JSON") for each in lines)
    assert "m.jsonl:5: its version is 2, not 1; it is read as that one" in lines
    record = records_of(bank)["v"]
    assert (record.metadata["scope"], record.metadata["version"]) == ({"type": "team"}, 2)
    assert record.content.endswith("## Citations\n\n- a.py:1")


def test_a_secret_in_a_fact_is_redacted(bank: BankFolder, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    done = run(bank, "copilot-memory", written(tmp_path, line(f"The token is {secret}.", reason=secret)))
    assert done.redacted
    assert secret not in str(tree_at(bank.folder))


SESSION = "1521ab38-a068-4801-80e5-5ec5460ab025"
ENCODED = base64.b64encode(SESSION.encode()).decode()
TOOL = "GitHub.copilot-chat/memory-tool/memories"


def user_folder(folder: Path, project: Path) -> Path:
    """Make VS Code's folder `User`, with a workspace for the project and one for another project."""
    fact = json.dumps(
        {"subject": "builds", "fact": "Use ninja.", "citations": "a.ts:1", "reason": "R", "category": "b"}
    )
    return make_tree(
        folder / "User",
        {
            "globalStorage/github.copilot-chat/memory-tool/memories/style.md": "# Style\n\nShort names.\n",
            "globalStorage/other.extension/state.json": "never read",
            "settings.json": "never read",
            "workspaceStorage/aa/workspace.json": json.dumps({"folder": project.as_uri()}),
            f"workspaceStorage/aa/{TOOL}/repo/builds.json": fact,
            f"workspaceStorage/aa/{TOOL}/repo/tests.md": "Tests need a tunnel.\n",
            f"workspaceStorage/aa/{TOOL}/{ENCODED}/plan.md": "# Plan\n\nFirst the parser.\n",
            "workspaceStorage/bb/workspace.json": '{"folder": "file:///srv/mail%20box"}',
            f"workspaceStorage/bb/{TOOL}/repo/mail.md": "Elsewhere.\n",
            f"workspaceStorage/cc/{TOOL}/repo/lost.md": "Nobody's.\n",
            "workspaceStorage/dd/workspace.json": "{}",
        },
    )


def test_the_memory_tool_of_vs_code_is_read_for_the_user_and_this_project(bank: BankFolder, tmp_path: Path) -> None:
    user = user_folder(tmp_path, bank.project)
    done = run(bank, "copilot-memory", user)
    found = records_of(bank)
    assert {title: each.type for title, each in found.items()} == {
        "Style": "user",
        "builds": "fact",
        "tests": "fact",
        "Plan": "episodic",
    }
    assert found["Plan"].metadata["copilot_session"] == SESSION
    assert found["builds"].metadata["category"] == "b"
    assert told(done) == [
        f"workspaceStorage/bb/{TOOL}: left out: its memories are of another project, /srv/mail box; --all takes them",
        f"workspaceStorage/cc/{TOOL}: left out: its memories are of a project that is not named; --all takes them",
    ]
    assert "never read" not in str(tree_at(bank.folder))
    again = run(bank, "copilot-memory", user)
    assert (again.records, again.already) == ((), 4)
    every = import_from(bank, "copilot-memory", user, make_way(2), everything=True)
    assert [each.title for each in every.records] == ["mail", "lost"]


def test_a_storage_that_is_named_is_read_of_whichever_project(bank: BankFolder, tmp_path: Path) -> None:
    storage = user_folder(tmp_path, bank.project) / "workspaceStorage" / "bb"
    done = run(bank, "copilot-memory", storage)
    assert [each.title for each in done.records] == ["mail"]
    assert any("its memories are of another project, /srv/mail box" in each for each in told(done))
    assert run(bank, "copilot-memory", storage.parent / "aa" / TOOL).records


def test_links_and_foreign_files_are_reported(bank: BankFolder, tmp_path: Path) -> None:
    user = user_folder(tmp_path, bank.project)
    make_tree(tmp_path, {"outside/secret.md": "elsewhere"})
    here = user / "workspaceStorage" / "aa" / TOOL
    (here / "repo" / "linked.md").symlink_to(tmp_path / "outside" / "secret.md")
    (here / "run.sh").write_text("x")
    (user / "workspaceStorage" / "ee").symlink_to(tmp_path / "outside")
    shutil.rmtree(user / "globalStorage" / "github.copilot-chat" / "memory-tool")
    (user / "globalStorage" / "github.copilot-chat" / "memory-tool").symlink_to(tmp_path / "outside")
    lines = told(run(bank, "copilot-memory", user))
    assert f"workspaceStorage/aa/{TOOL}/repo/linked.md: a link is not followed" in lines
    assert f"workspaceStorage/aa/{TOOL}/run.sh: skipped: it is neither JSON nor text" in lines
    assert "workspaceStorage/ee: a link is not followed" in lines
    assert "globalStorage/github.copilot-chat/memory-tool: a link is not followed" in lines
    assert "elsewhere" not in str(tree_at(bank.folder))


@pytest.mark.parametrize("name", ["a.png", "empty", "none.jsonl"])
def test_what_is_no_memory_of_copilot_is_refused(bank: BankFolder, tmp_path: Path, name: str) -> None:
    make_tree(tmp_path / "x", {"a.png": "x", "none.jsonl": "\n"})
    (tmp_path / "x" / "empty").mkdir()
    with pytest.raises(ForeignError):
        import_from(bank, "copilot-memory", tmp_path / "x" / name, make_way())


def test_the_option_all_is_refused_where_it_means_nothing(bank: BankFolder, tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="copilot-memory"):
        import_from(bank, "codex-memory", tmp_path, make_way(), everything=True)


def test_what_was_imported_is_found_by_search_and_recall_on_the_command_line(bank: BankFolder, tmp_path: Path) -> None:
    written(tmp_path, line("Ids are UUIDs of version seven.", "ids", reason="Sorting."), line("B", "b", **of(THEIRS)))
    shown = command(bank.project, "import", "copilot-memory", "../memories.jsonl", "--dry-run")
    assert (shown.returncode, "--all takes them" in shown.stderr, "dry run" in shown.stderr) == (0, True, True)
    done = json.loads(command(bank.project, "import", "copilot-memory", "../memories.jsonl", "--all", "--json").stdout)
    assert [each["title"] for each in done["records"]] == ["ids", "b"]
    ident = done["records"][0]["id"]
    assert ident in command(bank.project, "search", "uuids sorting").stdout
    assert "User input: run make check" in command(bank.project, "recall", ident).stdout
    assert command(bank.project, "check").returncode == 0
    near = command(bank.project, "import", "copilot-memry", "../memories.jsonl")
    assert (near.returncode, "copilot-memory" in near.stderr) == (2, True)


class Making:
    """Makes a file of memories of Copilot, with values of unexpected kinds."""

    def __init__(self, seed: int) -> None:
        self.marks = Marks(seed)
        self.chance = self.marks.chance

    def text(self, what: str) -> str:
        word, more = self.marks.word(what), self.marks.word(what)
        forms = [
            word,
            f"# {word}\n{more}",
            f"```\n{word}",
            f"- {word}\n  - {more}",
            f"{word}\n---\n{more}",
            f"\x1b[1m{word}",
        ]
        forms += [f"{word} " * 120, f"<!-- {word}", f"> {word}\n# {more}", f"## Reason\n\n{word}", f" {word}\r\n{more}"]
        return self.chance.choice(forms)

    def value(self, what: str, depth: int = 0) -> Any:
        chosen = self.chance.randrange(8)
        if chosen == 0 and depth < 3:
            return {self.marks.word("key"): self.value(what, depth + 1), "type": self.value(what, depth + 1)}
        if chosen == 1 and depth < 3:
            return [self.value(what, depth + 1) for _ in range(self.chance.randrange(3))]
        return self.chance.choice([self.text(what), self.text(what), None, True, 1, 2.5, "", float("inf")])

    def scope(self) -> Any:
        name = {"host": "github.com", "owner": self.marks.word("owner"), "name": self.marks.word("name")}
        part = {key: name[key] for key in self.chance.sample(sorted(name), 2)}
        one = self.chance.choice([name, name, part, {**name, "id": self.marks.word("id")}])
        return self.chance.choice([{"type": "user"}, {"type": "repository", "repository": one}, self.value("scope")])

    def citation(self) -> Any:
        kind = self.chance.choice(["file", "url", "text"])
        value = {"type": kind, {"file": "path"}.get(kind, kind): self.text("citation")}
        return self.chance.choice([value, value, value, {**value, "line": 3}, self.value("citation")])

    def memory(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "type": self.chance.choice(["memory", "memory", self.value("type")]),
            "version": self.chance.choice([1, 1, 2, True, self.value("version")]),
            "subject": self.chance.choice([self.text("subject"), self.value("subject")]),
            "fact": self.chance.choice([self.text("fact"), self.text("fact"), self.value("fact")]),
            "reason": self.chance.choice([self.text("reason"), self.value("reason")]),
            "scope": self.scope(),
            "citations": self.chance.choice(
                [[self.citation(), self.citation()], [self.citation()], self.value("cite")]
            ),
            "createdAt": self.chance.choice(["2026-01-02T03:04:05Z", self.value("time")]),
            # an empty value says nothing, so its name is not kept
            self.marks.word("key"): self.text("other"),
            "imported_x": self.value("ours"),
        }
        names = self.chance.sample(sorted(made), self.chance.randrange(4, len(made) + 1))
        return {name: made[name] for name in names}

    def lines(self) -> bytes:
        rows = [self.memory() for _ in range(self.chance.randrange(1, 6))]
        lines = [json.dumps(each, ensure_ascii=self.chance.random() < 0.5) for each in rows]
        if self.chance.random() < 0.3:
            lines.append(f'{{"fact": "counted", "fact": "{self.marks.word("twice")}"}}')
        if self.chance.random() < 0.3:
            lines.append(self.chance.choice(lines))
        data = self.chance.choice(["\n", "\r\n", "\n\n"]).join(lines).encode()
        return self.chance.choice([data, b"\xef\xbb\xbf" + data, data + b"\n"])


def test_each_text_of_copilot_is_in_the_bank_or_in_the_report(tmp_path: Path) -> None:
    for seed in range(FILES):
        folder = tmp_path / str(seed)
        making = Making(seed)
        file = make_tree(folder, {"m.jsonl": making.lines()}) / "m.jsonl"
        making.marks.used_in(file.read_text(encoding="utf-8-sig"))
        bank = new_bank(folder)
        here = Here(bank.project, takes_all=True)
        try:
            (found,) = read_copilot_memory(file, "m.jsonl", here)
        except ForeignError:
            shutil.rmtree(folder)
            continue
        lost, done = lost_marks(bank, found, making.marks, seed)
        assert (lost, done.unaccounted) == ([], ()), seed
        again = import_from(bank, "copilot-memory", file, make_way(seed), everything=True)
        assert (again.records, again.already) == ((), len(done.records) + done.already), seed
        shutil.rmtree(folder)
