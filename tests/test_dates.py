"""Days and moments as pages and letters say them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from civic.app import CivicFlask
from civic.web.locale import day


@pytest.mark.parametrize(("value", "said"), [
    (datetime(2026, 12, 31, 18, 59, tzinfo=UTC), "31 December 2026"), (datetime(2026, 12, 31, 19, 0, tzinfo=UTC), "1 January"),
    (date(2026, 12, 31), "31 December 2026"), (date(2027, 1, 1), "1 January")])
def test_a_day_and_a_year_are_those_of_kazakhstan(app: CivicFlask, clock: Any, value: date, said: str) -> None:
    clock.move_to(datetime(2026, 12, 31, 19, 30, tzinfo=UTC))  # half past midnight there
    with app.test_request_context("/en/"):
        assert day(value) == said
