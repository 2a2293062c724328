"""A plot as SVG: one row for each strategy, a dot for its mean and a line for its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROW, _TOP, _BOTTOM, _RIGHT, _WIDTH = 26, 58, 58, 66, 760
# about the width of a letter of 13 px
_LETTER = 7.4
_STYLE = """\
  :root { color-scheme: light dark; }
  .back { fill: #ffffff; } .ink { fill: #1f2328; } .faint { fill: #59636e; } .grid { stroke: #d1d9e0; }
  .line { stroke: #0969da; stroke-width: 2; } .dot { fill: #0969da; }
  .base .line { stroke: #bc4c00; } .base .dot { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117; } .ink { fill: #f0f6fc; } .faint { fill: #9198a1; } .grid { stroke: #3d444d; }
    .line { stroke: #4493f8; } .dot { fill: #4493f8; }
    .base .line { stroke: #f0883e; } .base .dot { fill: #f0883e; }
  }
  text { font: 13px system-ui, sans-serif; }"""


class PlotRow(NamedTuple):
    """One row: a mean with its interval, all from 0 to 1. `is_base` gives it the second colour."""

    name: str
    mean: float
    low: float | None
    high: float | None
    is_base: bool = False


def plot(title: str, note: str, rows: Sequence[PlotRow], *, axis: str = "retention") -> str:
    """Return an SVG picture that is readable on a light and on a dark page; texts are escaped."""
    left = 24 + max((len(row.name) for row in rows), default=0) * _LETTER
    height = _TOP + _ROW * len(rows) + _BOTTOM
    span = _WIDTH - left - _RIGHT

    def across(value: float) -> str:
        return f"{left + span * min(max(value, 0.0), 1.0):.1f}"

    floor = height - _BOTTOM + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="t n">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="n">{escape(note)}</desc>',
        f"<style>\n{_STYLE}\n</style>",
        f'<rect class="back" width="{_WIDTH}" height="{height}"/>',
        f'<text class="ink" x="16" y="24" font-weight="600">{escape(title)}</text>',
        f'<text class="faint" x="16" y="43">{escape(note)}</text>',
    ]
    for tenth in range(0, 11, 2):
        x = across(tenth / 10)
        parts += [
            f'<line class="grid" x1="{x}" y1="{_TOP - 4}" x2="{x}" y2="{floor}"/>',
            f'<text class="faint" x="{x}" y="{floor + 18}" text-anchor="middle">{tenth * 10} %</text>',
        ]
    for at, row in enumerate(rows):
        y = _TOP + _ROW * at + _ROW / 2
        parts.append(f'<g class="{"base" if row.is_base else "row"}">')
        parts.append(
            f'<text class="ink" x="{left - 10:.1f}" y="{y + 4:.1f}" text-anchor="end">{escape(row.name)}</text>'
        )
        if row.low is not None and row.high is not None:
            parts.append(
                f'<line class="line" x1="{across(row.low)}" y1="{y:.1f}" x2="{across(row.high)}" y2="{y:.1f}"/>'
            )
        parts.append(f'<circle class="dot" cx="{across(row.mean)}" cy="{y:.1f}" r="4.5"/>')
        parts.append(
            f'<text class="faint" x="{_WIDTH - 12}" y="{y + 4:.1f}" text-anchor="end">{_percent(row.mean)}</text>'
        )
        parts.append("</g>")
    parts.append(f'<text class="faint" x="{left:.1f}" y="{height - 10}">{escape(axis)}</text>')
    return "\n".join((*parts, "</svg>", ""))


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
