"""What the map says: words of clusters and marks, which the script puts together."""

from datetime import date
from typing import Any

from civic.complaints.wording import is_overdue, state_icon, state_tone, state_word, title_of
from civic.web.speech import gettext, ngettext

#: Numbers that need each of a language's forms: one, few, many or other.
_EXAMPLES = {"one": 1, "few": 2, "many": 5, "other": 5}


def mark(row: Any, category: dict[str, str], today: date) -> dict[str, Any]:
    """A complaint on the map: where, its rhombus, what it says."""
    overdue = is_overdue(row.state, row.due_on, today)
    word = gettext("Overdue") if overdue else state_word(row.state)
    return {"number": row.number, "lat": round(row.lat, 6), "lon": round(row.lon, 6), "icon": state_icon(row.state, overdue),
            "tone": state_tone(row.state, overdue), "title": f"{title_of(category, row.address)} · {word}"}


def plural_forms() -> dict[str, str]:
    """What a cluster says, in each form that the language has for numbers; «%s» stands for the number and for those that wait."""
    return {name: cluster_words(number) for name, number in _EXAMPLES.items()}


def cluster_words(number: int) -> str:
    """«%s complaints, %s of them wait for an answer. Zoom in»."""
    return ngettext("%(all)s complaint, waiting for an answer: %(waiting)s. Zoom in", "%(all)s complaints, waiting for an answer: %(waiting)s. Zoom in",
                    number, all="%s", waiting="%s")


def seen_words(total: int, bound: int | None, *, single: bool) -> str:
    """«124 complaints in this frame», and what is missing when the bound was reached. single: they stand singly."""
    said = ngettext("%(num)s complaint in this part of the map", "%(num)s complaints in this part of the map", total)
    if bound is None:
        return said
    if single and total:
        return gettext("The newest %(num)s of this part of the map are shown. Zoom in to see all.", num=total)
    return said + ". " + gettext("Only the newest %(num)s that fit the filter were looked at. Zoom in, and all are counted.", num=bound)


def without_place_words(number: int | None) -> str:
    """«12 complaints have an address and no pin»; empty for none, no number when it is not known."""
    if number is None:
        return gettext("Complaints without a pin are not on the map.")
    return ngettext("%(num)s complaint has an address and no pin.", "%(num)s complaints have an address and no pin.", number) if number else ""
