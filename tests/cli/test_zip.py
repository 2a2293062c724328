"""The package works from a zip file: its templates are found through the loader that found the package."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_bank_is_made_by_a_package_in_a_zip_file(tmp_path: Path) -> None:
    archive = tmp_path / "memorybank.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (ROOT / "memorybank").rglob("*.py"):
            file.write(path, path.relative_to(ROOT).as_posix())
        # as the wheel holds them
        for path in (ROOT / "templates").rglob("*.md"):
            file.write(path, f"memorybank/{path.relative_to(ROOT).as_posix()}")
    project = tmp_path / "project"
    project.mkdir()
    for words in (["init"], ["note", "from a zip", "--as", "gotcha"], ["plan", "new", "Zipped"]):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "memorybank", *words],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(archive)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
    assert "- from a zip\n" in (project / ".memorybank" / "patterns.md").read_text(encoding="utf-8")
