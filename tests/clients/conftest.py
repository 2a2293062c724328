"""Runs of the clients' own programs: asked for with MEMORYBANK_CLIENTS=1, because they download 1.5 GB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.place import Place, new_place

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these tests where they were not asked for; mark them where they were."""
    asked = os.environ.get("MEMORYBANK_CLIENTS") == "1"
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.clients)
            if not asked:
                item.add_marker(pytest.mark.skip(reason="downloads the clients: set MEMORYBANK_CLIENTS=1"))


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of an environment that has this checkout installed, as a user has it."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q", str(ROOT)]
    subprocess.run(pip, check=True)
    return folder / "bin"


@pytest.fixture
def place(tmp_path: Path, programs: Path) -> Place:
    """Return a home and a project with a bank and files from before."""
    return new_place(tmp_path, programs)
