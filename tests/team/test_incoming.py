"""Files from another machine are merged into the bank through the one door."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.store.journal.log import read_operations
from memorybank.store.roles import WRITE_AGENT, RoleError
from memorybank.team.incoming import Arrivals, Incoming, apply_incoming
from memorybank.team.merge import Labels
from memorybank.team.syncable import SIZE_LIMIT
from tests.running import bank, environment, folder_of, make_bank, new_bank, steady_way

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

LABELS = Labels("this machine", "laptop")
FACT = "memories/fact/fct-20261130-aaaaa-x.md"
KEY = "AKIA" + "QYLPMN5HHHFPZAM2"


def apply(folder: BankFolder, items: dict[str, Incoming], *, dry_run: bool = False) -> Arrivals:
    way = steady_way()
    return apply_incoming(folder, items, "apply", way._replace(options=way.options._replace(dry_run=dry_run)), LABELS)


def added(data: bytes, line: str, section: str = "Learnings") -> bytes:
    head, mark, tail = data.decode().partition(f"## {section}\n")
    assert mark
    return f"{head}{mark}\n- {line}{tail}".encode()


def actions(arrivals: Arrivals) -> dict[str, str]:
    return {each.file: each.action for each in arrivals.files}


def test_the_text_of_the_other_side_is_written_byte_for_byte(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    path = folder.folder / "activeContext.md"
    theirs = added(path.read_bytes(), "from the laptop").replace(b"\n", b"\r\n")
    crlf = b"\xef\xbb\xbf# a \xc3\xbc\r\n"
    items = {"activeContext.md": Incoming(path.read_bytes(), theirs), "docs/plans/x/p.md": Incoming(None, crlf)}
    arrivals = apply(folder, items)
    assert actions(arrivals) == {"activeContext.md": "take", "docs/plans/x/p.md": "take"}
    assert path.read_bytes() == theirs
    assert (tmp_path / "docs/plans/x/p.md").read_bytes() == crlf
    assert [each.digest for each in arrivals.files] == [digest_of(theirs), digest_of(crlf)]


def test_both_sides_lines_are_kept_and_one_undo_reverts_it_all(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    path = folder.folder / "activeContext.md"
    bank(tmp_path, "note", "known to both")
    base = path.read_bytes()
    bank(tmp_path, "note", "from here")
    ours = path.read_bytes()
    items = {"activeContext.md": Incoming(base, added(base, "from there")), FACT: Incoming(None, b"# x\n")}
    arrivals = apply(folder, items)
    assert actions(arrivals) == {"activeContext.md": "merged", FACT: "take"}
    text = path.read_text(encoding="utf-8")
    assert text.count("- from here\n") == text.count("- from there\n") == 1
    assert bank(tmp_path, "undo").returncode == 0
    assert path.read_bytes() == ours
    assert not (folder.folder / FACT).exists()


def test_applied_again_nothing_happens(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    path = folder.folder / "activeContext.md"
    items = {"activeContext.md": Incoming(path.read_bytes(), added(path.read_bytes(), "there"))}
    first = apply(folder, items)
    before, count = path.read_bytes(), len(read_operations(folder))
    again = apply(folder, items)
    assert first.receipt.operation
    assert (actions(again), again.receipt.operation) == ({"activeContext.md": "same"}, "")
    assert (path.read_bytes(), len(read_operations(folder))) == (before, count)


def test_a_deleted_record_is_deleted_but_an_edited_one_stays_with_markers(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    (folder.folder / "memories" / "fact").mkdir(parents=True)
    edited = FACT.replace("aaaaa", "bbbbb")
    for name in (FACT, edited):
        (folder.folder / name).write_bytes(b"# x\n")
    (folder.folder / edited).write_bytes(b"# x\n\nmore\n")
    arrivals = apply(folder, {name: Incoming(b"# x\n", None) for name in (FACT, edited)})
    assert actions(arrivals) == {FACT: "removed", edited: "conflict"}
    assert [each.file for each in arrivals.conflicts] == [edited]
    assert not (folder.folder / FACT).exists()
    text = (folder.folder / edited).read_text(encoding="utf-8")
    assert "more\n" in text
    assert "laptop (deleted)" in text


def test_a_contract_is_never_deleted_from_elsewhere(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    data = (folder.folder / "progress.md").read_bytes()
    arrivals = apply(folder, {"progress.md": Incoming(data, None)})
    assert (folder.folder / "progress.md").read_bytes() == data
    assert [each.digest for each in arrivals.files] == [digest_of(data)]


def test_a_shorter_section_and_a_merge_that_was_settled_elsewhere_are_taken(tmp_path: Path) -> None:
    """What `commit` refuses of an edit, a merged text may do: the other side did it as its own edit."""
    folder = new_bank(tmp_path)
    path = folder.folder / "progress.md"
    base = added(path.read_bytes(), "one\n- two\n<<<<<<< a\n- three\n=======\n- four\n>>>>>>> b", "Completed")
    path.write_bytes(base)
    half = base.replace(b"- one\n- two\n", b"").replace(b"- three\n", b"- three and more\n")
    assert actions(apply(folder, {"progress.md": Incoming(base, half)})) == {"progress.md": "take"}
    assert path.read_bytes() == half


def test_a_secret_is_refused_by_name_and_the_other_files_are_applied(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    other = FACT.replace("aaaaa", "bbbbb")
    items = {FACT: Incoming(None, f"# x\n\naws key {KEY}\n".encode()), other: Incoming(None, b"# y\n")}
    arrivals = apply(folder, items)
    assert actions(arrivals) == {FACT: "refused", other: "take"}
    (refused,) = arrivals.refused
    assert refused.code == "secret"
    assert KEY not in refused.why
    assert not (folder.folder / FACT).exists()
    assert (folder.folder / other).exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        *((name, b"x\n") for name in ("../x.md", "bank.toml", ".state/x", "templates/records/x.md", "/x.md")),
        *((name, b"x\n") for name in ("Progress.md", "memories/FACT/y.md", "memories/fact/FCT.md")),
        (FACT, b"caf\xe9"),
        (FACT, b"\0\0"),
        (FACT, b"x" * (SIZE_LIMIT + 1)),
    ],
)
def test_what_no_bank_takes_is_refused_with_its_reason(tmp_path: Path, name: str, data: bytes) -> None:
    folder = new_bank(tmp_path)
    (folder.folder / "memories" / "fact").mkdir(parents=True)
    (folder.folder / "memories" / "fact" / "fct.md").write_bytes(b"# x\n")
    before = sorted(tmp_path.rglob("*.md"))
    arrivals = apply(folder, {name: Incoming(None, data), "docs/plans/p.md": Incoming(None, b"p\n")})
    assert actions(arrivals) == {name: "refused", "docs/plans/p.md": "take"}
    assert all(each.why and each.code for each in arrivals.refused)
    assert sorted(tmp_path.rglob("*.md")) == sorted([*before, tmp_path / "docs/plans/p.md"])


def test_two_new_files_of_one_name_in_other_letters_are_not_both_taken(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    arrivals = apply(folder, {name: Incoming(None, b"# x\n") for name in ("memories/fact/A.md", "memories/Fact/b.md")})
    assert sorted(each.action for each in arrivals.files) == ["refused", "take"]


def test_a_contract_that_lost_its_text_here_is_not_merged(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    bank(tmp_path, "note", "worth keeping", "--as", "gotcha")
    path = folder.folder / "patterns.md"
    data = path.read_bytes()
    path.write_bytes(b"")
    arrivals = apply(folder, {"patterns.md": Incoming(data, added(data, "there", "Common Gotchas"))})
    assert actions(arrivals) == {"patterns.md": "refused"}
    assert "bank restore patterns.md" in arrivals.files[0].why
    assert path.read_bytes() == b""


def test_a_dry_run_shows_the_diff_and_writes_nothing(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    path = folder.folder / "activeContext.md"
    base = path.read_bytes()
    there = sorted(tmp_path.rglob("*"))
    items = {"activeContext.md": Incoming(base, added(base, "there")), FACT: Incoming(None, b"# x\n")}
    arrivals = apply(folder, items, dry_run=True)
    assert "+- there" in arrivals.receipt.files[0].diff
    assert actions(arrivals) == {"activeContext.md": "take", FACT: "take"}
    assert (path.read_bytes(), sorted(tmp_path.rglob("*"))) == (base, there)


def test_a_role_that_may_not_write_the_contracts_takes_nothing_in(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    path = folder.folder / "activeContext.md"
    base = path.read_bytes()
    way = steady_way()
    way = way.with_actor(way.author.actor._replace(role=WRITE_AGENT))
    with pytest.raises(RoleError):
        apply_incoming(folder, {"activeContext.md": Incoming(base, base + b"\nx\n")}, "apply", way, LABELS)
    assert path.read_bytes() == base


APPLY = """
import sys
from pathlib import Path
from tests.running import folder_of, steady_way
from memorybank.team.incoming import Incoming, apply_incoming
from memorybank.team.merge import Labels
folder = folder_of(Path(sys.argv[1]))
base = Path(sys.argv[2]).read_bytes()
print("ready", flush=True)
sys.stdin.readline()
for number in range(12):
    for name in (*(f"memories/fact/f{n}.md" for n in range(20)), "activeContext.md"):
        old = base if name == "activeContext.md" else None
        head, mark, tail = base.partition(b"## Learnings\\n")
        new = head + mark + b"\\n- from there" + tail if old else b"# x\\n\\n%d\\n" % number
        folder_path = folder.folder / name
        ours = folder_path.read_bytes() if old is None and folder_path.exists() else old
        apply_incoming(folder, {name: Incoming(ours, new)}, "apply", steady_way(), Labels())
"""


def _applying(project: Path, base: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", APPLY, str(project), str(base)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def test_lines_that_another_process_writes_meanwhile_stay(tmp_path: Path) -> None:
    make_bank(tmp_path / "p")
    path = tmp_path / "p" / ".memorybank" / "activeContext.md"
    base = tmp_path / "base.md"
    base.write_bytes(path.read_bytes())
    process = _applying(tmp_path / "p", base)
    for number in range(8):
        assert bank(tmp_path / "p", "note", f"from here {number}").returncode == 0
    assert process.wait(60) == 0
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [lines.count(f"- from here {number}") for number in range(8)] == [1] * 8
    assert lines.count("- from there") == 1


def test_a_kill_leaves_every_file_old_or_new_and_the_next_apply_completes_it(tmp_path: Path) -> None:
    make_bank(tmp_path / "p")
    path = tmp_path / "p" / ".memorybank" / "activeContext.md"
    base = tmp_path / "base.md"
    base.write_bytes(path.read_bytes())
    for pause in (0.05, 0.2, 0.5):
        process = _applying(tmp_path / "p", base)
        time.sleep(pause)
        process.kill()
        process.wait()
    folder = folder_of(tmp_path / "p")
    names = [f"memories/fact/f{number}.md" for number in range(20)]
    for name in names:
        there = folder.folder / name
        data = there.read_bytes() if there.exists() else None
        assert data is None or data.startswith(b"# x\n\n")
        arrivals = apply(folder, {name: Incoming(data, b"# end\n")})
        assert [each.action for each in arrivals.files] == ["take"]
    assert all((folder.folder / name).read_bytes() == b"# end\n" for name in names)
    assert path.read_text(encoding="utf-8").count("- from there\n") <= 1


def test_an_error_of_the_disk_changes_nothing(tmp_path: Path) -> None:
    folder = new_bank(tmp_path)
    fact = folder.folder / "memories" / "fact"
    fact.mkdir(parents=True)
    fact.joinpath("a.md").write_bytes(b"# a\n")
    fact.joinpath("b.md").write_bytes(b"# b\n")
    fact.joinpath("b.md").chmod(0o444)
    items = {f"memories/fact/{name}.md": Incoming(f"# {name}\n".encode(), b"# new\n") for name in "ab"}
    with pytest.raises(BankError):
        apply(folder, items)
    assert fact.joinpath("a.md").read_bytes() == b"# a\n"
