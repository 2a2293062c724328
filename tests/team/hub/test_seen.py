"""Which files a sync reads: those that may have changed since the hub and the bank had the same."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.team import syncable
from tests.team.hub.machines import Machine, settle_all

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

Pair = tuple[Machine, Machine]


def reads_of_a_sync(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sync, and return the names of the files that were read to be compared."""
    names: list[str] = []
    read = syncable.read_sync_file

    def noted(bank: BankFolder, name: str) -> syncable.SyncFile | None:
        names.append(name)
        return read(bank, name)

    with monkeypatch.context() as patch:
        patch.setattr(syncable, "read_sync_file", noted)
        machine.sync()
    return names


RACY = "memorybank.team.hub.sync_state._RACY_NS"


def aged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time be over in which a change might not be seen."""
    monkeypatch.setattr(RACY, 0)
    time.sleep(0.05)


def test_files_that_did_not_change_are_not_read_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    name, other = "memories/fact/f.md", "docs/plans/p.md"
    one.write(name, "# F\n\nold\n")
    os.utime(one.folder / name, (1_600_000_000, 1_600_000_000))
    (one.project / "docs/plans").mkdir(parents=True)
    (one.project / other).write_text("# P\n")
    aged(monkeypatch)
    contracts = ["activeContext.md", "patterns.md", "progress.md"]
    assert sorted(reads_of_a_sync(one, monkeypatch)) == sorted([*contracts, name, other])
    assert sorted(reads_of_a_sync(one, monkeypatch)) == contracts
    # of the same size, and with the same time of the last change
    one.write(name, "# F\n\nnew\n")
    os.utime(one.folder / name, (1_600_000_000, 1_600_000_000))
    # a change that is so new that the next one may have the same time
    monkeypatch.setattr(RACY, 1_000 * 10**9)
    for _ in range(2):
        assert sorted(reads_of_a_sync(one, monkeypatch)) == sorted([*contracts, name])
    settle_all(one, two)
    assert two.read(name) == "# F\n\nnew\n"


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"memories/fact/f.md": 5}', b"[" * 100_000, None])
def test_without_the_list_of_seen_files_all_are_read(pair: Pair, data: bytes | None) -> None:
    one, two = pair
    one.write("memories/fact/f.md", "# F\n\nold\n")
    settle_all(one, two)
    (state,) = (one.folder / ".state/sync").glob("*.jsonl")
    path = state.with_suffix(".seen")
    path.unlink(missing_ok=True)
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data)
    one.write("memories/fact/f.md", "# F\n\nnew\n")
    settle_all(one, two)
    assert two.read("memories/fact/f.md") == "# F\n\nnew\n"


def test_a_link_in_place_of_a_seen_file_or_folder_is_neither_followed_nor_a_delete(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair
    one.write("memories/fact/f.md", "# F\n")
    one.write("memories/code/c.md", "# C\n")
    aged(monkeypatch)
    settle_all(one, two)
    (one.folder / "memories/fact").rename(tmp_path / "away")
    (one.folder / "memories/fact").symlink_to(tmp_path / "away")
    (one.folder / "memories/code/c.md").rename(tmp_path / "c.md")
    (one.folder / "memories/code/c.md").symlink_to(tmp_path / "c.md")
    answer = one.sync()
    assert sorted(each["file"] for each in answer["refused"]) == ["memories/code/c.md", "memories/fact/f.md"]
    assert answer["pushed"] == []
    two.sync()
    assert two.read("memories/fact/f.md") == "# F\n"


def test_what_cannot_be_read_is_no_delete(pair: Pair, tmp_path: Path) -> None:
    one, two = pair
    one.write("memories/fact/f.md", "# F\n")
    settle_all(one, two)
    (one.folder / "memories/fact").rename(tmp_path / "away")
    (one.folder / "memories/fact").write_text("a file in place of the folder")
    answer = one.sync()
    assert ([each["file"] for each in answer["refused"]], answer["pushed"]) == (["memories/fact/f.md"], [])
    (one.folder / "memories/fact").unlink()
    assert [each["op"] for each in one.sync()["pushed"]] == ["tombstone"]
    two.sync()
    assert "memories/fact/f.md" not in two.files()
