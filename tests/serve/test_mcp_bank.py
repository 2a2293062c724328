"""`bank mcp` works on the bank that its client means, and refuses where that is not clear."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from tests.running import make_steady_bank
from tests.serve.mcp_client import MODERN, Client, request, start

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

ABLE = {"roots": {"listChanged": True}}


@pytest.fixture
def other(tmp_path: Path, way: Way) -> BankFolder:
    return make_steady_bank(tmp_path / "other", way)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


class Rooted(Client):
    """A client that answers `roots/list` in the era with a handshake; `roots` is what it says, None for an error."""

    def __init__(self, *folders: Path | str, **more: Any) -> None:
        super().__init__(**more)
        self.roots: list[Path | str] | None = list(folders)
        self.asked = 0
        self.heard = b""
        write = self.lines.write

        def answering(data: bytes, /) -> int:
            if b'"roots/list"' not in data:
                return write(data)
            self.asked += 1
            ident = json.loads(data)["id"]
            said = {"error": {"code": -1, "message": "no"}} if self.roots is None else {"result": roots_of(self.roots)}
            self.server.take(json.dumps({"jsonrpc": "2.0", "id": ident, **said}).encode())
            return len(data)

        self.lines.write = answering  # type: ignore[method-assign]
        self.open(roots=ABLE["roots"])


def roots_of(folders: list[Path | str]) -> dict[str, Any]:
    return {"roots": [{"uri": each.as_uri() if isinstance(each, Path) else each, "name": "x"} for each in folders]}


def bank_of(client: Client) -> str:
    """Return the folder of the bank that a call works on, as its answer says."""
    answer: dict[str, str] = client.done("show", address="decisions")["bank"]
    return answer["path"]


def candidates(error: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["source"], each["bank"]) for each in error["candidates"]}


def test_a_client_that_names_a_thousand_folders_is_refused_and_one_named_again_and_again_is_one(
    bank: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty)
    assert bank_of(Rooted(*[bank.project] * 1000)) == str(bank.folder)
    error = Rooted(*[bank.project / str(number) for number in range(1000)]).refused("show", address="decisions")
    assert error["code"] == "bank-choice"
    assert "names 1000 folders, more than 100" in error["message"]


def test_a_folder_with_a_name_that_no_folder_can_have_hides_no_other_one(
    bank: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty)
    assert bank_of(Rooted(bank.project, empty / ("a" * 300), empty / ("a/" * 3000))) == str(bank.folder)


def test_the_working_directory_is_used_where_the_client_names_nothing(
    bank: BankFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bank.project / "src").mkdir()
    monkeypatch.chdir(bank.project / "src")
    assert bank_of(Client()) == str(bank.folder)


@pytest.mark.parametrize("name", ["CLAUDE_PROJECT_DIR", "WORKSPACE_FOLDER_PATHS"])
def test_the_project_that_the_client_names_comes_before_a_working_directory_without_a_bank(
    bank: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(empty)
    assert bank_of(Client({name: str(bank.project)})) == str(bank.folder)


@pytest.mark.parametrize("name", ["GEMINI_PROJECT_DIR", "CURSOR_PROJECT_DIR", "COPILOT_PROJECT_DIR"])
def test_a_variable_that_clients_set_only_for_hooks_says_nothing(
    bank: BankFolder, other: BankFolder, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(bank.project)
    assert bank_of(Client({name: str(other.project)})) == str(bank.folder)


@pytest.mark.parametrize("form", ["{0},{1}", '["{0}", "{1}"]', "{0}, {1}"])
def test_several_open_folders_of_which_one_has_a_bank_mean_that_one(
    bank: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(empty)
    assert bank_of(Client({"WORKSPACE_FOLDER_PATHS": form.format(empty, bank.project)})) == str(bank.folder)


def test_a_folder_with_a_comma_is_one_folder(tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    found = make_steady_bank(tmp_path / "a,b", way)
    monkeypatch.chdir(tmp_path)
    assert bank_of(Client({"WORKSPACE_FOLDER_PATHS": str(found.project)})) == str(found.folder)


def test_roots_are_asked_for_once_and_again_after_they_changed(
    bank: BankFolder, other: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty)
    client = Rooted(bank.project)
    assert [bank_of(client), bank_of(client), client.asked] == [str(bank.folder), str(bank.folder), 1]
    client.roots = [other.project]
    client.send(b'{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}')
    assert [bank_of(client), client.asked] == [str(other.folder), 2]


def test_a_client_without_roots_is_not_asked(bank: BankFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bank.project)
    client = Rooted(bank.project)
    client.open()
    assert [bank_of(client), client.asked] == [str(bank.folder), 0]


@pytest.mark.parametrize("said", [None, [], ["https://example.com/x", "file://%00", "file:relative", "nothing"]])
def test_roots_that_are_refused_or_no_folders_leave_the_working_directory(
    bank: BankFolder, monkeypatch: pytest.MonkeyPatch, said: list[Path | str] | None
) -> None:
    monkeypatch.chdir(bank.project)
    client = Rooted()
    client.roots = said
    assert [bank_of(client), bank_of(client), client.asked] == [str(bank.folder), str(bank.folder), 1]


def test_a_root_may_have_spaces_and_umlauts(tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    found = make_steady_bank(tmp_path / "mein Gedächtnis %20#1", way)
    monkeypatch.chdir(tmp_path)
    assert bank_of(Rooted(found.project)) == str(found.folder)


def test_a_client_of_the_new_era_is_asked_in_the_answer_and_calls_again(
    bank: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty)
    client = Client()
    meta = {**MODERN, "io.modelcontextprotocol/clientCapabilities": ABLE}
    params: dict[str, Any] = {"name": "bank_note", "arguments": {"text": "from the root"}, "_meta": meta}
    asked = client.ask("tools/call", params)["result"]
    assert asked["resultType"] == "input_required"
    assert asked["inputRequests"] == {"roots": {"method": "roots/list"}}
    answered = {**params, "inputResponses": {"roots": roots_of([bank.project])}}
    result = client.ask("tools/call", answered)["result"]
    assert (result["resultType"], result["structuredContent"]["bank"]["path"]) == ("complete", str(bank.folder))
    # it was written once
    answered |= {"name": "bank_search", "arguments": {"query": "root"}}
    assert len(client.ask("tools/call", answered)["result"]["structuredContent"]["hits"]) == 1


def test_a_client_of_the_new_era_whose_roots_changed_gets_the_bank_of_the_new_ones(
    bank: BankFolder, other: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no notification for that: each call asks."""
    monkeypatch.chdir(empty)
    client = Client()
    meta = {**MODERN, "io.modelcontextprotocol/clientCapabilities": ABLE}
    params: dict[str, Any] = {"name": "bank_show", "arguments": {"address": "decisions"}, "_meta": meta}
    for found in (bank, other, bank):
        assert client.ask("tools/call", params)["result"]["resultType"] == "input_required"
        answered = {**params, "inputResponses": {"roots": roots_of([found.project])}}
        result = client.ask("tools/call", answered)["result"]
        assert result["structuredContent"]["bank"]["path"] == str(found.folder)
        # a list cannot ask: it is of the bank of the call before
        listed = client.ask("resources/list", {"_meta": meta})["result"]["resources"]
        assert "bank://file/progress.md" in [each["uri"] for each in listed]


def test_a_client_of_the_new_era_that_lists_resources_first_is_asked_at_its_first_call(
    bank: BankFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claude Code does: its lists are answered by the other places, since they cannot ask."""
    monkeypatch.chdir(bank.project)
    client = Client()
    meta = {**MODERN, "io.modelcontextprotocol/clientCapabilities": ABLE}
    assert client.ask("resources/list", {"_meta": meta})["result"]["resources"]
    params: dict[str, Any] = {"name": "bank_note", "arguments": {"text": "from the root"}, "_meta": meta}
    assert client.ask("tools/call", params)["result"]["resultType"] == "input_required"
    answered = {**params, "inputResponses": {"roots": roots_of([bank.project])}}
    assert client.ask("tools/call", answered)["result"]["isError"] is False
    assert sum("from the root" in path.read_text() for path in bank.folder.glob("*.md")) == 1
    # what was asked for is one call
    assert len((bank.folder / ".state" / "audit.jsonl").read_text().splitlines()) == 1


def test_a_refused_call_does_not_name_the_bank_of_the_call_before(
    bank: BankFolder, other: BankFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bank.project)
    client = Rooted(bank.project)
    assert bank_of(client) == str(bank.folder)
    client.roots = [bank.project, other.project]
    client.send(b'{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}')
    said = client.call("load")
    assert (said["isError"], said["structuredContent"]["bank"]) == (True, None)


@pytest.mark.parametrize("said", [{}, {"roots": None}, {"roots": {"roots": [7, {"uri": 7}, {}]}}])
def test_a_client_of_the_new_era_that_answers_nonsense_gets_the_working_directory(
    bank: BankFolder, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any]
) -> None:
    monkeypatch.chdir(bank.project)
    meta = {**MODERN, "io.modelcontextprotocol/clientCapabilities": ABLE}
    params = {"name": "bank_show", "arguments": {"address": "decisions"}, "_meta": meta, "inputResponses": said}
    result = Client().ask("tools/call", params)["result"]
    assert result["structuredContent"]["bank"]["path"] == str(bank.folder)


def test_places_with_different_banks_are_refused_with_what_they_are(
    bank: BankFolder, other: BankFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(other.project)
    client = Client({"CLAUDE_PROJECT_DIR": str(bank.project)})
    before = {path: path.read_bytes() for folder in (bank, other) for path in folder.folder.rglob("*.md")}
    error = client.refused("note", text="whose is it?")
    assert (error["code"], error["hint"]) == ("bank-choice", f"bank mcp --bank {bank.folder}")
    assert candidates(error) == {
        ("CLAUDE_PROJECT_DIR", str(bank.folder)),
        ("working directory", str(other.folder)),
    }
    assert {path: path.read_bytes() for path in before} == before
    said = client.call("note", text="whose is it?")
    assert said["structuredContent"]["bank"] is None
    assert str(other.folder) in said["content"][0]["text"]


def test_two_roots_with_different_banks_are_refused(
    bank: BankFolder, other: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty)
    error = Rooted(bank.project, other.project).refused("load")
    assert (error["code"], candidates(error)) == (
        "bank-choice",
        {("roots", str(bank.folder)), ("roots", str(other.folder))},
    )


def test_two_ways_to_the_same_bank_agree(bank: BankFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "link"
    link.symlink_to(bank.project)
    monkeypatch.chdir(bank.project)
    assert Path(bank_of(Client({"CLAUDE_PROJECT_DIR": str(link)}))).samefile(bank.folder)


def test_a_project_without_a_bank_does_not_get_that_of_another_place(
    bank: BankFolder, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bank.project)
    error = Client({"CLAUDE_PROJECT_DIR": str(empty)}).refused("load")
    assert error["code"] == "no-bank"
    assert ("working directory", str(bank.folder)) in candidates(error)


@pytest.mark.parametrize("place", ["home", "plugin", "copilot", "link", "plugins", "root"])
def test_home_and_a_plugins_folder_are_no_place_whatever_they_hold(
    bank: BankFolder, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    own = tmp_path / ".claude" / "plugins" / "cache" / "bank"
    elsewhere = tmp_path / "elsewhere"
    make_steady_bank(own, way)
    make_steady_bank(elsewhere, way)
    (tmp_path / "link").symlink_to(elsewhere)
    folder, environ = {
        "home": (elsewhere, {"HOME": str(elsewhere)}),
        "plugin": (own, {"CLAUDE_PLUGIN_ROOT": str(own)}),
        "copilot": (elsewhere, {"COPILOT_PLUGIN_ROOT": str(elsewhere)}),
        "link": (elsewhere, {"CLAUDE_PLUGIN_ROOT": str(tmp_path / "link")}),
        "plugins": (own, {}),
        "root": (Path(tmp_path.anchor), {}),
    }[place]
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    error = Client(environ).refused("load")
    assert (error["code"], error["hint"]) == ("bank-choice", "bank mcp --bank DIR")
    assert candidates(error) == {("working directory", "")}
    # a project that the client names is meant, wherever the server was started
    assert bank_of(Client({**environ, "CLAUDE_PROJECT_DIR": str(bank.project)})) == str(bank.folder)


def test_what_the_user_names_decides(bank: BankFolder, other: BankFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(other.project)
    environ = {"CLAUDE_PROJECT_DIR": str(other.project)}
    assert bank_of(Client({**environ, "MEMORYBANK_DIR": str(bank.project)})) == str(bank.folder)
    assert bank_of(Client(environ, bank=str(bank.project))) == str(bank.folder)
    both = {**environ, "MEMORYBANK_DIR": str(other.project)}
    client = Rooted(other.project, environ=both, bank=str(bank.folder))
    assert [bank_of(client), client.asked] == [str(bank.folder), 0]


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_bank_that_is_named_and_is_not_there_is_not_replaced_by_another_one(
    bank: BankFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(bank.project)
    gone = str(tmp_path / "gone")
    client = Client(bank=gone) if how == "option" else Client({"MEMORYBANK_DIR": gone})
    assert client.refused("load")["code"] == "no-bank"
    assert client.refused("note", text="x")["code"] == "no-bank"


def test_a_bank_that_vanishes_is_not_named_any_more_and_one_that_appears_is_used(
    bank: BankFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from memorybank import Bank

    monkeypatch.chdir(bank.project)
    client = Client()
    client.done("note", text="before")
    bank.folder.rename(tmp_path / "away")
    answer = client.call("note", text="lost?")
    assert answer["structuredContent"]["error"]["code"] == "no-bank"
    assert answer["structuredContent"]["bank"] is None
    assert not bank.folder.exists()
    (tmp_path / "away").rename(bank.folder)
    assert len(client.done("search", query="before")["hits"]) == 1
    shutil.rmtree(bank.folder)
    assert client.refused("load")["code"] == "no-bank"
    Bank.init(bank.project)
    assert client.done("search", query="before")["hits"] == []
    client.done("note", text="after")
    assert len(client.done("search", query="after")["hits"]) == 1


def test_a_working_directory_that_was_deleted_is_an_answer_and_no_crash(tmp_path: Path) -> None:
    folder = tmp_path / "short"
    folder.mkdir()
    process = start(folder, HOME=str(tmp_path))
    assert process.stdin
    assert process.stdout
    process.stdin.write(request(1, "ping"))
    process.stdin.flush()
    process.stdout.readline()
    folder.rmdir()
    process.stdin.write(request(2, "tools/call", name="bank_load", arguments={}))
    process.stdin.flush()
    error = json.loads(process.stdout.readline())["result"]["structuredContent"]["error"]
    assert error["code"] in {"bank-choice", "no-bank"}
    process.communicate(timeout=60)


def test_a_search_for_a_project_says_which_banks_it_looked_at(
    bank: BankFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through MCP as on the command line: every known bank of the project, and the one that is gone."""
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("api", "gone"):
        (tmp_path / name).mkdir()
        Bank.init(tmp_path / name).save("The rate limit is 1000 requests", project="platform")
    shutil.rmtree(tmp_path / "gone")
    monkeypatch.chdir(bank.project)
    client = Client(tools="core")
    client.open()
    answer = client.call("search", query="rate limit", project="platform")
    text = answer["content"][0]["text"]
    assert "@api The rate limit is 1000 requests" in text
    assert "searched 2 banks: project, api\n" in text
    assert f"not searched: {tmp_path / 'gone' / '.memorybank'}: it is no longer there" in text
    assert [each["bank"] for each in answer["structuredContent"]["searched_banks"]] == ["project", "api"]
