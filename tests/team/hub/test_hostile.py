"""Rows that another client wrote straight into the hub, and a hub that is not what it should be: nothing escapes.

The rows are written by a superuser for whom neither the trigger nor the constraints hold.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from tests.team.hub.machines import Machine, settle_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.team.hub.conftest import MadeHub

Pair = tuple[Machine, Machine]
FINE = "memories/fact/fine.md"


FREE = """DO $$ DECLARE rule record; BEGIN
FOR rule IN SELECT conname, conrelid::regclass AS of FROM pg_constraint
    WHERE contype = 'c' AND connamespace = 'memorybank'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.of, rule.conname);
END LOOP; END $$"""


def plant(hub: MadeHub, name: str, body: str, *, digest: str = "", op: str = "put", actor: str = "x") -> None:
    """Write a row past everything that guards the tables."""
    import psycopg

    found = digest or sha256(body.encode()).hexdigest()
    with psycopg.connect(hub.url("postgres"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(FREE)
        ((number,),) = connection.execute("SELECT nextval('memorybank.operations_sequence')").fetchall()
        values = ("team", "demo", name, number, number, found, op, body, actor)
        connection.execute(
            "INSERT INTO memorybank.operations (namespace, project, id, sequence, revision, digest, op, body, actor,"
            " login, at, parent) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'mallory', now(), '')",
            values,
        )
        connection.execute(
            "INSERT INTO memorybank.latest (namespace, project, id, sequence, revision, digest, op, body, actor, login,"
            " at, type, title, status, tags, tool, record_project, created) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " 'mallory', now(), '', '', '', '{}', '', '', '')"
            " ON CONFLICT (namespace, project, id) DO UPDATE SET sequence = EXCLUDED.sequence,"
            " digest = EXCLUDED.digest, op = EXCLUDED.op, body = EXCLUDED.body",
            values,
        )


NAMES = [
    "../escape.md",
    "../../../../../../tmp/escape.md",
    "/etc/escape.md",
    "memories/../../escape.md",
    "memories/fact/../../../escape.md",
    "C:\\escape.md",
    "..\\escape.md",
    ".state/journal.jsonl",
    ".state/sync/lock",
    ".git/config",
    ".git/hooks/post-commit.md",
    "bank.toml",
    "templates/contracts/patterns.md",
    "memories/fact/.hidden.md",
    "memories/fact/con.md",
    "memories/fact/a\nb.md",
    "memories/fact/\x1b]0;owned\x07.md",
    "memories/fact/trailing. ",
    "memories//fact/x.md",
    "memories/fact/x.md/",
    "docs/plans/../../../escape.md",
    "src/main.py",
    "x" * 500 + ".md",
    "memories/fact/" + "deep/" * 60 + "x.md",
    "",
    "-rf.sh",
]


def test_names_that_are_no_files_of_a_bank_are_refused_and_the_others_go_on(pair: Pair, tmp_path: Path) -> None:
    one, two = pair
    before = {path for path in tmp_path.rglob("*") if two.folder not in path.parents}
    for name in NAMES:
        plant(one.hub, name, "# Escaped\n")
    plant(one.hub, FINE, "# Fine\n")
    answer = two.sync()
    assert len(answer["refused"]) == len(NAMES)
    assert two.read(FINE) == "# Fine\n"
    assert {path for path in tmp_path.rglob("*") if two.folder not in path.parents} == before
    assert sorted(each for each in two.files() if each not in one.files()) == [FINE]
    shown = two.run("sync", "status")
    assert "\x1b" not in shown.stdout + shown.stderr
    assert two.run("sync", "status", "--json").stdout.count('"side": "hub"') == len(NAMES)
    # they are tried again each time, and harm nobody
    assert len(two.sync()["refused"]) == len(NAMES)
    assert two.run("check", status=None).returncode in {0, 1}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"op": "drop"}, "hub-row"),
        ({"op": "tombstone"}, "hub-row"),
        ({"digest": "0" * 64}, "hub-row"),
        ({"digest": "no digest at all \x1b[2J"}, "hub-row"),
        ({"actor": "\x1b[2J" * 50}, ""),
    ],
    ids=["op", "tombstone", "digest", "no-digest", "actor"],
)
def test_a_row_that_lies_is_refused(pair: Pair, values: dict[str, str], code: str) -> None:
    one, two = pair
    plant(one.hub, "memories/fact/bad.md", "# Bad\n", **values)
    plant(one.hub, FINE, "# Fine\n")
    done = two.run("sync", "--json")
    assert [each["code"] for each in json.loads(done.stdout)["refused"]] == ([code] if code else [])
    assert "\x1b" not in done.stdout + done.stderr
    assert two.read(FINE) == "# Fine\n"
    assert ("memories/fact/bad.md" in two.files()) == (not code)


def test_a_huge_text_is_refused_without_being_read(pair: Pair) -> None:
    one, two = pair
    plant(one.hub, "memories/fact/huge.md", "x")
    one.hub.ask("ALTER TABLE memorybank.latest DISABLE TRIGGER ALL")
    one.hub.ask("ALTER TABLE memorybank.latest ALTER body SET STORAGE EXTERNAL")
    one.hub.ask("UPDATE memorybank.latest SET body = repeat('x', 100000000) WHERE id LIKE '%huge.md'")
    plant(one.hub, FINE, "# Fine\n")
    assert [(each["file"], each["code"]) for each in two.sync()["refused"]] == [("memories/fact/huge.md", "limit")]
    assert two.read(FINE) == "# Fine\n"


def test_bytes_that_are_no_text_do_not_come_in(pair: Pair) -> None:
    """The column of a hub takes no such bytes; a hub whose column was changed is answered with a typed error."""
    one, two = pair
    one.hub.ask("ALTER TABLE memorybank.latest DISABLE TRIGGER ALL")
    one.hub.ask(FREE)
    for table in ("operations", "latest"):
        one.hub.ask(f"ALTER TABLE memorybank.{table} ALTER body TYPE bytea USING convert_to(body, 'UTF8')")
    one.hub.ask("UPDATE memorybank.latest SET body = '\\xff00fe', digest = 'x', sequence = sequence + 1000")
    one.hub.ask("UPDATE memorybank.operations SET body = '\\xff00fe', digest = 'x', sequence = sequence + 1000")
    before = two.files()
    error = json.loads(two.run("sync", "--json", status=None).stdout)["error"]
    assert error["code"] in {"hub-fault", "hub-schema"}
    assert two.files() == before


def test_a_secret_from_elsewhere_is_not_written(pair: Pair) -> None:
    one, two = pair
    plant(
        one.hub, "memories/fact/bad.md", "# Key\n\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8LmN4kTv\n"
    )
    plant(one.hub, FINE, "# Fine\n")
    done = two.run("sync", "--json")
    assert [each["code"] for each in json.loads(done.stdout)["refused"]] == ["secret"]
    assert "wJalr" not in done.stdout + done.stderr
    assert [path for path in two.project.rglob("*") if path.is_file() and b"wJalr" in path.read_bytes()] == []


def test_names_that_differ_in_letters_only_are_one_file_here(pair: Pair) -> None:
    one, two = pair
    plant(one.hub, "memories/fact/name.md", "# Small\n")
    plant(one.hub, "memories/fact/NAME.md", "# Large\n")
    (refused,) = two.sync()["refused"]
    assert refused["side"] == "hub"
    assert len([each for each in two.files() if each.casefold() == "memories/fact/name.md"]) == 1


def test_a_link_in_the_way_is_not_followed(pair: Pair, tmp_path: Path) -> None:
    one, two = pair
    outside = tmp_path / "outside"
    outside.mkdir()
    (two.folder / "memories").mkdir(exist_ok=True)
    (two.folder / "memories" / "fact").symlink_to(outside)
    plant(one.hub, "memories/fact/x.md", "# Escaped\n")
    assert [each["side"] for each in two.sync()["refused"]] == ["hub"]
    assert list(outside.iterdir()) == []
    (two.folder / "patterns.md").unlink()
    (two.folder / "patterns.md").symlink_to(tmp_path / "secret.md")
    (tmp_path / "secret.md").write_text("# Of somebody\n")
    assert "patterns.md" in [each["file"] for each in two.sync()["refused"]]
    assert one.hub.ask("SELECT count(*) FROM memorybank.operations WHERE body LIKE '%Of somebody%'") == [(0,)]


def test_files_that_cannot_travel_stay_here(pair: Pair) -> None:
    one, two = pair
    one.write("memories/fact/bad.md", b"# \xff\xfe\n")
    one.write("memories/fact/nul.md", b"# a\0b\n")
    one.write("memories/fact/large.md", b"# Large\n" + b"x" * (9 * 1024 * 1024))
    one.write(FINE, "# Fine\n")
    assert {each["file"]: each["side"] for each in one.sync()["refused"]} == {
        "memories/fact/bad.md": "here",
        "memories/fact/nul.md": "here",
        "memories/fact/large.md": "here",
    }
    two.sync()
    assert [each for each in two.files() if each.startswith("memories/")] == [FINE]


def test_operations_that_follow_each_other_in_a_circle_end(pair: Pair) -> None:
    one, two = pair
    for body in ("# A\n", "# B\n", "# A\n", "# B\n", "# A\n"):
        plant(one.hub, FINE, body)
    settle_all(one, two)
    assert two.read(FINE) == "# A\n"


def test_a_state_that_came_with_the_repository_is_no_way_out(pair: Pair) -> None:
    """Whoever can write .state could write the bank as well; but nothing of it may crash or leave the bank."""
    _, two = pair
    (path,) = (two.folder / ".state/sync").glob("*.jsonl")
    lines = [
        '{"files": {"../../escape.md": "00", "x": 5}, "cursor": "a", "mark": 3}',
        '{"files": [1], "kept": {"a": [1], "b": ["x", 1, 2, 3]}, "allowed": {"a": 5}}',
        '{"begin": "token", "files": {"../../escape.md": "00"}}',
        "[1]",
        "{",
    ]
    path.write_text("\n".join(lines) + "\n")
    two.sync()
    assert not (two.folder.parent.parent / "escape.md").exists()
    assert two.sync()["pushed"] == []
