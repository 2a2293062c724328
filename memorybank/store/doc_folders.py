"""The project's documents: the folders of docs/plans, docs/research and docs/solutions, however deep."""

from __future__ import annotations

import os

ROOTS = ("docs/plans", "docs/research", "docs/solutions")
PASSED_OVER = frozenset(("node_modules", "__pycache__", "site-packages", "vendor", "target", "dist", "build"))
# a tree of notes has tens of folders; more than this is something else that was put there
MOST_FOLDERS = 2000
_DEPTH = 32


def doc_folders(root: str) -> list[str]:
    """List a folder and those below it, by name from it: "", "2026/", "2026/11/"; none where there is none.

    Sorted, each folder before those inside it. Hidden ones, links and those of other people's code are passed over.
    """
    found: list[str] = []
    waiting = [""]
    while waiting and len(found) < MOST_FOLDERS:
        name = waiting.pop()
        try:
            with os.scandir(f"{root}/{name}") as entries:
                inner = [each.name for each in entries if each.is_dir(follow_symlinks=False) and _is_meant(each.name)]
        except OSError:
            continue
        found.append(name)
        if name.count("/") < _DEPTH:
            waiting += [f"{name}{each}/" for each in sorted(inner, reverse=True)]
    return found


def _is_meant(name: str) -> bool:
    if name[0] == "." or name in PASSED_OVER:
        return False
    try:
        # a name that is not UTF-8 can be neither printed nor typed
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
