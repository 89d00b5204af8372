"""Votes that look bought or made by a script, of all kinds, before the moderators of the city: what a decision would change, and taking it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from civic.complaints.desk_forms import name_apart
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.extensions import db
from civic.limits import votes
from civic.limits.votes import DECISIONS, KINDS, Suspects
from civic.moderation import rules, service
from civic.web.access import allow, current_actor
from civic.web.forms import Form
from civic.web.locale import LANG

bp = Blueprint("votes", __name__, url_prefix=f"/{LANG}/moderation")
KIND_WORDS: dict[str, Any] = {"support": _l("Voices for a complaint"), "room": _l("Devices in a room")}
SIGNAL_WORDS: dict[str, Any] = {
    "device": _l("several from one device"), "address_burst": _l("many from one address within a minute"),
    "newborn": _l("addresses that are built alike and were proven together"), "hall_burst": _l("more devices from one address than a hall has"),
    "by_hand": _l("set aside by the room’s moderator"),
}
STATE_WORDS: dict[str, Any] = {"suspected": _l("Waits for a decision"), "invalid": _l("Not counted"), "cleared": _l("Counted after a look")}
DECIDED_WORDS: dict[str, Any] = {"votes.invalid": _l("Votes declared invalid"), "votes.cleared": _l("Suspect votes counted")}


class DecideForm(Form):
    """Why these votes count, or do not. The pressed button says which."""

    kind, subject, state = HiddenField(), HiddenField(), HiddenField()
    reason = StringField(_l("Why"), [InputRequired(_l("Write why: it is kept with the decision.")), Length(max=300)])


@dataclass(frozen=True)
class Group:
    """Suspect votes of one subject, ready to be drawn. choices: (decision, its words, what it would change); own: it is the reader's own."""

    raw: Suspects
    kind: str
    name: str
    signals: str
    counted: bool
    choices: list[tuple[str, str, list[votes.Change]]]
    form: DecideForm
    own: bool


@bp.get("/votes")
@allow(rules.moderates_somewhere, hidden=True)
def listing() -> ResponseReturnValue:
    """All that wait, or all that were decided."""
    return _draw(request.args.get("state", ""))


@bp.post("/votes")
@allow(rules.moderates_somewhere, hidden=True)
def decide() -> ResponseReturnValue:
    """One group counts from now on, or does not."""
    form, target = DecideForm(), request.form.get("target", "")
    kind, subject, state = form.kind.data or "", row_id(form.subject.data) or 0, form.state.data or ""
    if kind not in KINDS or (state, target) not in DECISIONS or not votes.suspects(db.session(), state, kind, subject):
        abort(404)
    city_id, actor = KINDS[kind].city_id(db.session(), subject), current_actor()
    if not rules.may_decide_votes(actor, city_id, own=KINDS[kind].own(db.session(), subject, actor)):
        abort(404)
    if not form.sent():
        return _draw(state, form)
    number = service.decide_votes(db.session(), kind, subject, state, target, form.reason.data or "", actor, utc_now())
    flash(ngettext("Decided for %(num)d vote.", "Decided for %(num)d votes.", number), "success")
    return redirect(url_for("votes.listing"), 303)


def _draw(state: str, sent: DecideForm | None = None) -> ResponseReturnValue:
    state = state if state in STATE_WORDS else "suspected"
    session, cities = db.session(), current_actor().city_ids
    # of what was found earlier nobody can look again where the votes came from: it is history, not work
    since = None if state == "suspected" else utc_now() - votes.KEPT
    groups = [_group(found, sent) for found in votes.suspects(session, state, since=since) if KINDS[found.kind].city_id(session, found.subject_id) in cities]
    return render_template("moderation/votes.html", groups=groups, state=state, states=STATE_WORDS), 422 if sent is not None else 200


def _group(found: Suspects, sent: DecideForm | None) -> Group:
    kind, session = KINDS[found.kind], db.session()
    targets = {"invalid": gettext("Do not count them"), "cleared": gettext("Count them")}
    choices = []
    for target in (target for before, target in DECISIONS if before == found.state):
        step = kind.step(found.state, target)
        choices.append((target, targets[target], kind.preview(session, found.subject_id, found.votes, step) if step else []))
    mine = sent is not None and (sent.kind.data, sent.subject.data) == (found.kind, str(found.subject_id))
    form = sent if mine and sent is not None else DecideForm(None, kind=found.kind, subject=str(found.subject_id), state=found.state)
    name_apart(form, f"{found.kind}-{found.subject_id}")
    signals = ", ".join(str(SIGNAL_WORDS.get(name, name)) for name in sorted(found.signals))
    return Group(found, str(KIND_WORDS.get(found.kind, found.kind)), kind.name(session, found.subject_id), signals, kind.counted(found.state), choices, form,
                 kind.own(session, found.subject_id, current_actor()))
