"""Write the plugin and its marketplace into a checkout: `python -m memorybank.agents.plugin FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from memorybank.agents.plugin.files import FOLDER, repository_files
from memorybank.files.write import make_dirs, replace


def write(root: Path) -> None:
    """Write all files below a folder, and remove what a former build left in the plugin's folder."""
    files = repository_files()
    for path, data in files.items():
        make_dirs((root / path).parent)
        replace(root / path, data, mode=0o644)
    for old in (root / FOLDER).rglob("*"):
        if old.is_file() and old.relative_to(root).as_posix() not in files:
            old.unlink()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
