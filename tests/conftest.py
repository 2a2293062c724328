"""What every test shares: a home that is not the developer's, a bank, and where real files to try are found."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

ROOT = Path(__file__).resolve().parent.parent
# what says how a run of the tests is to be, rather than what the product should do
KEPT = (
    "MEMORYBANK_FULL",
    "MEMORYBANK_SHARED_DATA",
    "MEMORYBANK_CI_JUDGES",
    "MEMORYBANK_JUDGES",
    "MEMORYBANK_CI_POSTGRES",
)
# how many examples of each law are tried; `--hypothesis-profile` names another one
PROFILES = {"few": 15, "full": 1000}
# what says where programs keep their files, and which client runs
CLIENTS = {
    *("APPDATA", "CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CLAUDE_CONFIG_DIR", "CLAUDE_PROJECT_DIR", "CLINE_DIR"),
    *("CODEX_HOME", "COPILOT_HOME", "GEMINI_CLI_HOME", "OPENCODE_CONFIG", "WORKSPACE_FOLDER_PATHS", "XDG_CONFIG_HOME"),
    *("XDG_CACHE_HOME", "XDG_DATA_HOME", "SOURCE_DATE_EPOCH"),
}
_HOMES = count()
# bytes that a run may need
ROOM = 4 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    """Prepare a run: its size, and what the workers share; and Ctrl-C ends it.

    `-m full` is set before any test is read.
    """
    if config.option.markexpr == "full":
        os.environ["MEMORYBANK_FULL"] = "1"
    for name, examples in PROFILES.items():
        settings.register_profile(
            name, max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
        )
    settings.load_profile("full" if os.environ.get("MEMORYBANK_FULL") else "few")
    if config.option.markexpr != "full":
        _keep_folders_in_memory(config)
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "loadgroup"
    _let_an_interrupt_end()
    gc.disable()  # until all tests are read


def pytest_collection_finish() -> None:
    """Take what was read out of the garbage collector's sight: it would walk over 11,000 tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)  # syntax trees and tables of cases live long
    gc.enable()


def _keep_folders_in_memory(config: pytest.Config) -> None:
    """Put the folders of tests into memory where there is room: a third of a run is waiting for the disk to sync.

    `-m full`, TMPDIR and --basetemp have them on a disk.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or config.option.basetemp or not os.access(memory, os.W_OK):
        return
    if shutil.disk_usage(memory).free > ROOM:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


def _let_an_interrupt_end() -> None:
    """Let Ctrl-C end what the tests start: a shell's job in the background has it ignored, and its children too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that have more rounds in full, and those of a file that makes something large once for them.

    One worker has all the tests of such a file.
    """
    for item in items:
        function = getattr(item, "obj", None)
        if hasattr(getattr(item, "module", None), "FULL") or getattr(function, "is_hypothesis_test", False):
            item.add_marker(pytest.mark.full)
        fixtures: dict[str, Any] = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - pytest's own
        if any(each[-1].scope == "module" for each in fixtures.values()) or item.get_closest_marker("one_worker"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(autouse=True, scope="session")
def _own_world_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's home and environment out of what is made once for several tests."""
    with pytest.MonkeyPatch.context() as patch:
        _leave_the_developers_world(patch, tmp_path_factory.mktemp("home"))
        yield


@pytest.fixture(autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home of its own."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_HOMES))
    home.mkdir(parents=True)
    _leave_the_developers_world(monkeypatch, home)


def _leave_the_developers_world(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    # the samples of hooks would be copied into every repository of a test
    monkeypatch.setenv("GIT_TEMPLATE_DIR", "")
    for name in list(os.environ):
        if name in CLIENTS or (name.startswith("MEMORYBANK_") and name not in KEPT):
            monkeypatch.delenv(name)


@pytest.fixture
def way() -> Way:
    """Give a way of writing whose clock stands and whose chance counts."""
    from tests.running import steady_way

    return steady_way()


@pytest.fixture
def later(way: Way) -> Callable[..., Way]:
    """Give a function that moves the clock on: `later(hours=2)`."""
    start = way.author.now()
    return lambda **passed: way._replace(author=way.author._replace(now=lambda: start + timedelta(**passed)))


@pytest.fixture
def bank(tmp_path: Path, way: Way) -> BankFolder:
    """Give a bank in a project of its own."""
    from tests.running import make_steady_bank

    return make_steady_bank(tmp_path / "project", way)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real files to try; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("MEMORYBANK_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no folder of real files")
    return folder
