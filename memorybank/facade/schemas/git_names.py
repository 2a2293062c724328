"""The names in the answers of `bank merge`, `bank install git` and `bank uninstall git`."""

from __future__ import annotations

GIT: dict[str, str] = {
    # merges
    "conflict": "Whether the structural merge has a conflict in it.",
    "conflict_count": "How many conflicts are left.",
    "conflict_lines": "The first and last line of each conflict in the merged file.",
    "conflicts": "The conflicts that are left, between git's markers.",
    "faults": "The lines that the merge as text loses, doubles or brings back; the first 20 of a file.",
    "merge": "Which merge was checked: would-be, made, or nothing.",
    "ok": "Whether nothing is in conflict, lost, doubled or revived.",
    "ours": "The commit that was merged into.",
    "sides": "Where the two sides came from: index, markers, files; none if there was no merge.",
    "text_merge": "What git's merge as text makes of it: same, conflict (git stops) or wrong.",
    "theirs": "The commit that was merged.",
    # set-up
    "after": "The value afterwards; empty if it is removed.",
    "attributes": "The lines of `.gitattributes` that name the merge driver.",
    "attributes_file": "The file of attributes.",
    "before": "The value before; empty if there was none.",
    "config": "The values of this clone's git configuration that changed.",
    "driver": "The command of the merge driver in this clone; empty if it has none.",
    "program_found": "Whether the program of the driver is there.",
    "unmerged_files": "The memory files to which git gives another merge driver, or none.",
}
