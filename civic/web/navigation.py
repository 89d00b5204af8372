"""What stands around every page: the city, the way through the site, the other languages."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, session, url_for
from flask_babel import gettext
from flask_login import current_user

from civic.web.access import current_actor, knows_visitor
from civic.web.locale import NAMES, language, local_name
from civic.web.once import new_key


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


def _languages() -> list[Link]:
    args = {**(request.view_args or {})}
    query: dict[str, Any] = request.args.to_dict(flat=False)
    links = []
    for code, (short, _) in NAMES.items():
        try:
            href = url_for(request.endpoint or "places.country", **{**args, "lang": code}, **query)
        except Exception:  # noqa: BLE001 - an error page has no endpoint; the front page is always there
            href = url_for("places.country", lang=code)
        links.append(Link(href, short, code == language(), code))
    return links


def _nav(city: Any) -> list[Link]:
    links = []
    if city is not None:
        links.append(Link(url_for("complaints.listing", city=city.code), gettext("Complaints")))
    if knows_visitor():
        actor = current_actor()
        if actor.body_ids:
            links.append(Link(url_for("desk.inbox"), gettext("Inbox")))
        if actor.is_administrator:
            links.append(Link(url_for("admin.index"), gettext("Administration")))
        if actor.contact_id:
            links.append(Link(url_for("complaints.mine"), gettext("My complaints")))
    path = request.path
    return [Link(x.href, x.label, path.startswith(x.href)) for x in links]


def init_app(app: Flask, *, version: str, demo: bool) -> None:
    """Give every template what base.html asks for."""

    def static_url(name: str) -> str:
        return f"/static/{name}?v={version}"

    # macros are imported without context
    app.jinja_env.globals.update(static_url=static_url, new_once=new_key)

    @app.context_processor
    def around() -> dict[str, Any]:
        city = g.get("city")
        known = knows_visitor()
        return {
            "lang": language(), "languages": _languages(), "nav": _nav(city),
            "city": {"name": local_name(city.name), "path": url_for("places.front", city=city.code)} if city else None,
            "home_href": url_for("places.country"), "flashes_enabled": known and bool(session.get("_flashes")),
            "person": current_user if known and current_user.is_authenticated else None,
            "account_href": url_for("accounts.settings"), "login_href": url_for("security.login"),
            "logout_href": url_for("accounts.sign_out"),
            "footer_links": [Link("/demo/mail", gettext("Letters of the demonstration"))] if demo else [],
        }
