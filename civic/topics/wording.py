"""What topics say to their reader: names, numbers, growth, links to the list and the map; and the rule itself."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from civic.bodies.directory import Directory, Known
from civic.complaints.paths import list_path
from civic.complaints.states import OPEN
from civic.complaints.wording import STATE_LOOKS, STATE_WORDS
from civic.figures.wording import number
from civic.topics.models import WHOLE_CITY
from civic.topics.rules import GROWTH_TENTHS, LEAST_PILE, LEAST_RECENT, PERIODS, RECENT_DAYS, times
from civic.web.locale import language, local_name
from civic.web.speech import gettext, ngettext


@dataclass(frozen=True)
class Row:
    """One topic, ready to be drawn. share: its new ones of the larger of new and usual, in per cent, and so usual."""

    name: str
    place: str
    pile: str
    recent: str
    growth: str
    recent_share: int
    usual_share: int
    usual: str
    list_href: str
    map_href: str
    make: dict[str, Any]
    raw: Any


def rows(chosen: Any, known: Directory, here: Known) -> list[Row]:
    """Topics of a city."""
    return [row(topic, known, here) for topic in chosen]


def row(topic: Any, known: Directory, here: Known) -> Row:
    """One topic of a city."""
    kept = {"state": "open", "category": topic.category_id} | ({"district": topic.district_id} if topic.district_id != WHOLE_CITY else {})
    usual = topic.before / PERIODS
    most = max(topic.recent, usual, 1)
    return Row(
        name=local_name(known.categories[topic.category_id].name), place=place_name(topic.district_id, known, here), pile=number(topic.pile),
        recent=ngettext("%(shown)s new in %(days)s days", "%(shown)s new in %(days)s days", topic.recent, shown=number(topic.recent), days=RECENT_DAYS),
        growth=growth_words(topic.recent, topic.before) if topic.recent >= LEAST_RECENT else "", recent_share=round(100 * topic.recent / most), usual_share=round(100 * usual / most),
        usual=gettext("%(shown)s in the %(days)s days before", shown=number(topic.before), days=RECENT_DAYS * PERIODS),
        list_href=list_path(language(), here.code, kept), map_href=f"/{language()}/{here.code}/complaints/map?{urlencode(kept)}",
        make={"city": here.code, "category": topic.category_id, "district": topic.district_id}, raw=topic)


def place_name(district_id: int, known: Directory, here: Any) -> str:
    """«Turan district», or the city."""
    district = known.districts.get(district_id)
    return local_name(district.name) if district is not None else local_name(here.name)


def growth_words(recent: int, before: int) -> str:
    """«2.4 times the average»."""
    more = times(recent, before)
    if more is None:
        return gettext("there were none in the %(days)s days before", days=RECENT_DAYS * PERIODS)
    return gettext("%(times)s times the average of before", times=f"{more:.1f}".rstrip("0").rstrip(".").replace(".", "," if language() != "en" else "."))


def rule_words() -> str:
    """The rule, as the page states it."""
    return gettext(
        "A topic suggests itself when at least %(pile)s public complaints of one category are open or new in the last %(days)s days, in a district or in the whole city, "
        "and at least %(recent)s of them are new, and that is at least %(times)s times the average of the three periods of %(days)s days before. Counted each night.",
        pile=LEAST_PILE, days=RECENT_DAYS, recent=LEAST_RECENT, times=f"{GROWTH_TENTHS / 10:.1f}".replace(".", "," if language() != "en" else "."))


@dataclass(frozen=True)
class Standing:
    """How many of the carried complaints stand in one state now."""

    icon: str
    tone: str
    words: str


def standings(states: dict[str, int]) -> list[Standing]:
    """«In work: 4», in the order of the states."""
    return [Standing(*STATE_LOOKS[state], f"{word}: {number(states[state])}") for state, word in STATE_WORDS.items() if states.get(state)]


def still_open(states: dict[str, int]) -> int:
    """How many of them wait for the body."""
    return sum(n for state, n in states.items() if state in OPEN)
