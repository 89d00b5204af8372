"""What figures say: their definitions, in one place; numbers as people write them; periods in words."""

from datetime import date
from functools import lru_cache

from babel.dates import format_date
from flask_babel import lazy_gettext as _l

from civic.figures.charts import patterns as fills
from civic.figures.period import MOST_MONTHS, Period
from civic.figures.queries import SMALL
from civic.web.locale import LOCALES, day, language
from civic.web.speech import gettext, ngettext

__all__ = ["DEFINITIONS", "PERIODS", "PROBLEMS", "TABLE_DEFINITIONS", "fills", "month_alone", "month_name", "number", "percent", "span", "too_few", "working_days"]
NO_BREAK = "\u00a0"
#: Stands where a number would say nothing.
NOTHING = "–"

DEFINITIONS = {
    "received": _l("Received: complaints that came in the period. For a body also those that were forwarded to it, or that came up to it because a "
                   "resident disagreed again; so all bodies together have more than the city."),
    "waiting": _l("Waiting: open today. An open complaint counts for the body that has it now."),
    "overdue": _l("Overdue now: open today, and the day that was due has passed."),
    "on_time": _l("On time: answered on the day that was due or before it, by the city's clock. An answer counts for the body that gave it. When a resident "
                  "disagrees, a new term begins, and its answer counts again."),
    "share": _l("Share on time: answers on time ÷ (closed + overdue). Closed: answered on time, answered late, or ended after the due day without "
                "an answer, because it was withdrawn or joined with another one. Overdue: due before the end of the period and still without an answer today; it "
                "weighs on every month until it is answered. What was returned, forwarded, withdrawn or joined within its term is not counted. "
                "The share is rounded down."),
    "time": _l("How long: working days from the beginning of the body's term to the answer. Median: half of the answers took no longer. "
               "Nine of ten took no longer than the second number. A term begins anew when a complaint is forwarded or disputed."),
    "residents": _l("What residents said: to an answer the resident says yes or no, or keeps silent for 10 working days. Silence is never counted as consent."),
    "reopened": _l("Reopened: the head of the body agreed with the resident who disagreed, and took the complaint up again."),
    "private": _l("Private complaints are counted as well, as numbers alone. Each step belongs to the month in which it was taken."),
    "small": _l("Numbers below 10 make no percentage, no median and no rank: a single complaint would change them too much."),
}
#: Definitions under each table of a subject's page.
TABLE_DEFINITIONS = {"answers": ("received", "on_time", "share", "small"), "time": ("time", "small"), "residents": ("residents", "reopened"), "other": ("private",)}
PERIODS = {"month": _l("This month"), "year": _l("This year"), "12": _l("12 months")}
PROBLEMS = {
    "unreadable": _l("We could not read this period. Choose the first and the last month; meanwhile you see the usual period."),
    "crossed": _l("The first month is after the last one. Choose them again; meanwhile you see the usual period."),
    "future": _l("The last month has not come yet. Choose another one; meanwhile you see the usual period."),
    "early": _l("There are no figures of that time. Choose later months; meanwhile you see the usual period."),
    "long": _l("No more than %(months)s months at once. Choose a shorter period; meanwhile you see the usual one.", months=MOST_MONTHS),
}


def number(value: int) -> str:
    """«1 284», with a no-break space; the same in all three languages."""
    return f"{value:,}".replace(",", NO_BREAK)


def percent(value: int | None) -> str:
    """«81%»; a dash for a small number."""
    return NOTHING if value is None else f"{value}%"


def month_name(month: date, *, short: bool = False) -> str:
    """«2026 ж. мамыр», or «мам.» as charts write it."""
    pattern = "LLL" if short else "y 'ж'. MMMM" if language() == "kk" else "LLLL y"
    return _written(month, pattern, LOCALES[language()])


def month_alone(month: date) -> str:
    """«Мамыр», at the beginning of a heading."""
    name = _written(month.replace(day=1), "LLLL", LOCALES[language()])
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=1000)
def _written(month: date, pattern: str, locale: str) -> str:
    written: str = format_date(month, pattern, locale=locale)
    return written.replace(" ", NO_BREAK)


def span(period: Period, today: date) -> str:
    """«1 January – 31 August 2026», the year once where it is one; not beyond today."""
    first, last = period.first, min(period.last, today)
    once, before = first.year == last.year, language() == "kk"  # the year stands before the day in Kazakh, after it elsewhere
    return f"{day(first, year=not once or before)} – {day(last, year=not once or not before)}".replace(" ", NO_BREAK).replace(f"{NO_BREAK}–{NO_BREAK}", f"{NO_BREAK}– ")


def working_days(days: int) -> str:
    """«working days» after the number, which stands by itself."""
    return ngettext("working day", "working days", days)


def too_few(count: int) -> str:
    """Why there is no percentage."""
    if count == 0:
        return gettext("Nothing to count in this period yet.")
    return ngettext("Only %(num)d in this period: fewer than %(small)s are too few to count.",
                    "Only %(num)d in this period: fewer than %(small)s are too few to count.", count, small=SMALL)
