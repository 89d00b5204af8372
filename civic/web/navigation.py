"""What stands around every page: the city, the way through the site, the other languages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, g, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from civic.core.actor import Actor
from civic.web import addresses
from civic.web.access import current_actor, knows_visitor
from civic.web.icons import drawings
from civic.web.locale import NAMES, language, local_name
from civic.web.once import new_key
from civic.web.speech import gettext


@dataclass(frozen=True)
class Link:
    """A link in the header or footer."""

    href: str
    label: str
    current: bool = False
    code: str = ""


def use_city(city: Any) -> None:
    """Show this city in the header of the page being built."""
    g.city = city


#: The way through a city, and what every page leads to, by the name that templates use.
_CITY_PAGES = (("complaints.listing", _l("Complaints")), ("map.page", _l("Map")),
               ("events.listing", _l("Discussions")), ("figures.bodies", _l("Bodies")))
_DOCUMENTS = (("privacy", _l("Privacy")), ("terms", _l("Terms of use")))
_EVERYWHERE = {"home_href": "places.country", "account_href": "accounts.settings", "login_href": "security.login",
               "logout_href": "accounts.sign_out"}


class Kept:
    """Addresses and words around the pages of all visitors, by language and city: made once, they hold nobody's data."""

    def __init__(self) -> None:
        self.everywhere: dict[str, dict[str, str]] = {}
        self.footers: dict[str, tuple[Link, ...]] = {}
        self.cities: dict[tuple[str, str], tuple[str, tuple[Link, ...]]] = {}

    def hrefs(self, lang: str) -> dict[str, str]:
        """What every page leads to."""
        if lang not in self.everywhere:
            self.everywhere[lang] = {name: url_for(endpoint, lang=lang) for name, endpoint in _EVERYWHERE.items()}
        return self.everywhere[lang]

    def footer(self, lang: str) -> tuple[Link, ...]:
        """What stands below every page."""
        if lang not in self.footers:
            documents = tuple(Link(url_for("privacy.document", lang=lang, name=name), str(label)) for name, label in _DOCUMENTS)
            self.footers[lang] = (*documents, Link(url_for("moderation.codex", lang=lang), str(_l("What may be hidden here"))))
        return self.footers[lang]

    def city(self, lang: str, code: str) -> tuple[str, tuple[Link, ...]]:
        """The address of a city's front page, and the links through the city."""
        if (lang, code) not in self.cities:
            links = tuple(Link(url_for(endpoint, lang=lang, city=code), str(label)) for endpoint, label in _CITY_PAGES)
            self.cities[lang, code] = url_for("places.front", lang=lang, city=code), links
        return self.cities[lang, code]


def _languages(lang: str) -> list[Link]:
    """The same page in each language; the front page where the address names no language, or leads nowhere."""
    path = request.path
    rest = quote(path[3:], safe="/:@!$&'()*+,;=-._~") if request.endpoint and path.startswith(f"/{lang}/") else "/"
    query = request.query_string.decode("ascii", "replace")
    rest += f"?{query}" if query and rest != "/" else ""
    return [Link(f"/{code}{rest}", short, code == lang, code) for code, (short, _) in NAMES.items()]


#: Ways that features add for the person who is signed in.
OWN_WAYS: list[Callable[[Actor], Link | None]] = []


def _own_links() -> list[Link]:
    """The ways of the person who is signed in."""
    actor, links = current_actor(), []
    if actor.body_ids:
        links.append(Link(url_for("desk.inbox"), gettext("Inbox")))
        links.append(Link(url_for("invitations_desk.inbox"), gettext("Invitations")))
    if actor.is_administrator:
        links.append(Link(url_for("admin.index"), gettext("Administration")))
    links += [link for way in OWN_WAYS if actor.user_id and (link := way(actor))]
    if actor.contact_id:
        links.append(Link(url_for("complaints.mine"), gettext("My complaints")))
    return links


def init_app(app: Flask, *, version: str, demo: bool) -> None:
    """Give every template what base.html asks for."""

    def static_url(name: str) -> str:
        return f"/static/{name}?v={version}"

    # macros are imported without context
    app.jinja_env.globals.update(url_for=addresses.url_for, static_url=static_url, new_once=new_key, **drawings(static_url("dist/sprite.svg")))

    kept = Kept()

    @app.context_processor
    def around() -> dict[str, Any]:
        city, lang, known = g.get("city"), language(), knows_visitor()
        front, links = kept.city(lang, city.code) if city else ("", ())
        path, ways = request.path, (*links, *(_own_links() if known else ()))
        here = max((x.href for x in ways if path.startswith(x.href)), key=len, default=None)  # the map stands below the list
        return {
            **kept.hrefs(lang), "lang": lang, "languages": _languages(lang),
            "nav": [Link(x.href, x.label, x.href == here) for x in ways],
            "city": {"name": local_name(city.name), "path": front} if city else None,
            "flashes_enabled": known and bool(session.get("_flashes")),
            "person": current_user if known and current_user.is_authenticated else None,
            "footer_links": [*kept.footer(lang), *([Link("/demo/mail", gettext("Letters of the demonstration"))] if demo else ())],
        }
