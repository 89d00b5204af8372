"""Forms of filing and of what the resident does afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, EmailField, FloatField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Optional

from civic.bodies.directory import Directory, Known
from civic.bodies.forms import DIRECTION_WORDS
from civic.complaints.listing import SORTS, Wanted
from civic.complaints.states import AppealKind, State
from civic.complaints.wording import KIND_WORDS, STATE_WORDS
from civic.core.codes import row_id
from civic.core.text import clean
from civic.places.models import District
from civic.web.forms import Form
from civic.web.locale import day, language, local_name
from civic.web.speech import gettext

MAX_WORDS = 200  # of a search, in characters
FIRST_YEAR, LAST_YEAR = 2000, 2100  # of a period
#: What the address of a list may say, in the order in which it is said.
PARAMETERS = ("q", "state", "category", "district", "body", "direction", "since", "until", "photo", "supported")
STATES_OF_LIST = frozenset({"open", "overdue", *State})


class PhotosForm(Form):
    """Step 1: photos, or none."""

    photos = MultipleFileField(_l("Photos"))


class PlaceForm(Form):
    """Step 2: a pin, or an address and a district."""

    lat = FloatField(_l("Latitude"), [Optional()])
    lon = FloatField(_l("Longitude"), [Optional()])
    address = StringField(_l("Address or landmark"))
    district_id = SelectField(_l("District"), coerce=lambda v: (row_id(v) or 0) if v else None)  # 0 is no choice

    def offer(self, districts: list[District]) -> "PlaceForm":
        """Fill the list of districts."""
        self.district_id.choices = [("", gettext("I do not know")), *((d.id, local_name(d.name)) for d in districts)]
        return self


class MatterForm(Form):
    """Step 3: what is wrong, and who says it."""

    category_id = SelectField(_l("What is it about?"), coerce=lambda v: row_id(v) or 0, validate_choice=False)
    text = TextAreaField(_l("What is wrong?"))
    kind = RadioField(_l("Kind of appeal"), choices=[(k.value, w) for k, w in KIND_WORDS.items()], coerce=AppealKind,
                      default=AppealKind.NOTICE)
    name = StringField(_l("Your name"))
    show_name = BooleanField(_l("Show my name in public"))
    private = BooleanField(_l("Private: only the body sees it"))
    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail: the answer comes there.")),
                                           Email(_l("This is not an e-mail address. Example: aigul@mail.kz"))])

    def offer(self, tree: list[tuple[Known, list[Known]]], *, known: bool) -> "MatterForm":
        """Fill the list of categories; somebody whose address is proven is not asked for it."""
        self.tree = tree
        self.category_id.choices = {
            local_name(root.name): [(c.id, local_name(c.name)) for c in leaves or [root]] for root, leaves in tree
        }
        if known:
            del self.email
        return self


class ButtonForm(Form):
    """A form that is one button."""


class EmailForm(Form):
    """An address to write to."""

    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail.")),
                                           Email(_l("This is not an e-mail address. Example: aigul@mail.kz"))])


class WordsForm(Form):
    """Words of the resident, with photos where they help. version: what the resident saw."""

    text = TextAreaField(_l("Your words"))
    photos = MultipleFileField(_l("Photos"))
    version = HiddenField()

    def seen(self) -> int | None:
        """The version of the complaint that the page showed; 0, which none has, for nonsense, and None when nothing was sent."""
        return row_id(self.version.data) or 0 if self.version.data else None


@dataclass(frozen=True)
class Choice:
    """What can be chosen in one field of the filter. labels: by value, as the address has it. options: the same as HTML."""

    labels: Mapping[str, str]
    options: Markup

    def chosen(self, value: str) -> Markup:
        """The options with this one chosen."""
        mark = f'value="{escape(value)}"'
        # as plain text: Markup's own replace would escape the quotes, and the browser would send them
        return Markup(str.replace(self.options, mark, mark + " selected", 1)) if value in self.labels else self.options


def _choice(pairs: Iterable[tuple[Any, str]], groups: Iterable[tuple[str, list[tuple[Any, str]]]] = ()) -> Choice:
    pairs, groups = list(pairs), list(groups)
    html = "".join(f'<optgroup label="{escape(name)}">{_options(inside)}</optgroup>' for name, inside in groups)
    every = [*pairs, *(pair for _, inside in groups for pair in inside)]
    return Choice({str(value): label for value, label in every if value}, Markup(_options(pairs) + html))


def _options(pairs: Iterable[tuple[Any, str]]) -> str:
    return "".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in pairs)


def _choices(tree: Iterable[tuple[Any, Iterable[Any]]], districts: Iterable[Any], bodies: Iterable[Any]) -> dict[str, Choice]:
    """All lists of the filter, in the reader's language, from rows that have an id and a name."""
    def named(rows: Iterable[Any]) -> list[tuple[Any, str]]:
        return [(row.id, local_name(row.name)) for row in rows]

    any_one = ("", gettext("Any"))
    states = [("open", gettext("Waits for an answer")), ("overdue", gettext("Overdue"))]
    return {
        "state": _choice([any_one, *states, *((s.value, str(w)) for s, w in STATE_WORDS.items())]),
        "category": _choice([any_one], [(local_name(root.name), named([root, *leaves])) for root, leaves in tree]),
        "district": _choice([any_one, *named(districts)]), "body": _choice([any_one, *named(bodies)]),
        "direction": _choice([any_one, *((code, str(word)) for code, word in DIRECTION_WORDS.items())]),
        "sort": _choice([("newest", gettext("Newest first")), ("supported", gettext("Most supported first")),
                         ("overdue", gettext("Longest overdue first"))]),
    }


@lru_cache(maxsize=256)
def _choices_of(known: Directory, city_id: int | None, _language: str) -> dict[str, Choice]:
    if city_id is None:
        return _choices(known.tree(), (), ())
    return _choices(known.tree(), known.districts_of(city_id), known.bodies_of(city_id))


_FLAGS = {"photo": _l("With a photo"), "supported": _l("Supported by others")}


class ListForm:
    """The filter of the public list, in the address: every view can be shared. What it does not know filters nothing."""

    def __init__(self, args: MultiDict[str, str]) -> None:
        given = args.to_dict()
        self.typed = {name: clean(given[name]) if name in given else "" for name in (*PARAMETERS, "sort")}
        self.typed["q"] = self.typed["q"][:MAX_WORDS]
        self.choices: dict[str, Choice] = {}

    def offer(self, tree: Iterable[tuple[Any, Iterable[Any]]], districts: Iterable[Any], bodies: Iterable[Any]) -> "ListForm":
        """Fill the lists: for choosing, and for saying what is chosen."""
        self.choices = _choices(tree, districts, bodies)
        return self

    def offer_known(self, known: Directory, city_id: int | None) -> "ListForm":
        """The same with all that a city has, or the country."""
        self.choices = _choices_of(known, city_id, language())
        return self

    def wanted(self) -> Wanted:
        """The filter."""
        return self._wanted

    @cached_property
    def _wanted(self) -> Wanted:
        typed = self.typed
        since, until = (None, None) if self.crossed else self._period
        return Wanted(
            typed["state"] if typed["state"] in STATES_OF_LIST else None, row_id(typed["category"]), row_id(typed["district"]),
            row_id(typed["body"]), _ticked(typed["photo"]), _ticked(typed["supported"]),
            typed["sort"] if typed["sort"] in SORTS else "newest", typed["q"],
            typed["direction"] if typed["direction"] in DIRECTION_WORDS else None, since, until)

    @cached_property
    def _period(self) -> tuple[date | None, date | None]:
        return _read_day(self.typed["since"]), _read_day(self.typed["until"])

    @property
    def crossed(self) -> bool:
        """The period ends before it begins: then it filters nothing."""
        since, until = self._period
        return since is not None and until is not None and until < since

    def kept(self) -> dict[str, Any]:
        """The part of the address that says this filter."""
        return dict(self._kept)

    @cached_property
    def _kept(self) -> dict[str, Any]:
        w = self._wanted
        chosen = {"q": w.words, "state": w.state, "category": w.category_id, "district": w.district_id, "body": w.body_id,
                  "direction": w.direction, "since": w.since and w.since.isoformat(), "until": w.until and w.until.isoformat(),
                  "photo": "y" if w.photo else None, "supported": "y" if w.supported else None,
                  "sort": w.sort if w.sort != "newest" else None}
        return {key: value for key, value in chosen.items() if value}

    def parts(self) -> list[tuple[str, str]]:
        """Each part of the filter in words, with its parameter: («Overdue», "state")."""
        return [(self._said(name, value), name) for name, value in self._kept.items() if name != "sort"]

    def _said(self, name: str, value: Any) -> str:
        if name == "q":
            return gettext("«%(words)s»", words=value)
        if name in ("since", "until"):
            shown = day(date.fromisoformat(value))
            return gettext("from %(day)s", day=shown) if name == "since" else gettext("until %(day)s", day=shown)
        if name in _FLAGS:
            return str(_FLAGS[name])
        return self.choices[name].labels.get(str(value)) or gettext("something that is not in this list")

    def words(self, *, order: bool = True) -> str:
        """The filter said in words: «Overdue · Street lighting · Turan district · Newest first»; the order is left out when not wanted."""
        said = [words for words, _ in self.parts()]
        return " · ".join([*said, self.order()] if order else said)

    def order(self) -> str:
        """The order in words: «Newest first»."""
        return self.choices["sort"].labels[self._wanted.sort]


def _ticked(value: str) -> bool:
    return value not in ("", "0", "false")


def _read_day(text: str) -> date | None:
    """The day of an address; None for what is none, and for years in which nothing was registered."""
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None
