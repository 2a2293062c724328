"""Labelled turns: which turns of some session logs are corrections, by a person.

The file `labels.jsonl` has one JSON object a line, for one turn:

    {"client": "claude-code", "file": "logs/a.jsonl", "line": 12, "digest": "9f86d081884c7d65", "label": "correction"}

`file` is the log, from the folder of the labels. `line` is the turn's line in it, from 1, and `digest` the first 16 hex
digits of the SHA-256 of the text as the reader of that client returns it, so that a label is not used for another text.
`label` is `correction` or `none`. `session`, `turn`, `by` (who labelled) and `set` (`dev` or `test`) may be added;
other fields are ignored. The text itself is not in it. The client `events` means that the log has events as rows, see
`event_rows.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from memorybank.errors import FieldError
from memorybank.files.read import read

FILE = "labels.jsonl"
CORRECTION, NONE = "correction", "none"
LABELS = (CORRECTION, NONE)
_DIGITS = 16


class Label(NamedTuple):
    """What a person says of one turn; see the module."""

    client: str
    file: str
    line: int
    digest: str
    label: str
    session: str = ""
    turn: int = 0
    by: str = ""
    set: str = ""

    def to_line(self) -> str:
        """Return the label as a line of the file, without a line end."""
        rows = {name: value for name, value in self._asdict().items() if value}
        return json.dumps(rows, ensure_ascii=False)


class Labelled(NamedTuple):
    """Labels and the folder that their files are in."""

    folder: Path
    labels: tuple[Label, ...]

    def only(self, part: str) -> Labelled:
        """Return the labels of one set, `dev` or `test`."""
        return self._replace(labels=tuple(each for each in self.labels if each.set == part))


def text_digest(text: str) -> str:
    """Return the digest of a turn's text, as a label has it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def read_labelled(path: Path) -> Labelled:
    """Read a file of labels, or `labels.jsonl` of a folder.

    A later label of the same turn replaces the earlier one. A torn last line is skipped.

    Raises:
        FieldError: a line is not a label.
        BankError: the file cannot be read.
    """
    file = path / FILE if path.is_dir() else path
    found: dict[tuple[str, int, str], Label] = {}
    rows = read(Path(os.path.realpath(file))).split(b"\n")
    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        label = _label_of(row)
        if isinstance(label, str):
            if number == len(rows):
                break
            hint = "one JSON object a line with client, file, line, digest and label"
            raise FieldError(field=f"{file.name}:{number}", why=label, hint=hint)
        found[label.file, label.line, label.digest] = label
    return Labelled(file.parent, tuple(found.values()))


def _label_of(row: bytes) -> Label | str:
    """Return the label of a line, or why it is not one."""
    try:
        value: Any = json.loads(row)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"[:200]
    if not isinstance(value, dict):
        return "not an object"
    texts = {name: value.get(name, "") for name in ("client", "file", "digest", "label", "session", "by", "set")}
    counts = {name: value.get(name, 0) for name in ("line", "turn")}
    for name, each in texts.items():
        if not isinstance(each, str):
            return f"{name} must be a text"
    for name, each in counts.items():
        if not isinstance(each, int):
            return f"{name} must be a number"
    if "\0" in texts["file"]:
        return "file is no name of a file"
    if texts["label"] not in LABELS:
        return f"label must be one of {', '.join(LABELS)}"
    if not (texts["client"] and texts["file"] and texts["digest"] and counts["line"]):
        return "client, file, line and digest are needed"
    return Label(**texts, **counts)
