"""Moments as text: one form for records and the journal, one for days, one for `Last Updated`; all in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp_of(moment: datetime) -> str:
    """Return a moment in ISO 8601 to the second: `2026-11-21T05:30:00Z`; one without a zone is taken as UTC."""
    return f"{_utc(moment).isoformat(timespec='seconds')}Z"


def day_of(moment: datetime) -> str:
    """Return the day of a moment in UTC: `2026-11-21`."""
    return _utc(moment).date().isoformat()


def minute_of(moment: datetime) -> str:
    """Return a moment as people read it: `2026-11-21 05:30 UTC`."""
    return f"{_utc(moment).isoformat(' ', 'minutes')} UTC"


def _utc(moment: datetime) -> datetime:
    return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)
