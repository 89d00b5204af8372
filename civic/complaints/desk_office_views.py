"""Around the desk: the head's view of the load, and the templates of answers."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from civic.complaints import desk
from civic.complaints.desk_forms import ButtonForm, TemplateForm
from civic.complaints.desk_page import inbox_rows
from civic.complaints.models import AnswerTemplate
from civic.complaints.queries import InboxFilter, inbox, load_by_person
from civic.complaints.queries import load as load_of
from civic.complaints.states import State
from civic.core.actor import Actor
from civic.core.clock import local_date, utc_now
from civic.core.errors import InputRefused, NotFound
from civic.extensions import db
from civic.places.models import City
from civic.places.queries import work_calendar
from civic.web.access import allow, current_actor, works_in_a_body
from civic.web.errors import on_form
from civic.web.locale import local_name

bp = Blueprint("office", __name__)


def heads_a_body(actor: Actor) -> bool:
    """Head of some body."""
    return any(actor.heads(body_id) for body_id in actor.body_ids)


@bp.get("/load")
@allow(heads_a_body, hidden=True)
def load() -> ResponseReturnValue:
    """How much everybody has, what is overdue, what is disputed, in the bodies that the actor heads."""
    session, actor = db.session(), current_actor()
    body_ids = frozenset(i for i in actor.body_ids if actor.heads(i))
    bodies = desk.bodies(session, body_ids)
    today = local_date(utc_now(), session.get_one(City, bodies[0].city_id).timezone)
    calendar, by_person = work_calendar(session), load_by_person(session, body_ids, today)
    names = dict(desk.colleagues(session, body_ids))
    names |= desk.names_of(session, {user_id for user_id, _, _ in by_person if user_id and user_id not in names})
    busy = {user_id: (waiting, overdue) for user_id, waiting, overdue in by_person}
    people = [(names[user_id] if user_id else gettext("Nobody's yet"), *numbers) for user_id, numbers in busy.items()]
    people += [(name, 0, 0) for user_id, name in names.items() if user_id not in busy]

    def rows(wanted: InboxFilter) -> object:
        return inbox_rows(session, inbox(session, body_ids, current_user.id, wanted), actor, calendar, {})

    return render_template(
        "desk/load.html", bodies=bodies, load=load_of(session, body_ids, today), people=people,
        overdue=rows(InboxFilter(due_before=today)), disputes=rows(InboxFilter(state=State.DISPUTED)),
    )


@bp.get("/templates")
@allow(works_in_a_body)
def templates() -> ResponseReturnValue:
    """Templates of the actor's bodies, and those for everybody."""
    session, actor = db.session(), current_actor()
    names = {body.id: local_name(body.name) for body in desk.bodies(session, actor.body_ids)}
    return render_template("desk/templates.html", templates=desk.templates(session, actor.body_ids), names=names)


@bp.route("/templates/new", methods=["GET", "POST"], defaults={"template_id": None})
@bp.route("/templates/<int:template_id>", methods=["GET", "POST"])
@allow(works_in_a_body)
def template(template_id: int | None) -> ResponseReturnValue:
    """Make a template, or change one of the actor's bodies."""
    session, actor = db.session(), current_actor()
    row = _own_template(template_id, actor) if template_id else None
    form = TemplateForm(data=_values(row))
    bodies = desk.bodies(session, actor.body_ids)
    form.body_id.choices = [(body.id, local_name(body.name)) for body in bodies]
    if form.sent():
        try:
            desk.save_template(session, actor, row, body_id=form.body_id.data or bodies[0].id,
                               title=form.texts("title"), text=form.texts("text"))
        except InputRefused as error:
            on_form(form, error)
        else:
            flash(gettext("Saved."), "success")
            return redirect(url_for("desk.office.templates"), 303)
    status = 422 if request.method == "POST" else 200
    return render_template("desk/template.html", form=form, template=row, retire=ButtonForm(None)), status


@bp.post("/templates/<int:template_id>/retire")
@allow(works_in_a_body)
def retire(template_id: int) -> ResponseReturnValue:
    """Offer a template no more."""
    actor = current_actor()
    row = _own_template(template_id, actor)
    if ButtonForm().sent():
        desk.retire_template(db.session(), actor, row)
        flash(gettext("The template is not offered any more."), "success")
    return redirect(url_for("desk.office.templates"), 303)


def _own_template(template_id: int, actor: Actor) -> AnswerTemplate:
    row = db.session.get(AnswerTemplate, template_id)
    if row is None or not row.active or not actor.works_for(row.body_id):
        raise NotFound(template=template_id)
    return row


def _values(row: AnswerTemplate | None) -> dict[str, object]:
    if row is None:
        return {}
    texts = {f"{kind}_{language}": words for kind in ("title", "text") for language, words in getattr(row, kind).items()}
    return {"body_id": row.body_id, **texts}
