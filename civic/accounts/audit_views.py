"""Who reads the audit trail: everybody what was done about them; heads, owners, moderators their own; administrators all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, after_this_request, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.audit import Scope, page, read_position, read_today, record, written
from civic.accounts.audit_words import lines
from civic.bodies.models import Body
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.extensions import db
from civic.places.models import City
from civic.web.access import allow, current_actor, signed_in
from civic.web.locale import LANG, local_name

bp = Blueprint("audit", __name__, url_prefix=f"/{LANG}/audit")


@dataclass(frozen=True)
class Readable:
    """A part of the trail that somebody may read. key: in the address, such as ``body-3``."""

    scope: Scope
    label: str

    @property
    def key(self) -> str:
        return f"{self.scope.kind}-{self.scope.id}" if self.scope.id else self.scope.kind


def _by_posts(session: Session, actor: Actor) -> list[Readable]:
    """Everything for administrators, a body for its head, a city for its moderators."""
    found = [Readable(Scope("all"), gettext("Everything"))] if actor.is_administrator else []
    found += [Readable(Scope("body", b), local_name(session.get_one(Body, b).name)) for b in sorted(actor.body_ids) if actor.heads(b)]
    return found + [Readable(Scope("city", c), local_name(session.get_one(City, c).name)) for c in sorted(actor.city_ids)]


#: What may be read, by feature; the one that knows organisations adds theirs, and how they are called by id.
READERS: dict[str, Callable[[Session, Actor], Sequence[Readable]]] = {"posts": _by_posts}
ORGANISATION_NAMES: dict[str, Callable[[Session, set[int]], dict[int, str]]] = {}


def remember_reading(act: str, *, organisation_id: int, facts: dict[str, Any]) -> None:
    """Write that the reader of this page opened personal data: after the answer is made, once a day for the same facts.

    It is the one thing that a GET writes. It changes nothing that anybody could want to change by leading a browser here.
    """
    actor, now = current_actor(), utc_now()

    @after_this_request
    def write(response: Response) -> Response:
        session = db.session()
        if response.status_code < 400 and not read_today(session, actor, now, act, organisation_id, facts):
            begin_write(session)
            record(session, actor, now, act, organisation_id=organisation_id, facts=facts)
            session.commit()
        return response


def _organisations(session: Session) -> Callable[[set[int]], dict[int, str]]:
    return lambda ids: {key: name for names in ORGANISATION_NAMES.values() if ids for key, name in names(session, ids).items()}


@bp.get("/mine")
@allow(signed_in)
def mine() -> ResponseReturnValue:
    """What was done about the reader: by whom is told by role, not by name."""
    actor = current_actor()
    rows, earlier = page(db.session(), Scope("me", actor.user_id or 0), read_position(request.args.get("before", "")))
    return render_template("accounts/audit.html", heading=gettext("What was done about me"), readable=[], chosen="",
                           lines=lines(db.session(), rows, named=False, organisations=_organisations(db.session())),
                           earlier=url_for(".mine", before=written(earlier)) if earlier else None)


@bp.get("/")
@allow(signed_in)
def index() -> ResponseReturnValue:
    """Who did what, in one of the parts that the reader answers for. 404 for who answers for none."""
    session, actor = db.session(), current_actor()
    readable = [part for reader in READERS.values() for part in reader(session, actor)]
    wanted = request.args.get("of")
    chosen = next((part for part in readable if wanted is None or part.key == wanted), None) or abort(404)
    rows, earlier = page(session, chosen.scope, read_position(request.args.get("before", "")))
    return render_template("accounts/audit.html", heading=gettext("Who did what"), readable=readable, chosen=chosen.key,
                           lines=lines(session, rows, named=True, organisations=_organisations(session)),
                           earlier=url_for(".index", of=chosen.key, before=written(earlier)) if earlier else None)
