"""What topics say to their reader: names, numbers, growth, links to the list and the map; and the rule itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l

from civic.bodies.directory import Directory, Known
from civic.complaints.paths import list_path
from civic.complaints.states import OPEN
from civic.complaints.wording import STATE_LOOKS, STATE_WORDS
from civic.figures.wording import number
from civic.topics.models import WHOLE_CITY
from civic.topics.picture import Pictures
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
    where: str
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
        make={"city": here.code, "category": topic.category_id, "district": topic.district_id},
        where=where_words(topic.pile, getattr(topic, "places", ())), raw=topic)


def where_words(pile: int, places: Sequence[Sequence[float]]) -> str:
    """What the picture of a pile shows, in words: «3 places, 7 complaints in the fullest one. 2 have no point on the map.» Empty without places."""
    if not places:
        return ""
    words = ngettext("%(num)d place, %(most)s complaints in the fullest one.", "%(num)d places, %(most)s complaints in the fullest one.", len(places),
                     most=number(int(max(p[2] for p in places)))) if len(places) > 1 else gettext("All in one place.")
    without = pile - int(sum(p[2] for p in places))
    return words + (" " + ngettext("%(num)d has no point on the map.", "%(num)d have no point on the map.", without) if without > 0 else "")


#: What the shapes of marks say: all of a place still waits, some, nothing any more.
SHAPE_WORDS = {"full": _l("all still open"), "half": _l("some still open"), "ring": _l("none open any more")}


def scale_words(metres: int) -> str:
    """«500 m», «2 km»."""
    return gettext("%(metres)s m", metres=metres) if metres < 1_000 else gettext("%(number)s km", number=metres // 1_000)


def legend(pictures: Pictures) -> list[tuple[str, str]]:
    """The shapes that a page's pictures have, with their words."""
    there = {mark.shape for picture in pictures.piles if picture for mark in picture.marks}
    return [(shape, str(words)) for shape, words in SHAPE_WORDS.items() if shape in there]


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
