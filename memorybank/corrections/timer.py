"""Lines for cron and units for systemd that mine a project's logs: they are printed, and a person enters them.

Clients delete their logs after a month, and no process of ours waits for that day.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# a minute, an hour, a day, a month, a weekday: the least and the greatest number, and the names
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("weekday", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")),
)
_PART = re.compile(r"(?:\*(?:/(\d+))?|([0-9a-z]+)(?:-([0-9a-z]+)(?:/(\d+))?)?)", re.IGNORECASE)
# what says where clients keep their logs and where the settings are: timers start without it
_VARIABLES = ("MEMORYBANK_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME")
_HOUR = 60
_COMMANDS = (("corrections", "mine"), ("corrections", "decay", "--log"))


class TimerLines(NamedTuple):
    """What runs at a schedule: the line for `crontab -e`, and the two units of systemd with the command for them.

    `sync` is a second line for cron, "" where the bank does not sync by itself.
    """

    schedule: str
    cron: str
    service_name: str
    service: str
    timer_name: str
    timer: str
    enable: str
    sync: str = ""


def timer_lines(
    schedule: str,
    project: Path,
    name: str,
    program: Sequence[str],
    environ: Mapping[str, str],
    *,
    sync_seconds: int = 0,
) -> TimerLines:
    """Return the lines that mine the logs of a project at a schedule of cron; `program` starts `bank`.

    With `sync_seconds` there is one that syncs the bank as often, in whole minutes or hours.

    Raises:
        FieldError: the schedule is not one of cron, or a path has a line break.
    """
    times = _calendar(schedule)
    words = [[*program, *command, "--bank", str(project)] for command in _COMMANDS]
    known = {name: environ[name] for name in _VARIABLES if environ.get(name)}
    if any("\n" in text or "\r" in text for text in (*words[0], *known.values())):
        raise FieldError(
            field="timer", why="a path has a line break, which no timer takes", hint="bank corrections mine"
        )
    given = [f"{name}={quoted(value)}" for name, value in known.items()]

    def line(times: str, commands: Sequence[Sequence[str]]) -> str:
        # a second command runs although the first one failed; cron takes % for a line break
        typed = "; ".join(" ".join([*given, *map(quoted, each)]) for each in commands)
        return f"{' '.join(times.split())} " + typed.replace("%", "\\%")

    unit = f"memorybank-{_safe(name)}-{blake2b(str(project).encode('utf-8', 'replace'), digest_size=3).hexdigest()}"
    service = [
        "[Unit]",
        f"Description=What the user corrected in {_escaped(str(project))}",
        "[Service]",
        "Type=oneshot",
        *(f"Environment={_word(f'{name}={value}')}" for name, value in known.items()),
        *(f"ExecStart=-{' '.join(map(_word, each))}" for each in words),
    ]
    timer = [
        "[Timer]",
        *(f"OnCalendar={each}" for each in times),
        "Persistent=true",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return TimerLines(
        " ".join(schedule.split()),
        line(schedule, words),
        f"{unit}.service",
        "\n".join(service),
        f"{unit}.timer",
        "\n".join(timer),
        f"systemctl --user daemon-reload && systemctl --user enable --now {unit}.timer",
        line(_every(sync_seconds), [[*program, "sync", "--bank", str(project)]]) if sync_seconds else "",
    )


def _every(seconds: int) -> str:
    """Return the times of cron that come about so often: each few minutes, or each few hours."""
    minutes = max(1, seconds // 60)
    return f"*/{minutes} * * * *" if minutes < _HOUR else f"0 */{min(23, minutes // _HOUR)} * * *"


def _calendar(schedule: str) -> tuple[str, ...]:
    """Return the times of a schedule as systemd writes them; cron runs on a day or on a weekday, systemd on both."""
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        raise _fault(schedule, f"it has {len(fields)} fields, not {len(_FIELDS)}")
    minute, hour, day, month, weekday = (
        _of_systemd(schedule, text, field) for text, field in zip(fields, _FIELDS, strict=True)
    )
    if "*" not in {day, weekday}:
        return (f"*-{month}-{day} {hour}:{minute}:00", f"{weekday} *-{month}-* {hour}:{minute}:00")
    return (f"{'' if weekday == '*' else f'{weekday} '}*-{month}-{day} {hour}:{minute}:00",)


def _of_systemd(schedule: str, text: str, field: tuple[str, int, int, tuple[str, ...]]) -> str:
    """Return a field as a list of numbers, or of the names of weekdays; `*` for all."""
    name, least, most, names = field
    chosen: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise _fault(schedule, f"{part!r} is no {name}")
        first = _number(match[2], names, least)
        last = _number(match[3], names, first if match[2] else most)
        step = int(match[1] or match[4] or 1)
        if first is None or last is None or not (least <= first <= last <= most) or not step:
            raise _fault(schedule, f"{part!r} is no {name}")
        chosen |= set(range(first, last + 1, step))
    if name == "weekday":
        days = sorted({number % 7 for number in chosen})
        return "*" if len(days) == len(names) - 1 else ",".join(names[number].title() for number in days)
    return "*" if len(chosen) == most - least + 1 else ",".join(f"{number:02}" for number in sorted(chosen))


def _number(text: str | None, names: tuple[str, ...], default: int | None) -> int | None:
    if text is None:
        return default
    if text.lower() in names:
        return names.index(text.lower()) + (1 if names[0] == "jan" else 0)
    return int(text) if text.isascii() and text.isdigit() else None


def _fault(schedule: str, why: str) -> FieldError:
    hint = "bank config set corrections.schedule '0 4 * * *'"
    return FieldError(field="corrections.schedule", why=f"{schedule!r} is no schedule of cron: {why}", hint=hint)


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:40] or "bank"


def _escaped(text: str) -> str:
    """Return a text in which systemd sees no specifier and no continued line."""
    return text.replace("%", "%%").replace("\\", "\\\\")


def _word(text: str) -> str:
    """Return a word of a command line of systemd."""
    return '"' + _escaped(text).replace('"', '\\"').replace("$", "$$") + '"'
