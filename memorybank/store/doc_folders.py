"""The project's documents: the folders docs/plans, docs/research and docs/solutions, with all subfolders."""

from __future__ import annotations

import os

ROOTS = ("docs/plans", "docs/research", "docs/solutions")
PASSED_OVER = frozenset(("node_modules", "__pycache__", "site-packages", "vendor", "target", "dist", "build"))
# a tree of notes has tens of folders; a larger one holds something else
MOST_FOLDERS = 2000
DEPTH = 32


def doc_folders(root: str) -> list[str]:
    """List a folder and its subfolders by their relative names ("", "2026/", "2026/11/"); empty if it does not exist.

    Sorted, each folder before its subfolders. Hidden folders, links and folders of third-party code are skipped.
    """
    found: list[str] = []
    waiting = [""]
    while waiting and len(found) < MOST_FOLDERS:
        name = waiting.pop()
        try:
            with os.scandir(f"{root}/{name}") as entries:
                inner = [
                    entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and is_meant(entry.name)
                ]
        except OSError:
            continue
        found.append(name)
        if name.count("/") < DEPTH:
            waiting += [f"{name}{each}/" for each in sorted(inner, reverse=True)]
    return found


def is_meant(name: str) -> bool:
    """Check whether a subfolder of this name is listed."""
    if name[0] == "." or name in PASSED_OVER:
        return False
    try:
        # a name that is not UTF-8 can be neither printed nor typed in
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
