"""Pictures that a command writes beside its answer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.corrections.evaluation.plot import PlotRow, plot
from memorybank.errors import ArtifactError
from memorybank.files.read import read
from memorybank.files.write import publish

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.evaluation.fidelity import FidelityReport

_SVG = b"<svg "


def write_picture(path: Path, report: FidelityReport) -> None:
    """Write the plot of a report: of its first judge beside the deterministic one, if there is one.

    Raises:
        ArtifactError: the file is there, and is no such picture.
    """
    there = read(path) if os.path.lexists(path) else None
    if there is not None and not there.startswith(_SVG):
        raise ArtifactError(path=path, why="it already exists and is no SVG picture", hint="name a new file")
    new = picture_of(report).encode()
    if new != there:
        publish(path.resolve(), base=there, new=new)


def picture_of(report: FidelityReport) -> str:
    """Return the plot of a report as SVG."""
    rows = [row for row in report.strategies if row.judge == report.verdict.judge and row.retention is not None]
    note = (
        f"{report.case_count} questions on {report.pair_count} corrections of {report.session_count} sessions; judge: "
        f"{report.verdict.judge}; 95 % intervals"
    )
    return plot(
        f"Corrections still known in {report.budget_chars} characters",
        note,
        [
            PlotRow(
                row.strategy,
                row.retention.mean,
                row.retention.low,
                row.retention.high,
                row.strategy.startswith("truncated"),
            )
            for row in rows
            if row.retention is not None
        ],
        axis="share of the questions that the context answers; orange: no memory",
    )
