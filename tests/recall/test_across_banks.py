"""Search over several banks: by project or in all of them, each hit with its bank; what an empty answer proposes."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.facade import search as search_module
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess


@pytest.fixture
def banks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Bank]:
    """Make banks that this machine has seen: `api` and `web` are of the project platform, each in its own way."""
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = {}
    for name in ("api", "web", "blog"):
        (tmp_path / name).mkdir()
        made[name] = Bank.init(tmp_path / name)
    settings = made["web"].path / "bank.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + 'project = "platform"\n', encoding="utf-8")
    made["api"].save("The rate limit is 1000 requests a minute", project="platform")
    made["api"].save("The rate limit of nothing in particular")
    made["web"].save("The rate limit is shown in the footer")
    made["web"].save("The rate limit of another project", project="other")
    made["web"].note("The rate limit header is missing on 304", kind="gotcha")
    made["blog"].save("No rate limit for readers")
    return made


def run(project: Path, *words: str) -> CompletedProcess[str]:
    return run_bank(project, *words, env={"MEMORYBANK_HOME": os.environ["MEMORYBANK_HOME"]})


def lines(bank: Bank, query: str = "rate limit", **given: Any) -> list[tuple[str, str]]:
    return sorted((hit.bank, hit.text.strip("- ")) for hit in bank.search(query, **given))


PLATFORM = [
    ("api", "The rate limit is 1000 requests a minute"),
    ("web", "The rate limit header is missing on 304"),
    ("web", "The rate limit is shown in the footer"),
]


@pytest.mark.parametrize("place", ["api", "web", "blog"])
@pytest.mark.parametrize("query", ["rate limit", ""])
def test_a_project_is_searched_in_all_its_banks_from_anywhere(banks: dict[str, Bank], place: str, query: str) -> None:
    found = [each for each in lines(banks[place], query, project="platform", limit=100) if "rate limit" in each[1]]
    assert found == PLATFORM


def test_each_hit_names_its_bank(banks: dict[str, Bank]) -> None:
    folder = str(banks["web"].path)
    project = banks["blog"].project
    done = run(project, "search", "footer", "--project", "platform", "--json")
    (hit,) = json.loads(done.stdout)["hits"]
    assert (hit["bank"], hit["bank_folder"]) == ("web", folder)
    assert f"  bank: web  {folder}\n" in run(project, "search", "footer", "--project", "platform").stdout
    assert {hit.bank for hit in banks["blog"].search("rate limit", all_banks=True)} == {"api", "web", "blog"}
    assert {hit.bank for hit in banks["blog"].search("rate limit")} == {""}


@pytest.mark.parametrize("harm", ["gone", "a file now", "broken settings", "newer", "link", "unreadable", "index"])
def test_a_bank_that_cannot_be_searched_stops_no_other(banks: dict[str, Bank], harm: str, tmp_path: Path) -> None:
    bad = banks["blog"]
    folder, project = bad.path, bad.project
    if harm in {"gone", "a file now"}:
        shutil.rmtree(project)
    if harm == "a file now":
        project.write_text("x", encoding="utf-8")
    if harm == "link":
        folder.rename(tmp_path / "moved")
        folder.symlink_to("/nowhere")
    if harm == "unreadable":
        folder.chmod(0)
    if harm == "index":
        lines(banks["api"], all_banks=True)
        for index in (tmp_path / "cache").rglob("index.sqlite"):
            index.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    texts = {"broken settings": "name = [", "newer": "layout = 99\n"}
    if harm in texts:
        (folder / "bank.toml").write_text(texts[harm], encoding="utf-8")
    try:
        hits = banks["api"].search("rate limit", all_banks=True)
        assert {"api", "web"} <= {hit.bank for hit in hits}
        assert lines(banks["api"], project="platform") == PLATFORM
        told = harm != "index" and (harm != "unreadable" or os.geteuid() != 0)
        assert [each.bank_folder for each in hits.unread] == [str(folder)] * told
        done = run(banks["api"].project, "search", "rate limit", "--all-banks")
        assert (done.returncode, f"not searched: {folder}" in done.stderr) == (0, told)
        is_searched = "blog" in {each.bank for each in hits.searched}
        assert is_searched is not told
    finally:
        if harm == "unreadable":
            folder.chmod(0o700)


def test_an_answer_says_which_banks_it_looked_at(banks: dict[str, Bank]) -> None:
    project = banks["blog"].project
    done = run(project, "search", "footer", "--project", "platform", "--json")
    searched = json.loads(done.stdout)["searched_banks"]
    assert [(each["bank"], each["project"], each["hit_count"]) for each in searched] == [
        ("blog", "", 0),
        ("api", "", 0),
        ("web", "platform", 1),
    ]
    assert {each["bank_folder"] for each in searched} == {str(bank.path) for bank in banks.values()}
    assert "searched 3 banks: blog, api, web\n" in run(project, "search", "footer", "--project", "platform").stderr
    alone = run(project, "search", "footer")
    assert ("searched" in alone.stderr, banks["blog"].search("footer").searched) == (False, ())


def test_a_project_that_no_bank_has_is_answered_with_those_there_are(banks: dict[str, Bank]) -> None:
    assert "(the projects of the banks: platform)" in banks["blog"].search("rate limit", project="plattform").hint
    assert "projects" not in banks["blog"].search("zeppelin", project="platform").hint


def test_many_banks_that_are_gone_do_not_hide_the_hits(banks: dict[str, Bank], tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"old{number}").mkdir()
        shutil.rmtree(Bank.init(tmp_path / f"old{number}").project)
    done = run(banks["blog"].project, "search", "footer", "--project", "platform")
    assert done.stderr.count("not searched: ") == 12
    assert "  and 18 more; --json has all of them\n" in done.stderr
    answer = json.loads(run(banks["blog"].project, "search", "footer", "--project", "platform", "--json").stdout)
    assert len(answer["unread_banks"]) == 30


def test_a_bank_in_a_folder_that_may_not_be_entered_is_neither_gone_nor_forgotten(banks: dict[str, Bank]) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may enter every folder")
    project, folder = banks["web"].project, str(banks["web"].path)
    project.chmod(0)
    try:
        assert [each.bank_folder for each in banks["api"].search("rate limit", all_banks=True).unread] == [folder]
        assert run(banks["api"].project, "banks", "forget", "--missing").returncode == 0
        assert "(missing)" not in run(banks["api"].project, "banks", "list").stdout
    finally:
        project.chmod(0o700)


def test_the_bank_of_this_place_must_be_searched(banks: dict[str, Bank]) -> None:
    (banks["api"].path / "bank.toml").write_text("name = [", encoding="utf-8")
    done = run(banks["api"].project, "search", "rate limit", "--project", "platform")
    assert (done.returncode, "[config]" in done.stderr) == (8, True)


def test_nothing_is_written_in_other_banks(banks: dict[str, Bank]) -> None:
    for name in ("web", "blog"):
        shutil.rmtree(banks[name].path / ".state", ignore_errors=True)
    assert lines(banks["api"], project="platform") == PLATFORM
    assert not (banks["web"].path / ".state").exists()
    if os.geteuid():
        banks["web"].path.chmod(0o500)
        assert lines(banks["api"], project="platform") == PLATFORM
        banks["web"].path.chmod(0o700)


def test_a_record_of_two_clones_is_found_once(banks: dict[str, Bank]) -> None:
    shutil.copytree(banks["api"].path / "memories", banks["blog"].path / "memories", dirs_exist_ok=True)
    assert lines(banks["blog"], "1000 requests", all_banks=True)[0][0] == "blog"
    assert len(lines(banks["web"], "1000 requests minute", project="platform", limit=1)) == 1
    assert lines(banks["web"], project="platform") == PLATFORM


def test_documents_of_one_name_in_two_banks_are_both_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = [Bank.init(tmp_path / name) for name in ("api", "web")]
    for bank, queue in zip(made, ("Kafka", "NATS"), strict=True):
        for name, head in (
            ("docs/plans/roadmap.md", "type: plan"),
            (".memorybank/memories/fact/n.md", "id: auth-notes"),
        ):
            path = bank.project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"---\n{head}\n---\n# Roadmap\n\nThe platypus moves to {queue}.\n", encoding="utf-8")
        assert len(bank.search("platypus")) == 2
    assert len(made[0].search("platypus", all_banks=True)) == 4


def test_a_word_that_one_bank_knows_is_not_called_unknown(banks: dict[str, Bank]) -> None:
    banks["blog"].save("The rates limit of a footed table")
    assert banks["blog"].search("rate footer").assumed
    assert not banks["blog"].search("rate footer", all_banks=True).assumed


def test_an_empty_answer_proposes_where_else_to_look(banks: dict[str, Bank], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "_has_extra", lambda: False)
    project = banks["blog"].project
    done = run(project, "search", "zeppelin")
    named, proposed = done.stderr.splitlines()
    assert named == "no entry has: zeppelin"
    assert proposed.startswith("nothing found; try fewer or other words, --all-banks for 2 other banks")
    assert "--all-banks" in json.loads(run(project, "search", "zeppelin", "--json").stdout)["hint"]
    filtered = banks["blog"].search("readers", type="error").hint
    assert ("fewer filters" in filtered, "--all-banks" in filtered) == (True, True)
    for given in ({"all_banks": True}, {"project": "platform"}):
        assert "--all-banks" not in banks["blog"].search("zeppelin", **given).hint
    for name in ("api", "web"):
        shutil.rmtree(banks[name].project)
    assert "--all-banks" not in banks["blog"].search("zeppelin").hint


def test_no_entry_with_all_tags_proposes_those_with_one(banks: dict[str, Bank]) -> None:
    banks["api"].save("Clock skew broke the tokens", tags=["bug-fix", "jwt", "clock-skew"])
    hint = banks["api"].search("tokens", tags=["jwt", "error"]).hint
    assert hint == "no entry has all of these tags; --any-tag jwt,error needs only one of them"
    assert len(banks["api"].search("tokens", any_tags=["jwt", "error"])) == 1
    assert "--any-tag" not in banks["api"].search("tokens", tags=["css", "error"]).hint


def test_the_extra_is_proposed_where_it_would_help_and_only_there(
    banks: dict[str, Bank], monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = banks["api"]
    for has, words in ((False, "pip install 'memorybank[semantic]'"), (True, "try --semantic for")):
        monkeypatch.setattr(search_module, "_has_extra", lambda has=has: has)
        assert words in bank.search("how many calls may a client make in a minute").hint
        assert "--semantic" in bank.search("throughput ceiling").hint
        for good in ("rate limit", "requests a minute", "1000 requests", "limit"):
            hits = bank.search(good)
            assert (bool(hits), hits.hint, hits.to_wire()["hint"]) == (True, "", "")
