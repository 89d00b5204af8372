"""Tables of figures: built once from one read, drawn in the page and given as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from civic.figures.queries import SMALL, Course, Sums
from civic.figures.wording import NOTHING, month_name, number
from civic.web.locale import language
from civic.web.speech import gettext

#: A cell that begins so would be worked out by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Value = str | int | None


@dataclass(frozen=True)
class Row:
    """head: what the row is about. values: numbers, or None where there are too few to say one. href: its page. strong: a sum or a root."""

    head: str
    values: Sequence[Value]
    href: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """name: its part of the CSV's address. columns: the first is of the heads."""

    name: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]

    def shown(self, row: Row) -> list[str]:
        """The values as the page shows them."""
        return [NOTHING if v is None else number(v) if isinstance(v, int) else v for v in row.values]


def as_csv(table: Table) -> str:
    """The same table for spreadsheets: with a byte order mark, so that Excel reads Kazakh; numbers bare, text made harmless.

    Kazakh and Russian lists are separated by semicolons, which Excel expects in these languages; English ones by commas.
    """
    out = io.StringIO()
    write = csv.writer(out, delimiter="," if language() == "en" else ";").writerow
    write(table.columns)
    for row in table.rows:
        write([_harmless(cell) for cell in (row.head, *row.values)])
    return "\ufeff" + out.getvalue()


def _harmless(cell: Value) -> Value:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def month_tables(course: Course) -> list[Table]:
    """What one city, body or category did, month by month, the whole last."""
    heads = [(month_name(month), sums, False) for month, sums in course.months]
    whole = [*heads, (gettext("Whole period"), course.whole, True)] if len(heads) > 1 else heads
    month = gettext("Month")
    made = (
        ("answers", gettext("Answers"), [gettext("Complaints received"), gettext("Answered on time"), gettext("Answered late"), gettext("Ended late without an answer"),
                                         gettext("Overdue and still open"), gettext("On time, %")], answer_values),
        ("time", gettext("How long it took"), [gettext("Answers"), gettext("Median, working days"), gettext("Nine of ten within, working days")], time_values),
        ("residents", gettext("What residents said"), [gettext("Confirmed"), gettext("Disagreed"), gettext("Silent"), gettext("Reopened")], resident_values),
        ("other", gettext("Other steps"), [gettext("Forwarded"), gettext("Term extended"), gettext("Returned"), gettext("Joined"), gettext("Withdrawn")], other_values),
    )
    return [Table(name, caption, [month, *columns], [Row(head, values(sums), strong=strong) for head, sums, strong in whole])
            for name, caption, columns, values in made]


def answer_values(sums: Sums) -> list[Value]:
    """The six numbers of the table of answers."""
    return [sums.of("received"), sums.of("on_time"), sums.of("late"), sums.of("broken"), sums.overdue, sums.on_time_share]


def time_values(sums: Sums) -> list[Value]:
    """How many answers, and how long they took."""
    return [sums.answered, sums.median, sums.ninetieth]


def resident_values(sums: Sums) -> list[Value]:
    """What residents said to answers."""
    return [sums.of(m) for m in ("confirmed", "disputed", "unconfirmed", "reopened")]


def other_values(sums: Sums) -> list[Value]:
    """What else happened to complaints."""
    return [sums.of(m) for m in ("forwarded", "extended", "returned", "joined", "withdrawn")]


def compared(name: str, caption: str, what: str, rows: Sequence[tuple[str, Sums, str, bool]]) -> Table:
    """Several side by side: (name, figures, address, whether it is a sum or a root) of each."""
    columns = [what, gettext("Complaints received"), gettext("Overdue now"), gettext("Answered"), gettext("On time, %"), gettext("Median, working days"),
               gettext("Confirmed"), gettext("Disagreed"), gettext("Silent")]
    return Table(name, caption, columns, [
        Row(head, [s.of("received"), s.overdue_now, s.answered, s.on_time_share, s.median, s.of("confirmed"), s.of("disputed"), s.of("unconfirmed")], href, strong)
        for head, s, href, strong in rows
    ])


def by_overdue(rows: Sequence[tuple[str, Sums, str, bool]]) -> list[tuple[str, Sums, str, bool]]:
    """Most overdue first; those with fewer than ten overdue have no rank and follow by name, at the end those that had nothing to do."""
    def place(row: tuple[str, Sums, str, bool]) -> tuple[int, bool, str]:
        name, sums, *_ = row
        idle = not (sums.of("received") or sums.answered or sums.overdue_now)
        return -sums.overdue_now if sums.overdue_now >= SMALL else 0, idle, name.casefold()

    return sorted(rows, key=place)


def month_names(months: Sequence[tuple[date, Sums]]) -> list[str]:
    """Short names under a chart."""
    return [month_name(month, short=True) for month, _ in months]
