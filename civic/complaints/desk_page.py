"""What the desk shows: the rows of the inbox and the open item, ready to be drawn. A fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category
from civic.complaints import desk
from civic.complaints.answers import HOW_TO_COMPLAIN
from civic.complaints.desk_forms import STEP_FORMS, StepForm
from civic.complaints.models import AnswerTemplate, Complaint, ComplaintEvent
from civic.complaints.queries import Page, path, rows_by_id
from civic.complaints.states import EXTENSION_MONTHS, HEARING_NOTICE_DAYS
from civic.complaints.wording import (
    ListRow,
    PathStep,
    coverable,
    is_overdue,
    kind_word,
    list_row,
    list_rows,
    path_steps,
    shown_photo,
)
from civic.core.actor import Actor
from civic.core.clock import local_date, utc_now
from civic.core.codes import row_id
from civic.core.working_days import DAY, WorkCalendar, months_later
from civic.places.models import City
from civic.places.queries import work_calendar
from civic.web.locale import local_name, moment, own_name

FILTERS = ("q", "state", "category", "district", "who", "closed", "after")
#: Roles whose person is known to colleagues of the same body.
_STAFF = ("official", "head")


def filters() -> dict[str, Any]:
    """The part of the address that says what the list shows, so that it stays as it is after a step."""
    return {key: request.args[key] for key in FILTERS if request.args.get(key)}


@dataclass(frozen=True)
class InboxRow:
    """One row: what every list shows, and what only the desk does. value: of its checkbox. late: the term is over."""

    row: ListRow
    href: str
    value: str
    who: str
    body: str
    late: bool


def inbox_rows(session: Session, page: Page, actor: Actor, calendar: WorkCalendar, kept: Mapping[str, Any]) -> list[InboxRow]:
    """Rows of one page of the inbox. kept: filters that their links carry on."""
    now, names = utc_now(), desk.names_of(session, {row.assignee_id for row in page.rows if row.assignee_id})
    return [
        InboxRow(
            shown, url_for("desk.inbox", open=shown.number, **kept), f"{shown.number}:{shown.raw.version}",
            gettext("Me") if shown.raw.assignee_id == actor.user_id else names.get(shown.raw.assignee_id, ""),
            local_name(shown.raw.body) if len(actor.body_ids) > 1 else "",
            is_overdue(shown.raw.state, shown.raw.due_on, local_date(now, shown.raw.timezone)),
        )
        for shown in list_rows(page.rows, calendar)
    ]


@dataclass(frozen=True)
class ShownNote:
    """An internal note."""

    who: str
    when: str
    text: str


@dataclass(frozen=True)
class Item:
    """The open complaint. forms: of the steps that are possible now, by name. templates: each with its text filled in.

    days: bounds of the date fields.
    """

    complaint: Complaint
    row: ListRow
    body: str
    category: Category
    kind: str
    language_name: str
    photos: Sequence[Any]
    steps: Sequence[PathStep]
    notes: Sequence[ShownNote]
    forms: Mapping[str, StepForm]
    templates: Sequence[tuple[AnswerTemplate, str]]
    how_to_complain: str
    map_href: str
    days: Mapping[str, str]
    assignee: str


def item(session: Session, complaint: Complaint, actor: Actor, sent: StepForm | None = None) -> Item:
    """Everything about one complaint for its official. sent: the form that was refused, drawn again as it was typed."""
    calendar = work_calendar(session)
    row = rows_by_id(session, [complaint.id])[complaint.id]
    city, category = session.get_one(City, complaint.city_id), session.get_one(Category, complaint.category_id)
    today = local_date(utc_now(), city.timezone)
    events, page = path(session, complaint.id, public_only=False), url_for("tracking.page", city=city.code, number=complaint.number)
    notes, team = desk.notes(session, complaint, actor), desk.colleagues(session, [complaint.body_id])
    people = {complaint.assignee_id, *(n.user_id for n in notes), *(u for e in events for u in _people_of(e, actor))}
    names = desk.names_of(session, {p for p in people if p}) | dict(team)
    templates = [(t, desk.fill_in(t, complaint, complaint.language)) for t in desk.templates(session, [complaint.body_id])]
    steps = desk.steps_now(complaint, category, actor, today, calendar)
    forms = _forms([*steps, "assign", "note"], complaint, events, templates, sent)
    _offer(session, forms, complaint, team)
    return Item(
        complaint, list_row(row, calendar, today), local_name(row.body), category, kind_word(complaint.kind), own_name(complaint.language),
        [p for a in complaint.attachments if a.moment == "before" and (p := shown_photo(a, city.timezone))],
        [_of_own_body(_with_person(step, event, names, actor), event, actor, f"{page}/cover") for step, event in
         zip(path_steps(session, events, complaint.attachments, city.timezone), events, strict=True)],
        [ShownNote(names.get(n.user_id, ""), moment(n.at, city.timezone), n.text) for n in notes], forms, templates,
        HOW_TO_COMPLAIN[complaint.language], _map_href(complaint),
        {
            "extend_first": (complaint.due_on + DAY).isoformat(), "extend_last": months_later(today, EXTENSION_MONTHS).isoformat(),
            "hearing_first": calendar.add(today, HEARING_NOTICE_DAYS).isoformat(),
        },
        names.get(complaint.assignee_id or 0, ""),
    )


def meanwhile(session: Session, shown: Item, form: StepForm) -> list[PathStep]:
    """The steps that others took since ``form`` was drawn; the last one when that cannot be told.

    From then on the form counts as drawn now: sent again, it is taken.
    """
    events = path(session, shown.complaint.id, public_only=False)
    seen = row_id(form.seen.data) or 0
    newer = [step for step, event in zip(shown.steps, events, strict=True) if event.id > seen]
    form.version.data, form.seen.data = str(shown.complaint.version), str(events[0].id)
    return newer if seen and newer else list(shown.steps[:1])


def _people_of(event: ComplaintEvent, actor: Actor) -> list[int]:
    if event.body_id not in actor.body_ids or event.role not in _STAFF:
        return []
    return [user_id for user_id in (event.user_id, event.facts.get("user_id")) if user_id]


def _with_person(step: PathStep, event: ComplaintEvent, names: Mapping[int, str], actor: Actor) -> PathStep:
    """Colleagues see who of them it was, and to whom it was given."""
    if not _people_of(event, actor):
        return step
    note = step.note
    if event.kind == "assigned":
        chosen = event.facts.get("user_id")
        note = gettext("To: %(name)s", name=names.get(chosen, "")) if chosen else gettext("To nobody")
    return replace(step, who=f"{step.who}: {names.get(event.user_id or 0, '')}", note=note)


def _of_own_body(step: PathStep, event: ComplaintEvent, actor: Actor, address: str) -> PathStep:
    """A face or a number plate in a photo of the own body's answer can be covered."""
    return coverable(step, address) if actor.works_for(event.body_id) else step


def _forms(steps: list[str], complaint: Complaint, events: Sequence[ComplaintEvent], templates: Sequence[tuple[AnswerTemplate, str]],
           sent: StepForm | None) -> dict[str, StepForm]:
    forms = {}
    for step in steps:
        if sent is not None and step == sent.step:
            forms[step] = sent
            continue
        values: dict[str, Any] = {"version": complaint.version, "seen": events[0].id if events else 0}
        if step == "answer":
            values["text"] = _filled(templates)
        if step == "assign":
            values["user_id"] = complaint.assignee_id
        forms[step] = STEP_FORMS[step](step, sent=False, **values)
    return forms


def _filled(templates: Sequence[tuple[AnswerTemplate, str]]) -> str:
    """The text of the template that the address names."""
    wanted = row_id(request.args.get("template", ""))
    return next((text for template, text in templates if template.id == wanted), "")


def _offer(session: Session, forms: Mapping[str, StepForm], complaint: Complaint, team: list[tuple[int, str]]) -> None:
    forms["assign"].user_id.choices = [("", gettext("Nobody")), *team]
    if "forward" in forms:
        forms["forward"].body_id.choices = body_choices(desk.forward_targets(session, [complaint.city_id], [complaint.body_id]))


def body_choices(bodies: Sequence[Body]) -> list[tuple[Any, str]]:
    """Bodies for a list to choose from, none chosen at first."""
    return [("", gettext("Choose a body")), *((body.id, local_name(body.name)) for body in bodies)]


def _map_href(complaint: Complaint) -> str:
    if complaint.lat is None:
        return ""
    here = f"{complaint.lat:.5f}/{complaint.lon:.5f}"
    return f"https://www.openstreetmap.org/?mlat={complaint.lat:.5f}&mlon={complaint.lon:.5f}#map=18/{here}"
