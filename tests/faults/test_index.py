"""The search index is derived: whatever becomes of it, of its writer or its place, the next answer is right."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.recall.index import NAME, VERSION
from memorybank.recall.repo_source import choose
from memorybank.recall.search import Query, search_bank
from tests.faults.test_machine import obey_modes, under
from tests.running import FULL, MODULE, bank, environment, folder_of, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.recall.hits import Hit
    from memorybank.store.folder import BankFolder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the faults of POSIX systems")
QUERIES = ("pump seal", "valve7 wrench3", "", "seel", "impeller")
PARTS = ("pump", "seal", "valve", "wrench", "hose", "gauge")


def write(path: Path, number: int, chance: random.Random) -> None:
    words = " ".join(f"{chance.choice(PARTS)}{chance.choice(('', number % 9))}" for _ in range(30))
    path.write_text(f"# {words[:20]}\n\n{words}\n\n## More\n\n{words[::-1]}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project with a bank of 30 records and the repository around it, not indexed yet."""
    project = tmp_path_factory.mktemp("made") / "project"
    git(project.parent, "init", "-q", str(project))
    git(project, "commit", "-q", "--allow-empty", "-m", "Grease the impeller")
    (project / "README.md").write_text("# Pumps\n\nThe impeller is brass.\n", encoding="utf-8")
    folder = Bank.init(project).path / "memories" / "fact"
    folder.mkdir(parents=True)
    chance = random.Random(5)
    for number in range(30):
        write(folder / f"fct-20261121-{number:05d}-x.md", number, chance)
    choose(folder_of(project), project, 100)
    return project


@pytest.fixture
def filled(tmp_path: Path, made: Path) -> BankFolder:
    return folder_of(shutil.copytree(made, tmp_path / "project", symlinks=True))


def answers(made: BankFolder, place: Path | None = None) -> list[list[Hit]]:
    now = time.time_ns()
    return [list(search_bank(made, Query(query), now_ns=now, place=place).hits) for query in QUERIES]


def fresh(made: BankFolder) -> list[list[Hit]]:
    """Give the answers of an index that nobody has touched."""
    place = made.project.parent / "fresh"
    shutil.rmtree(place, ignore_errors=True)
    return answers(made, place)


def forked(work: Callable[[], object]) -> int:
    """Run something in a copy of this process, until it ends or is killed."""
    child = os.fork()
    if not child:
        try:
            while True:
                work()
        finally:
            os._exit(1)
    return child


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_indexer_killed_at_any_time_leaves_the_next_answer_right(filled: BankFolder) -> None:
    chance = random.Random(time.time_ns())
    files = sorted((filled.folder / "memories" / "fact").iterdir())
    rounds = 50 if FULL else 2
    for number in range(rounds):
        for path in chance.sample(files, 5):
            write(path, number, chance)
        chance.choice(files).unlink(missing_ok=True)
        if number % 3 == 0:
            git(filled.project, "commit", "-q", "--allow-empty", "-m", f"Commit {number}")
        if number % 2 == 0:
            shutil.rmtree(filled.state / "repo", ignore_errors=True)
            (filled.state / NAME).unlink(missing_ok=True)
        child = forked(lambda: answers(filled))
        time.sleep(chance.uniform(0.0, 0.12))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert answers(filled) == fresh(filled)


def scramble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    chance = random.Random(len(data))
    for _ in range(max(len(data) // 500, 3)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(bytes(data))


def newer(path: Path) -> None:
    """Make the index one of a program that is not written yet."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE word")
        db.execute("ALTER TABLE entry RENAME COLUMN body TO text")
        db.execute("PRAGMA user_version=99")
    status = path.stat()
    mark = f"99 {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
    path.with_name(f"{NAME}.stamp").write_text(mark, encoding="utf-8")


def unseen(path: Path) -> None:
    """Damage the index where its stamp does not tell."""
    newer(path)
    stamp = path.with_name(f"{NAME}.stamp")
    stamp.write_text(str(VERSION) + stamp.read_text(encoding="utf-8")[2:], encoding="utf-8")


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.unlink()
        make(path)

    return put


DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": os.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "scrambled": scramble,
    "other words": lambda path: path.write_bytes(path.read_bytes().replace(b"pump", b"pimp").replace(b"1", b"2")),
    "a folder": instead(os.mkdir),
    "a full folder": instead(lambda path: (path / "x").mkdir(parents=True)),
    "a pipe": instead(os.mkfifo),
    "a link to nothing": instead(lambda path: path.symlink_to("nothing")),
    "a link to itself": instead(lambda path: path.symlink_to(path)),
    "a link elsewhere": instead(lambda path: path.symlink_to(path.parents[2] / "progress.md")),
}


FILES = [NAME, f"{NAME}.stamp", "index.lock", f"repo/{NAME}", f"repo/{NAME}.stamp", "repo.json"]


@pytest.mark.parametrize("name", FILES)
def test_whatever_is_done_to_its_files(filled: BankFolder, name: str) -> None:
    right = answers(filled)
    progress = (filled.folder / "progress.md").read_bytes()
    path = filled.state / name
    kept = path.read_bytes()
    # all of it in a full run; otherwise two, other ones for each file
    for how, damage in list(DAMAGE.items()) if FULL else list(DAMAGE.items())[FILES.index(name) :: len(FILES)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        with suppress(FileNotFoundError):
            path.unlink()
        path.write_bytes(kept)
        answers(filled)
        damage(path)
        if name == "repo.json":
            # what says that the repository is searched is no part of the index: without it, it is not
            assert [hit.scope for hit in answers(filled)[0] if hit.scope == "repo"] == [], how
            continue
        assert answers(filled) == right, how
    assert (filled.folder / "progress.md").read_bytes() == progress


@pytest.mark.parametrize("how", [newer, unseen])
@pytest.mark.parametrize("folder", ["", "repo"])
def test_an_index_of_another_form(filled: BankFolder, how: Callable[[Path], None], folder: str) -> None:
    right = answers(filled)
    how(filled.state / folder / NAME)
    assert answers(filled) == right


def told(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert (done.returncode, done.stderr) == (0, "")
    return [hit["address"] for hit in json.loads(done.stdout)["hits"]]


@pytest.mark.skipif(os.name != "posix" or (os.geteuid() == 0 and sys.platform != "linux"), reason="the superuser")
@pytest.mark.parametrize("built", [True, False])
def test_where_nothing_can_be_kept(filled: BankFolder, *, built: bool) -> None:
    if built:
        bank(filled.project, "search", "impeller")
    else:
        shutil.rmtree(filled.state)
    (filled.folder / "memories" / "fact" / "fct-20261121-99999-new.md").write_text(
        "# New\n\nA sump.\n", encoding="utf-8"
    )
    places = [filled.folder, *(each for each in (filled.state, filled.state / "repo") if each.is_dir())]
    modes = {each: each.stat().st_mode for place in places for each in (place, *place.glob("[ir]*"))}
    for each, mode in modes.items():
        each.chmod(mode & 0o7555)
    found = told(under(obey_modes, filled.project, "search", "sump", "--json"))
    for each, mode in modes.items():
        each.chmod(mode)
    assert found == ["memories/fact/fct-20261121-99999-new.md#New"]
    assert built == filled.state.is_dir()


@pytest.mark.parametrize("limit", [0, 100, 8192, 60_000] if FULL else [100, 60_000])
def test_a_full_disk(filled: BankFolder, limit: int) -> None:
    def limited() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    assert len(told(under(limited, filled.project, "search", "impeller", "--json"))) == 2
    assert answers(filled) == fresh(filled)


def test_two_build_a_cold_index_at_once(filled: BankFolder) -> None:
    words = [*MODULE, "search", "pump", "--json"]
    children = [
        subprocess.Popen(words, cwd=filled.project, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    outs = [child.communicate(timeout=60) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert {err for _, err in outs} == {b""}
    assert len({json.dumps(json.loads(out)["hits"]) for out, _ in outs}) == 1
    assert answers(filled) == fresh(filled)


def test_edits_behind_its_back(filled: BankFolder) -> None:
    """The size is the same, and the time was put back: the system's own time tells."""
    path = filled.folder / "memories" / "fact" / "fct-20261121-00007-x.md"
    search_bank(filled, Query("pump"), now_ns=time.time_ns() + 60_000_000_000)
    before = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("pump", "lamp"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert answers(filled) == fresh(filled)
    other = path.with_name("fct-20261121-00008-x.md")
    path.rename(path.with_name("a"))
    other.rename(path)
    path.with_name("a").rename(other)
    assert answers(filled) == fresh(filled)
