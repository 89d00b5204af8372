"""The only place that asks what time it is; everything else is given the time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime, timezone: str) -> date:
    """The calendar date that people in ``timezone`` (IANA name) have at ``moment``."""
    return moment.astimezone(ZoneInfo(timezone)).date()
