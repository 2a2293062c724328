"""Times as text, always in UTC: for records and the journal, for days, and for `Last Updated`."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp_of(moment: datetime) -> str:
    """Return a time in ISO 8601 with seconds: `2026-11-21T05:30:00Z`. A time without a zone is UTC."""
    return f"{_utc(moment).isoformat(timespec='seconds')}Z"


def day_of(moment: datetime) -> str:
    """Return the day of a time in UTC: `2026-11-21`."""
    return _utc(moment).date().isoformat()


def minute_of(moment: datetime) -> str:
    """Return a time for people: `2026-11-21 05:30 UTC`."""
    return f"{_utc(moment).isoformat(' ', 'minutes')} UTC"


def moment_of(text: str) -> datetime | None:
    """Return a day or time as it is stored, in UTC; None if it is neither."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        # too early or too late for UTC is no time
        return None


def _utc(moment: datetime) -> datetime:
    return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)
