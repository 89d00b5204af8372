"""The main pages of the running demonstration, by name: for tests that look at every page, and for pictures of them."""

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.browser import Service
from tests.support.people import PASSWORD
from tests.support.pictures import picture

ACCOUNTS = {who: f"{who}@demo.test" for who in ("resident", "official", "head", "admin", "organiser")}
CITY = "shymkent"


@dataclass(frozen=True)
class MainPage:
    """One page. path: with ``{lang}`` in it. who: signed in as, nobody when empty. act: what is done after opening it. status: of its answer."""

    name: str
    path: str
    who: str = ""
    act: Callable[[Any], None] | None = None
    status: int = 200

    def open(self, page: Any, lang: str) -> None:
        """Open it in ``page``, which must be signed in where ``who`` asks for it."""
        answer = page.goto(self.path.format(lang=lang))
        assert answer.status == self.status, f"{self.name}: {answer.status} {page.url}"
        if self.act is not None:
            self.act(page)


def main_pages(service: Service, drafts: dict[str, str]) -> list[MainPage]:
    """All of them; complaints are chosen from the database by what they show. drafts: from ``make_drafts``."""
    city, numbers = f"/{{lang}}/{CITY}", _numbers(service)
    return [
        MainPage("country", "/{lang}/"), MainPage("front", f"{city}/"), *_public_pages(city, numbers),
        *(MainPage(f"tracking-{what}", f"{city}/complaints/{number}") for what, number in numbers.items() if what != "mine"),
        MainPage("tracking-to-confirm", f"{city}/complaints/{numbers['mine']}", "resident"),
        MainPage("dispute", f"{city}/complaints/{numbers['mine']}/dispute", "resident"),
        MainPage("dispute-errors", f"{city}/complaints/{numbers['mine']}/dispute", "resident", press),
        MainPage("ticket", f"{city}/complaints/{numbers['mine']}/ticket", "resident"),
        MainPage("support", f"{city}/complaints/{numbers['registered']}/support"),
        MainPage("report-photos", f"{city}/report/"), MainPage("report-place", f"{city}/report/{drafts['similar']}/place"),
        MainPage("report-place-errors", f"{city}/report/{drafts['empty']}/place", act=press),
        MainPage("report-matter", f"{city}/report/{drafts['similar']}/matter"),
        MainPage("report-matter-errors", f"{city}/report/{drafts['empty']}/matter", act=press),
        MainPage("report-check-similar", f"{city}/report/{drafts['similar']}/check"),
        MainPage("report-check-danger", f"{city}/report/{drafts['danger']}/check"),
        MainPage("sign-in", "/{lang}/account/login"), MainPage("sign-in-errors", "/{lang}/account/login", act=press),
        MainPage("sign-up", "/{lang}/account/register"), MainPage("forgotten-password", "/{lang}/account/reset"),
        MainPage("settings", "/{lang}/account/settings", "resident"), MainPage("mine", "/{lang}/my", "resident"),
        MainPage("desk", "/{lang}/desk/", "official"), MainPage("desk-item", f"/{{lang}}/desk/?open={numbers['official']}", "official"),
        MainPage("desk-nothing-found", "/{lang}/desk/?q=0000", "official"),
        MainPage("desk-errors", f"/{{lang}}/desk/?open={numbers['official']}", "official", answer_nothing),
        MainPage("load", "/{lang}/desk/load", "head"), MainPage("templates", "/{lang}/desk/templates", "head"),
        MainPage("template-new", "/{lang}/desk/templates/new", "head"),
        MainPage("admin", "/{lang}/admin/", "admin"), MainPage("admin-responsibilities", "/{lang}/admin/responsibilities", "admin"),
        MainPage("admin-categories", "/{lang}/admin/categories", "admin"), MainPage("admin-new-body", "/{lang}/admin/bodies/new", "admin"),
        MainPage("admin-days", "/{lang}/admin/days", "admin"), MainPage("admin-posts", "/{lang}/admin/posts", "admin"),
        MainPage("admin-history", "/{lang}/admin/history", "admin"),
        *_discussions(service), *_trust(city),
        MainPage("not-found", f"{city}/nothing-here", status=404), MainPage("wrong-number", f"{city}/complaints/?number=SHY-4K7M-2XX"),
        MainPage("link-failed", "/{lang}/confirm/nonsense", status=410),
    ]


def _public_pages(city: str, numbers: dict[str, str]) -> list[MainPage]:
    """Lists, search, map, figures, following, and the poster of a complaint."""
    complaints = f"{city}/complaints"
    return [
        MainPage("list", f"{complaints}/"), MainPage("list-all", "/{lang}/complaints/"),
        MainPage("list-filtered", f"{complaints}/?state=open&sort=supported&photo=y"), MainPage("list-filter", f"{complaints}/?state=open", act=open_filter),
        MainPage("list-crossed", f"{complaints}/?since=2026-04-02&until=2026-04-01"),
        MainPage("search", f"{complaints}/?q=көше"), MainPage("search-nothing", f"{complaints}/?q=қырғауыл"),
        MainPage("map", f"{complaints}/map"), MainPage("map-filter", f"{complaints}/map?state=open", act=open_filter),
        MainPage("bodies", f"{city}/bodies/"), MainPage("body", f"{city}/bodies/district-turan"), MainPage("categories", f"{city}/categories/"),
        MainPage("category", f"{city}/categories/lighting"), MainPage("figures", f"{city}/figures"), MainPage("figures-month", f"{city}/figures?period=month"),
        MainPage("follow", f"{city}/follow"), MainPage("follow-place", f"{city}/follow?kind=place"),
        MainPage("follow-street-errors", f"{city}/follow?kind=street", act=press), MainPage("follow-list", f"{city}/follow?kind=search&state=overdue"),
        MainPage("following", "/{lang}/following", "resident"),
        MainPage("poster", f"{complaints}/{numbers['overdue']}/poster"), MainPage("poster-both", f"{complaints}/{numbers['overdue']}/poster?both"),
    ]


def _trust(city: str) -> list[MainPage]:
    """Rules, moderation, what is kept of a person and how they come in."""
    return [
        MainPage("rules", "/{lang}/rules"), MainPage("privacy", "/{lang}/privacy"), MainPage("moderation-log", f"{city}/moderation/"),
        MainPage("my-data", "/{lang}/account/data", "resident"), MainPage("devices", "/{lang}/account/devices", "resident"),
        MainPage("people-of-body", "/{lang}/desk/people/", "head"), MainPage("trail", "/{lang}/audit/mine", "official"),
    ]


def open_filter(page: Any) -> None:
    """Show everything that a list can be filtered by."""
    page.click(".filter__more > summary")


def _discussions(service: Service) -> list[MainPage]:
    """Discussions and invitations: what everybody sees, what the organiser and an invited official do."""
    with sqlite3.connect(service.instance / "civic.db") as db:
        coming, past = (db.execute("SELECT code FROM event WHERE format = ? ORDER BY id LIMIT 1", (name,)).fetchone()[0] for name in ("debate", "utalk"))
        here = f"FROM invitation i JOIN event e ON e.id = i.event_id JOIN body b ON b.id = i.body_id WHERE e.code = '{coming}'"
        answered = db.execute(f"SELECT i.number {here} AND i.state = 'declined'").fetchone()[0]
        silent = db.execute(f"SELECT i.number {here} AND i.state = 'sent' AND b.code = 'district-turan'").fetchone()[0]
        broken, tied = db.execute("SELECT p.number, c.number FROM promise p JOIN promise_complaint t ON t.promise_id = p.id "
                                  "JOIN complaint c ON c.id = t.complaint_id WHERE p.state = 'broken'").fetchone()
        group = db.execute("SELECT code FROM event WHERE format = 'focus_group'").fetchone()[0]
        programme = db.execute("SELECT code FROM programme").fetchone()[0]
    db.close()
    city, own = f"/{{lang}}/{CITY}", f"/{{lang}}/organise/events/{coming}"
    return [
        MainPage("discussions", f"{city}/events/"), MainPage("discussions-month", f"{city}/events/month"),
        MainPage("discussion", f"{city}/events/{coming}"), MainPage("discussion-past", f"{city}/events/{past}"),
        MainPage("discussion-register", f"{city}/events/{coming}/register"),
        MainPage("discussion-register-errors", f"{city}/events/{coming}/register", act=press),
        MainPage("body-record", f"{city}/bodies/road"), MainPage("invitation", f"/{{lang}}/invitations/{answered}"),
        MainPage("organise", "/{lang}/organise/", "organiser"), MainPage("organise-discussion", own, "organiser"),
        MainPage("organise-edit", f"{own}/edit", "organiser"), MainPage("organise-guests", f"{own}/guests", "organiser"),
        MainPage("organise-door", f"{own}/door", "organiser"), MainPage("organise-invitations", f"{own}/invitations", "organiser"),
        MainPage("organise-invite", f"{own}/invitations/invite", "organiser"),
        MainPage("desk-invitations", "/{lang}/desk/invitations/", "official"),
        MainPage("promise", f"/{{lang}}/promises/{broken}"), MainPage("promises", f"{city}/promises"), MainPage("topics", f"{city}/topics"),
        MainPage("tracking-promised", f"{city}/complaints/{tied}"), MainPage("organise-carried", f"{own}/complaints", "organiser"),
        MainPage("desk-promises", "/{lang}/desk/promises", "official"),
        MainPage("minutes", f"{city}/events/{past}/minutes"), MainPage("questions", f"{city}/events/{past}/questions"),
        MainPage("transcript", f"{city}/events/{group}/transcript"), MainPage("consent", f"{city}/events/{group}/consent"),
        MainPage("organise-transcript", f"/{{lang}}/organise/events/{group}/group/", "organiser"),
        MainPage("programme", f"{city}/programmes/{programme}"), MainPage("organise-programme", f"/{{lang}}/organise/programmes/{programme}", "organiser"),
        MainPage("desk-invitation", f"/{{lang}}/desk/invitations/{silent}", "official"),
        MainPage("desk-invitation-decline", f"/{{lang}}/desk/invitations/{silent}/decline", "official"),
    ]


def press(page: Any) -> None:
    """Send the page's form as it is."""
    page.click("main form:not([role=search]) [type=submit]")


def answer_nothing(page: Any) -> None:
    """Send an empty answer."""
    page.click("#answer form[enctype] button[type=submit]")


_FILED = "FROM complaint c JOIN city ON city.id = c.city_id LEFT JOIN attachment a ON a.complaint_id = c.id"
_RICHEST = "GROUP BY c.id ORDER BY count(a.id) DESC, c.supporters DESC, c.id LIMIT 1"
_PUBLIC = f"city.code = '{CITY}' AND NOT c.private"
_OPEN = "c.state IN ('registered', 'in_work', 'hearing', 'forwarded', 'extended', 'disputed', 'reopened')"


def _numbers(service: Service) -> dict[str, str]:
    """Complaints worth a look: one public one of each state, an overdue one, the resident's own that waits for a word, one at the desk."""
    wanted = {"overdue": f"{_PUBLIC} AND {_OPEN} AND c.due_on < date('now')"}
    mine = "c.id IN (SELECT complaint_id FROM applicant JOIN contact ON contact.id = contact_id WHERE email = 'resident@demo.test')"
    wanted["mine"] = f"{_PUBLIC} AND c.state = 'answered' AND {mine}"
    at_desk = "c.body_id IN (SELECT body_id FROM membership m JOIN account u ON u.id = m.user_id WHERE u.email = 'official@demo.test')"
    wanted["official"] = f"{_PUBLIC} AND c.state = 'in_work' AND {at_desk}"
    with sqlite3.connect(service.instance / "civic.db") as db:
        states = [state for (state,) in db.execute(f"SELECT DISTINCT state {_FILED} WHERE {_PUBLIC} ORDER BY state")]
        wanted |= {state: f"{_PUBLIC} AND c.state = '{state}' AND c.due_on >= date('now', '-1 year')" for state in states}
        found = {what: db.execute(f"SELECT c.number {_FILED} WHERE {where} {_RICHEST}").fetchone() for what, where in wanted.items()}
    db.close()
    return {what: row[0] for what, row in found.items() if row}


def make_drafts(service: Service, new_page: Callable[..., Any]) -> dict[str, str]:
    """Begin three reports as residents do: empty, beside an open one of the same category, and of a danger. Gives their ids."""
    near = f"{_PUBLIC} AND {_OPEN} AND c.lat IS NOT NULL AND category.duplicate_radius_m > 0 AND category.emergency_phone IS NULL"
    category = "JOIN category ON category.id = c.category_id"
    with sqlite3.connect(service.instance / "civic.db") as db:
        code, lat, lon = db.execute(f"SELECT category.id, c.lat, c.lon {_FILED} {category} WHERE {near} {_RICHEST}").fetchone()
        danger = db.execute("SELECT id FROM category WHERE emergency_phone IS NOT NULL AND parent_id IS NOT NULL ORDER BY position, id").fetchone()[0]
    db.close()
    page = new_page(javascript=False)
    drafts = {}
    for name, chosen in (("empty", None), ("similar", code), ("danger", danger)):
        page.goto(f"/kk/{CITY}/report/")
        photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture(position=(lat + 0.0001, lon))}
        page.set_input_files("#photos", [] if chosen is None else [photo])
        press(page)
        draft = re.search(r"/report/([^/]+)/place", page.url)
        assert draft is not None, page.url
        drafts[name] = draft[1]
        if chosen is not None:
            page.fill("#address", "Тәуке хан даңғылы, 12")
            press(page)
            page.select_option("#category_id", str(chosen))
            page.fill("#text", "Екі күннен бері осылай, балалар мен қарттарға қауіпті.")
            page.fill("#name", "Айгүл Серікқызы")
            page.fill("#email", "neighbour@example.com")
            press(page)
            assert "/check" in page.url, page.url
    return drafts


def sign_in_all(new_context: Callable[..., Any]) -> dict[str, Any]:
    """Sign every account in once, through the page; gives the browser's state by who, for further contexts."""
    states = {}
    for who, email in ACCOUNTS.items():
        context = new_context()
        page = context.new_page()
        page.goto("/kk/account/login")
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", PASSWORD)
        press(page)
        assert "/login" not in page.url, f"{email} cannot sign in"
        states[who] = context.storage_state()
        context.close()
    return states
