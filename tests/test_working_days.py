"""Working days and terms, against the law's check value and against counting on a list made another way."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civic.core.working_days import WorkCalendar, months_later

ALMATY = ZoneInfo("Asia/Almaty")
EVENING = time(18, 30)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
EDITS = st.dictionaries(st.dates(date(2025, 12, 1), date(2026, 7, 31)), st.booleans(), max_size=12)
CALENDAR = WorkCalendar()


def _busday(edits: dict[date, bool]) -> np.busdaycalendar:
    """The independent calendar. numpy knows days off beside a week; a worked weekend is beyond it, so callers leave such out."""
    off = [d for d in holidays.country_holidays("KZ", years=range(2023, 2033)) if edits.get(d) is not True]
    return np.busdaycalendar(holidays=off + [d for d, worked in edits.items() if not worked])


def _worked_list(edits: dict[date, bool]) -> list[date]:
    """All working days of nine years, as a plain list."""
    off = holidays.country_holidays("KZ", years=range(2023, 2033))
    days = (date(2023, 12, 1) + timedelta(n) for n in range(9 * 365))
    return [d for d in days if edits.get(d, d.weekday() < 5 and d not in off)]


def test_the_check_value_of_the_law() -> None:
    """Registered on 24 April 2026: over 1, 7 and 9 (moved to 11) May, the 15th working day is 20 May."""
    assert CALENDAR.add(date(2026, 4, 24), 15) == date(2026, 5, 20)


@pytest.mark.parametrize(("start", "days", "due"), [
    ("2026-04-24", 1, "2026-04-27"), ("2026-04-24", 5, "2026-05-04"), ("2026-04-24", 20, "2026-05-28"),
    ("2026-04-25", 1, "2026-04-27"), ("2026-05-08", 1, "2026-05-12"),  # 9 May 2026 is a Saturday: Monday 11 May is off instead
    ("2025-12-31", 1, "2026-01-05"), ("2026-01-01", 1, "2026-01-05"), ("2026-01-06", 1, "2026-01-08"),
    ("2026-03-20", 1, "2026-03-26"), ("2028-02-28", 1, "2028-02-29"), ("2026-04-24", 0, "2026-04-24"),
])
def test_terms_over_days_off(start: str, days: int, due: str) -> None:
    assert CALENDAR.add(date.fromisoformat(start), days).isoformat() == due


@pytest.mark.parametrize(("day", "worked"), [
    ("2026-01-01", False), ("2026-01-02", False), ("2026-01-07", False), ("2026-03-08", False), ("2026-03-09", False),
    ("2026-03-21", False), ("2026-03-24", False), ("2026-03-25", False), ("2026-05-01", False), ("2026-05-07", False),
    ("2026-05-11", False), ("2026-07-06", False), ("2026-10-26", False), ("2026-12-16", False),
    ("2026-03-10", True), ("2026-05-12", True), ("2026-12-31", True), ("2026-08-29", False), ("2026-08-30", False),
])
def test_days_off_of_2026_with_those_moved_from_weekends(day: str, worked: bool) -> None:
    assert CALENDAR.is_working(date.fromisoformat(day)) is worked


def test_edits_of_administrators_go_on_top() -> None:
    edited = WorkCalendar({date(2026, 5, 18): False, date(2026, 5, 16): True, date(2026, 5, 9): True})
    assert [edited.is_working(date(2026, 5, d)) for d in (9, 16, 18)] == [True, True, False]
    assert edited.add(date(2026, 4, 24), 15) == date(2026, 5, 19)  # two Saturdays won, one Monday lost
    assert edited.on_or_after(date(2026, 5, 17)) == date(2026, 5, 19)


@given(DAYS, st.integers(0, 60))
def test_adding_equals_numpy(start: date, days: int) -> None:
    """numpy counts from a working day; a start on a day off is moved back first, which the rule of the next day equals."""
    calendar = _busday({})
    at = np.busday_offset(start, 0, roll="backward", busdaycal=calendar)
    expected = start if days == 0 else np.busday_offset(at, days, busdaycal=calendar).astype(date)
    assert CALENDAR.add(start, days) == expected


@settings(max_examples=60)
@given(st.dates(date(2025, 11, 1), date(2026, 8, 31)), st.integers(1, 40), EDITS)
def test_adding_with_edits_equals_counting_on_a_list(start: date, days: int, edits: dict[date, bool]) -> None:
    later = [d for d in _worked_list(edits) if d > start]
    assert WorkCalendar(edits).add(start, days) == later[days - 1]


@given(DAYS, st.integers(0, 400))
def test_between_equals_numpy(start: date, length: int) -> None:
    end = start + timedelta(length)
    assert CALENDAR.between(start, end) == np.busday_count(start + timedelta(1), end + timedelta(1), busdaycal=_busday({}))


@given(st.dates(date(2025, 12, 1), date(2026, 7, 31)), st.integers(0, 60), EDITS)
def test_adding_and_counting_undo_each_other(start: date, days: int, edits: dict[date, bool]) -> None:
    calendar = WorkCalendar(edits)
    end = calendar.add(start, days)
    assert calendar.between(start, end) == days
    assert days == 0 or calendar.is_working(end)


@given(DAYS, DAYS)
def test_nothing_lies_between_a_day_and_an_earlier_one(start: date, end: date) -> None:
    assert CALENDAR.between(max(start, end), min(start, end)) == 0


@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_terms_add_up_and_never_shrink(start: date, a: int, b: int) -> None:
    assert CALENDAR.add(CALENDAR.add(start, a), b) == CALENDAR.add(start, a + b)
    assert CALENDAR.add(start, a) <= CALENDAR.add(start, a + b)


@pytest.mark.parametrize(("arrival", "counts"), [
    ("2026-04-24T09:12", "2026-04-24"), ("2026-04-24T18:30", "2026-04-24"), ("2026-04-24T18:30:00.000001", "2026-04-27"),
    ("2026-04-24T18:31", "2026-04-27"), ("2026-04-24T23:59:59.999999", "2026-04-27"), ("2026-04-24T00:00", "2026-04-24"),
    ("2026-04-25T00:00", "2026-04-27"), ("2026-04-25T12:00", "2026-04-27"), ("2026-04-26T19:00", "2026-04-27"),
    ("2026-04-30T19:00", "2026-05-04"), ("2026-05-08T18:31", "2026-05-12"),
    ("2025-12-31T18:30", "2025-12-31"), ("2025-12-31T18:31", "2026-01-05"), ("2025-12-31T23:59:59", "2026-01-05"),
    ("2026-01-01T00:00", "2026-01-05"), ("2026-01-01T10:00", "2026-01-05"), ("2026-01-02T19:00", "2026-01-05"),
    ("2024-02-29T18:31", "2024-03-01"),
])
def test_the_day_that_counts_as_registered(arrival: str, counts: str) -> None:
    local = datetime.fromisoformat(arrival).replace(tzinfo=ALMATY)
    expected = date.fromisoformat(counts)
    assert CALENDAR.registration_day(local, "Asia/Almaty", EVENING) == expected
    assert CALENDAR.registration_day(local.astimezone(ZoneInfo("America/New_York")), "Asia/Almaty", EVENING) == expected


def test_an_evening_before_an_edited_day() -> None:
    moment = datetime(2026, 4, 24, 19, tzinfo=ALMATY)
    assert WorkCalendar({date(2026, 4, 25): True}).registration_day(moment, "Asia/Almaty", EVENING) == date(2026, 4, 25)
    assert WorkCalendar({date(2026, 4, 27): False}).registration_day(moment, "Asia/Almaty", EVENING) == date(2026, 4, 28)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)))
def test_registration_is_never_early_never_on_a_day_off_and_skips_no_worked_day(local: datetime) -> None:
    day = CALENDAR.registration_day(local.replace(tzinfo=ALMATY), "Asia/Almaty", EVENING)
    first = local.date() + timedelta(local.time() > EVENING)
    assert day == next(d for d in (first + timedelta(n) for n in range(30)) if np.is_busday(d, busdaycal=_busday({})))


@pytest.mark.parametrize(("day", "months", "later"), [
    ("2025-12-31", 2, "2026-02-28"), ("2027-12-31", 2, "2028-02-29"), ("2026-04-24", 2, "2026-06-24"), ("2026-12-30", 2, "2027-02-28"),
    ("2026-11-30", 3, "2027-02-28"), ("2026-01-31", 1, "2026-02-28"), ("2026-10-31", 2, "2026-12-31"), ("2026-07-31", 2, "2026-09-30"),
])
def test_calendar_months_end_with_the_month(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months).isoformat() == later
