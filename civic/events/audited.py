"""What the audit trail knows of organisations: what owners may read, how they are called, and who opened a list of guests."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import audit_views, audit_words, invited, invited_views
from civic.accounts.audit import Scope
from civic.accounts.audit_views import Readable, remember_reading
from civic.accounts.post_models import PostInvitation
from civic.core.actor import Actor
from civic.events import organisations, rules
from civic.events.models import Event, Organisation
from civic.events.queries import organisations_of
from civic.events.states import Right
from civic.events.wording import RIGHT_WORDS
from civic.web.locale import local_name

GUESTS_READ = "guests.read"


def guests_read(event: Event) -> None:
    """Names, addresses and needs of guests were opened: told to the owners, once a day for each reader and event."""
    remember_reading(GUESTS_READ, organisation_id=event.organisation_id, facts={"event": event.id, "code": event.code})


def _owned(session: Session, actor: Actor) -> Sequence[Readable]:
    mine = organisations_of(session, actor.user_id) if actor.user_id is not None else []
    return [Readable(Scope("organisation", o.id), local_name(o.name)) for o in mine if rules.owns(actor, o)]


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    found = session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)))
    return {row_id: local_name(name) for row_id, name in found}


def _offer_words(session: Session, row: PostInvitation) -> str:
    """«organiser: makes events, Centre of debates»."""
    return f"{RIGHT_WORDS[Right(row.role)]}, {_names(session, {row.organisation_id or 0})[row.organisation_id or 0]}"


def register() -> None:
    """Bind all of it; called once per application, to the same effect."""
    invited.GIVERS["organisation"] = organisations.accept
    invited_views.OFFER_WORDS["organisation"] = _offer_words
    audit_words.WORDS[GUESTS_READ] = _l("List of guests opened")
    audit_words.WORDS[organisations.RENAMED] = _l("Name or words of the organisation changed")
    audit_words.FACTS["code"] = str
    audit_views.READERS["organisation"] = _owned
    audit_views.ORGANISATION_NAMES["organisation"] = _names
