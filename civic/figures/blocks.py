"""What pages of figures show besides tables: charts of a course, the bar of a period."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from civic.figures import charts
from civic.figures.charts import Series
from civic.figures.queries import Course, Sums, share
from civic.figures.tables import month_names
from civic.figures.wording import number
from civic.web.speech import gettext

#: Part of a bar or chart and its measure.
ANSWER_PARTS = (("on-time", "on_time"), ("late", "late"), ("overdue", "overdue"))
RESIDENT_PARTS = (("on-time", "confirmed"), ("overdue", "disputed"), ("silent", "unconfirmed"))


@dataclass(frozen=True)
class Part:
    """One entry of a legend."""

    swatch: Markup
    words: str


@dataclass(frozen=True)
class Drawing:
    """A bar or chart with its legend."""

    picture: Markup
    legend: list[Part]


def answers_bar(sums: Sums) -> Drawing:
    """What became of the terms of a period: the definition of the share on time, drawn."""
    return _bar(_answer_words(), {"on_time": sums.of("on_time"), "late": sums.of("late") + sums.of("broken"), "overdue": sums.overdue}, ANSWER_PARTS)


def residents_bar(sums: Sums) -> Drawing:
    """What residents said to the answers of a period."""
    return _bar(_resident_words(), {m: sums.of(m) for _, m in RESIDENT_PARTS}, RESIDENT_PARTS)


def residents_shares(sums: Sums) -> dict[str, int | None]:
    """Per cent of each; None for small numbers."""
    return {measure: share(sums.of(measure), sums.heard) for _, measure in RESIDENT_PARTS}


def course_charts(course: Course) -> Mapping[str, Drawing]:
    """Charts by the name of the table beneath them; none where every month has too few to say a number."""
    names, months = month_names(course.months), [sums for _, sums in course.months]
    answers = [Series(str(words), tone, [_answer_value(s, measure) for s in months])
               for (tone, measure), words in zip(ANSWER_PARTS, _answer_words().values(), strict=True)]
    residents = [Series(str(words), tone, [s.of(measure) for s in months])
                 for (tone, measure), words in zip(RESIDENT_PARTS, _resident_words().values(), strict=True)]
    drawn = {
        "answers": Drawing(charts.columns(names, answers, gettext("Answers by month; the numbers are in the table below")), _legend(answers)),
        "residents": Drawing(charts.columns(names, residents, gettext("What residents said by month; the numbers are in the table below")), _legend(residents)),
    }
    took = [Series(gettext("median"), "median", [s.median for s in months]), Series(gettext("nine of ten"), "ninetieth", [s.ninetieth for s in months])]
    if any(s.median is not None for s in months):
        drawn["time"] = Drawing(charts.lines(names, took, gettext("Working days by month; the numbers are in the table below")),
                                [Part(charts.mark(x.tone), x.label) for x in took])
    return drawn


def _answer_value(sums: Sums, measure: str) -> int:
    if measure == "overdue":
        return sums.overdue
    return sums.of(measure) + (sums.of("broken") if measure == "late" else 0)


def _answer_words() -> dict[str, str]:
    return {"on_time": gettext("answered on time"), "late": gettext("late"), "overdue": gettext("overdue, no answer")}


def _resident_words() -> dict[str, str]:
    return {"confirmed": gettext("confirmed"), "disputed": gettext("disagreed"), "unconfirmed": gettext("silent")}


def _bar(words: Mapping[str, str], values: Mapping[str, int], parts: tuple[tuple[str, str], ...]) -> Drawing:
    said = [f"{words[measure]}: {number(values[measure])}" for _, measure in parts]
    picture = charts.bar([Series(words[measure], tone, [values[measure]]) for tone, measure in parts], "; ".join(said))
    return Drawing(picture, [Part(charts.swatch(tone), text) for (tone, _), text in zip(parts, said, strict=True)])


def _legend(series: list[Series]) -> list[Part]:
    return [Part(charts.swatch(part.tone), part.label) for part in series]
