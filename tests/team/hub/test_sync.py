"""Two machines and a hub. The first tests are what another tool's sync was seen to do wrong, one after the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.facade.schemas import answer_schema
from tests.cli.test_json import faults_of
from tests.running import FULL
from tests.team.hub.machines import Machine, settle_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.team.hub.conftest import MadeHub

Pair = tuple[Machine, Machine]
MARKS = "<<<<<<< "


def saved(machine: Machine, text: str, title: str) -> str:
    """Save a memory, and return its file's name."""
    done = machine.run("save", text, "--type", "fact", "--title", title, "--json")
    return str(json.loads(done.stdout)["record"]["file"])


# --- the traps


def test_many_pulls_make_no_duplicate(pair: Pair) -> None:
    one, two = pair
    name = saved(one, "The API answers 429", "Rate limit")
    one.sync()
    for _ in range(100 if FULL else 10):
        two.sync()
    assert [each for each in two.files() if each.startswith("memories/")] == [name]
    assert two.files() == one.files()
    assert two.read(name) == one.read(name)


def test_what_could_not_be_applied_is_not_lost_when_the_cursor_moves_on(pair: Pair) -> None:
    one, two = pair
    (two.folder / "memories").mkdir(exist_ok=True)
    # a file where a folder has to be: the first row cannot be written here, the second one can
    (two.folder / "memories" / "fact").write_text("in the way")
    name = saved(one, "The API answers 429", "Rate limit")
    one.run("note", "Keys expire at midnight", "--as", "gotcha")
    one.sync()
    first = two.sync()
    assert [each["file"] for each in first["refused"] if each["side"] == "hub"] == [name]
    assert "Keys expire at midnight" in two.read("patterns.md")
    assert name in two.run("sync", "status").stderr
    (two.folder / "memories" / "fact").unlink()
    two.sync()
    assert two.read(name) == one.read(name)
    assert two.sync()["refused"] == []


def test_an_edit_of_anothers_record_comes_back_to_its_author(pair: Pair) -> None:
    one, two = pair
    name = saved(one, "The API answers 429", "Rate limit")
    settle_all(one, two)
    two.run("update", name.rpartition("/")[2].removesuffix(".md"), "--summary", "four hundred twenty nine")
    two.sync()
    answer = one.sync()
    assert [(each["file"], each["action"], each["by"]) for each in answer["pulled"]] == [(name, "take", "bob")]
    assert "four hundred twenty nine" in one.read(name)


@pytest.mark.parametrize("late", ["one", "two"])
def test_a_clock_that_is_an_hour_off_decides_nothing(made: MadeHub, tmp_path: Path, late: str) -> None:
    """Whoever has the later clock: the texts after the same edits are the same, and both edits are in them."""
    clock = {name: {"SOURCE_DATE_EPOCH": str(1_790_000_000 + 3600 * (name == late))} for name in ("one", "two")}
    one = Machine(tmp_path / "one", made, "alice", **clock["one"])
    two = Machine(tmp_path / "two", made, "bob", **clock["two"])
    one.run("note", "From one", "--as", "gotcha")
    settle_all(one, two)
    one.write("memories/fact/f.md", "# F\n\none\n")
    settle_all(one, two)
    one.write("memories/fact/f.md", "# F\n\none and more\n")
    two.write("memories/fact/f.md", "# F\n\none, otherwise\n")
    one.sync()
    two.sync()
    settle_all(one, two)
    text = one.read("memories/fact/f.md")
    assert "one and more\n" in text
    assert "one, otherwise\n" in text
    assert text.count(MARKS) == 1


def test_deletes_travel_and_stay(pair: Pair) -> None:
    one, two = pair
    one.write("memories/fact/gone.md", "# Gone\n\ntext\n")
    settle_all(one, two)
    (two.folder / "memories/fact/gone.md").unlink()
    two.sync()
    assert one.sync()["pulled"][0]["action"] == "removed"
    for machine in (one, two, one, two):
        machine.sync()
    assert "memories/fact/gone.md" not in {**one.files(), **two.files()}


@pytest.mark.parametrize("first", [0, 1])
def test_an_edit_against_a_delete_is_seen_by_both(pair: Pair, first: int) -> None:
    one, two = pair
    one.write("memories/fact/f.md", "# F\n\ntext\n")
    settle_all(one, two)
    (one.folder / "memories/fact/f.md").unlink()
    two.write("memories/fact/f.md", "# F\n\ntext, and more\n")
    (pair[first]).sync()
    (pair[1 - first]).sync()
    settle_all(one, two)
    assert "text, and more\n" in one.read("memories/fact/f.md")
    assert MARKS in one.read("memories/fact/f.md")


def test_more_than_a_page_is_read_to_its_end(made: MadeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memorybank.team.hub.pull.PAGE_ROWS", 3)
    monkeypatch.setattr("memorybank.team.hub.push.BATCH_ROWS", 4)
    one, two = Machine(tmp_path / "one", made, "alice"), Machine(tmp_path / "two", made, "bob")
    for number in range(25):
        one.write(f"memories/fact/f{number}.md", f"# F{number}\n\ntext {number}\n")
    one.sync()
    assert len(two.sync()["pulled"]) >= 25
    settle_all(one, two)


def test_conflicts_are_counted_and_shown(pair: Pair) -> None:
    one, two = pair
    one.write("memories/fact/f.md", "# F\n\na\n")
    settle_all(one, two)
    one.write("memories/fact/f.md", "# F\n\nb\n")
    two.write("memories/fact/f.md", "# F\n\nc\n")
    one.sync()
    (pulled,) = two.sync()["pulled"]
    assert (pulled["action"], pulled["conflict_count"]) == ("conflict", 1)
    settle_all(one, two)
    text = one.read("memories/fact/f.md")
    assert [line for line in text.split("\n") if line.startswith(("<<<", "===", ">>>"))] == [
        "<<<<<<< bob",
        "=======",
        ">>>>>>> hub",
    ]
    # anybody settles it, and it does not come back
    one.write("memories/fact/f.md", "# F\n\nb and c\n")
    settle_all(one, two)
    assert two.read("memories/fact/f.md") == "# F\n\nb and c\n"


# --- merging


def test_both_add_a_line_to_a_section(pair: Pair) -> None:
    one, two = pair
    one.run("note", "From one", "--as", "gotcha")
    two.run("note", "From two", "--as", "gotcha")
    settle_all(one, two)
    text = one.read("patterns.md")
    assert (text.count("- From one\n"), text.count("- From two\n"), text.count(MARKS)) == (1, 1, 0)


def test_banks_that_began_apart_merge_without_a_conflict(made: MadeHub, tmp_path: Path) -> None:
    one, two = Machine(tmp_path / "one", made, "alice"), Machine(tmp_path / "two", made, "bob")
    one.run("note", "From one", "--as", "gotcha")
    two.run("note", "From two", "--as", "gotcha")
    two.run("task", "add", "Ship it")
    settle_all(one, two)
    whole = "".join(map(one.read, ("activeContext.md", "patterns.md", "progress.md")))
    assert [whole.count(each) for each in ("- From one\n", "- From two\n", "Ship it", MARKS)] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    "data",
    [
        b"# A\r\n\r\ntext\r\n",
        b"\xef\xbb\xbf# A\n\ntext\n",
        b"# A\n\nno end",
        b"",
        "# Ä\u2028\x0b\x1b[31m 日本\n".encode(),
    ],
    ids=["crlf", "bom", "no-newline", "empty", "odd"],
)
def test_every_byte_travels(pair: Pair, data: bytes) -> None:
    one, two = pair
    one.write("memories/fact/f.md", data)
    one.sync()
    two.sync()
    assert (two.folder / "memories/fact/f.md").read_bytes() == data
    settle_all(one, two)


def test_settings_and_local_state_stay_here(pair: Pair) -> None:
    one, two = pair
    one.run("config", "set", "kept_megabytes", "5")
    one.write("templates/contracts/patterns.md", "mine")
    one.write(".hidden.md", "mine")
    answer = one.sync()
    assert answer["pushed"] == []
    assert two.sync()["pulled"] == []


def test_documents_of_the_project_travel(pair: Pair) -> None:
    one, two = pair
    one.run("plan", "new", "Move to HTTP/2")
    one.sync()
    two.sync()
    assert [each for each in two.files() if each.startswith("docs/plans/")]


def test_what_was_pulled_can_be_undone_and_is_then_a_change(pair: Pair) -> None:
    one, two = pair
    one.run("note", "From one", "--as", "gotcha")
    one.sync()
    two.sync()
    two.run("undo")
    assert "From one" not in two.read("patterns.md")
    settle_all(one, two)
    assert "From one" not in one.read("patterns.md")


# --- dry run, secrets, deletes


def test_a_dry_run_shows_both_sides_and_writes_neither(pair: Pair) -> None:
    one, two = pair
    one.run("note", "From one", "--as", "gotcha")
    one.write("memories/fact/f.md", "# F\n\na\n")
    one.sync()
    two.run("note", "From two", "--as", "standard")
    two.run("task", "add", "Ship it")
    state = {path: path.read_bytes() for path in two.project.rglob("*") if path.is_file()}
    rows = two.hub.ask("SELECT sequence, digest FROM memorybank.operations ORDER BY sequence")
    shown = two.run("sync", "--dry-run")
    answer = two.sync("--dry-run")
    assert {each["file"]: each["action"] for each in answer["pulled"]} == {
        "memories/fact/f.md": "take",
        "patterns.md": "merged",
    }
    assert {each["file"] for each in answer["pushed"]} == {"patterns.md", "progress.md"}
    assert "+- From one" in shown.stdout
    assert "Ship it" in shown.stdout
    assert {path: path.read_bytes() for path in two.project.rglob("*") if path.is_file()} == state
    assert two.hub.ask("SELECT sequence, digest FROM memorybank.operations ORDER BY sequence") == rows
    settle_all(one, two)


def test_a_dry_run_of_a_new_machine_deletes_nothing(pair: Pair, tmp_path: Path) -> None:
    one, _ = pair
    for number in range(40):
        one.write(f"memories/fact/f{number}.md", f"# F{number}\n")
    one.sync()
    third = Machine(tmp_path / "three", one.hub, "bob")
    answer = third.sync("--dry-run")
    assert [each for each in answer["pushed"] if each["op"] == "tombstone"] == []
    assert len(answer["pulled"]) == 40
    assert not (third.folder / "memories").exists()


SECRET = "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8LmN4kTv"


def test_a_secret_stays_here(pair: Pair) -> None:
    one, two = pair
    one.write("memories/fact/f.md", f"# F\n\n{SECRET}\n")
    one.write("memories/fact/g.md", "# G\n\nno secret\n")
    answer = one.sync()
    (refused,) = answer["refused"]
    assert (refused["file"], refused["side"], refused["code"]) == ("memories/fact/f.md", "here", "secret")
    assert [each["file"] for each in answer["pushed"]] == ["memories/fact/g.md"]
    assert one.hub.ask("SELECT count(*) FROM memorybank.operations WHERE body LIKE '%wJalr%'") == [(0,)]
    rule = refused["why"].rsplit(" ", 1)[1]
    one.sync("--allow-secret", rule)
    assert one.sync()["refused"] == []
    # and there it is refused until somebody allows it, too
    (kept,) = two.sync()["refused"]
    assert (kept["side"], kept["code"]) == ("hub", "secret")
    assert "memories/fact/f.md" not in two.files()
    two.sync("--allow-secret", rule)
    assert two.read("memories/fact/f.md") == one.read("memories/fact/f.md")


def test_a_folder_that_lost_its_files_deletes_nothing_for_the_others(pair: Pair) -> None:
    one, two = pair
    for number in range(30):
        one.write(f"memories/fact/f{number}.md", f"# F{number}\n")
    settle_all(one, two)
    for path in (two.folder / "memories/fact").iterdir():
        path.unlink()
    error = two.sync(status=5)["error"]
    assert (error["code"], error["gone"]) == ("sync-deletes", 30)
    assert one.sync()["pulled"] == []
    two.sync("--accept-deletes")
    settle_all(one, two)
    assert not [each for each in one.files() if each.startswith("memories/")]


def test_a_contract_that_is_missing_comes_back_and_is_deleted_nowhere(pair: Pair) -> None:
    one, two = pair
    (two.folder / "patterns.md").unlink()
    (answer,) = two.sync()["pulled"]
    assert (answer["file"], answer["action"]) == ("patterns.md", "take")
    assert one.sync()["pulled"] == []
    assert two.files() == one.files()


# --- other pasts


def test_a_hub_made_anew_is_filled_again(pair: Pair) -> None:
    one, two = pair
    one.run("note", "From one", "--as", "gotcha")
    settle_all(one, two)
    before = one.files()
    one.hub.ask("DROP SCHEMA memorybank CASCADE")
    with one.hub.open("postgres") as hub:
        from memorybank.team.hub.set_up import set_up

        set_up(hub, "team", [("team", "alice"), ("team", "bob")])
    two.sync()
    settle_all(one, two)
    assert one.files() == before


def test_a_hub_restored_from_an_old_copy_takes_nothing_back(pair: Pair) -> None:
    one, two = pair
    one.write("memories/fact/f.md", "# F\n\nold\n")
    settle_all(one, two)
    one.hub.ask("CREATE TABLE public.kept AS SELECT * FROM memorybank.operations")
    columns = [str(name) for (name,) in one.hub.ask(COLUMNS)]
    one.hub.ask("CREATE TABLE public.kept_latest AS SELECT * FROM memorybank.latest")
    one.write("memories/fact/f.md", "# F\n\nold\n\nnew\n")
    one.write("memories/fact/g.md", "# G\n\nnew\n")
    settle_all(one, two)
    one.hub.ask("TRUNCATE memorybank.operations, memorybank.latest")
    one.hub.ask("ALTER TABLE memorybank.operations DISABLE TRIGGER add_operation")
    one.hub.ask("INSERT INTO memorybank.operations SELECT * FROM public.kept")
    names = ", ".join(columns)
    one.hub.ask(f"INSERT INTO memorybank.latest ({names}) SELECT {names} FROM public.kept_latest")
    one.hub.ask("ALTER TABLE memorybank.operations ENABLE TRIGGER add_operation")
    assert one.sync()["compared_anew"]
    settle_all(one, two)
    assert "new\n" in one.read("memories/fact/f.md")
    assert one.read("memories/fact/g.md") == "# G\n\nnew\n"


COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = 'memorybank.latest'::regclass"
    " AND attnum > 0 AND attgenerated = '' ORDER BY attnum"
)


def test_without_its_state_a_machine_compares_anew_and_nothing_is_lost(pair: Pair) -> None:
    one, two = pair
    one.run("note", "From one", "--as", "gotcha")
    settle_all(one, two)
    for path in (two.folder / ".state/sync").iterdir():
        path.unlink()
    two.run("note", "From two", "--as", "gotcha")
    settle_all(one, two)
    text = one.read("patterns.md")
    assert (text.count("- From one\n"), text.count("- From two\n")) == (1, 1)


def test_named_banks_sync_in_their_namespace(made: MadeHub, tmp_path: Path) -> None:
    from memorybank.team.hub.set_up import set_up

    with made.open("postgres") as hub:
        set_up(hub, "platform", [("platform", "alice"), ("platform", "bob")])
    machines = [Machine(tmp_path / name, made, login) for name, login in (("one", "alice"), ("two", "bob"))]
    for machine in machines:
        machine.run("init", "--namespace", "platform")
        machine.env["MEMORYBANK_NAMESPACE"] = "platform"
    one, two = machines
    one.run("save", "Rate limits are per tenant", "--type", "fact", "--title", "Limits", "--project", "api")
    answer = one.sync()
    assert (answer["namespace"], answer["project"]) == ("platform", "")
    two.sync()
    assert "Limits" in two.run("list").stdout
    assert made.ask("SELECT type, title, record_project FROM memorybank.latest WHERE title = 'Limits'") == [
        ("fact", "Limits", "api")
    ]


def test_the_global_bank_syncs_only_into_a_namespace_that_is_named(made: MadeHub, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one", made, "alice")
    machine.run("init", "--global")
    error = json.loads(machine.run("sync", "--global", "--json", status=5).stdout)["error"]
    assert error["where"] == "sync.namespace"


def test_two_projects_of_a_namespace_stay_apart(made: MadeHub, tmp_path: Path) -> None:
    one = Machine(tmp_path / "one", made, "alice")
    other = Machine(tmp_path / "other", made, "alice")
    other.project = other.project.rename(other.project.with_name("website"))
    other.folder = other.project / ".memorybank"
    (other.folder / "bank.toml").write_text('name = "website"\n')
    one.run("note", "Of one", "--as", "gotcha")
    one.sync()
    other.sync()
    assert "Of one" not in other.read("patterns.md")


def test_the_answers_are_what_their_schemas_say(pair: Pair, tmp_path: Path) -> None:
    one, two = pair
    one.write("memories/fact/f.md", "# F\n\na\n")
    settle_all(one, two)
    one.write("memories/fact/g.md", f"# G\n\n{SECRET}\n")
    one.write("memories/fact/f.md", "# F\n\nb\n")
    two.write("memories/fact/f.md", "# F\n\nc\n")
    answers = [(command, json.loads(one.run(*command.split(), *more, "--json").stdout)) for command, *more in ANSWERED]
    answers += [("sync", two.sync("--dry-run")), ("sync", two.sync())]
    for command, answer in answers:
        assert faults_of(answer, answer_schema(command)) == [], command
    assert answers[-1][1]["pulled"][0]["conflict_count"] == 1


ANSWERED = (("sync init", "--dry-run"), ("sync status",), ("sync", "--dry-run"), ("sync",), ("sync status",))
