"""Jobs of topics: the nightly count, and telling those who follow a complaint, a topic's category, district or body, or a place, street or
search that its complaints belong to, that a discussion carries it."""

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Category
from civic.complaints.models import Complaint, Follow
from civic.complaints.wording import title_of
from civic.core.clock import local_date
from civic.events.models import Event
from civic.events.states import EventState
from civic.events.wording import when_words
from civic.following import keys
from civic.following.letters import all_of_mine, ending, told_by
from civic.following.matching import concerned_by_several, concerned_by_topic, join
from civic.following.naming import target_name
from civic.following.tasks import tell_concerned
from civic.jobs.queue import Queue
from civic.jobs.service import enqueue
from civic.notifications.service import Notice, tell_all
from civic.notifications.tasks import BUILDERS, Letter
from civic.places.models import City, District
from civic.topics import counting, queries
from civic.topics.models import EventComplaint, EventTopic
from civic.topics.service import body_of_topic
from civic.web.locale import local_name

#: Complaints whose followers are told in one minute's run; addresses of one statement.
AT_ONCE, BATCH = 100, 500
_STILL_ON = (EventState.ANNOUNCED, EventState.LIVE)


def register(queue: Queue) -> None:
    """Bind the sweeps and the letter."""
    queue.sweeps.extend((tell_followers, tell_of_topics, count))
    queue.handlers.update(topics_count=count_city, topic_carried=topic_carried)
    BUILDERS["event_carries"] = letter


def count(session: Session, now: datetime) -> None:
    """Order the count of each city whose night has come: once a day, also where there is nothing to count."""
    for city in session.scalars(select(City).order_by(City.id)).all():
        if counting.is_due(session, city, now):
            enqueue(session, "topics_count", f"topics_count:{city.id}:{local_date(now, city.timezone)}", {"city_id": city.id}, now)


def count_city(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Count one city."""
    counting.recount_city(session, session.get_one(City, payload["city_id"]), now)


def tell_followers(session: Session, now: datetime) -> int:
    """Order the letters to those who follow complaints that announced events carry: one for each event and address, by the
    contact's own setting. Returns how many complaints were gone through."""
    rows = session.execute(
        select(EventComplaint.event_id, EventComplaint.complaint_id).join(Event, Event.id == EventComplaint.event_id)
        .where(EventComplaint.told_at.is_(None), Event.state.in_(_STILL_ON), Event.ends_at > now)
        .order_by(EventComplaint.event_id, EventComplaint.complaint_id).limit(AT_ONCE).with_for_update(skip_locked=True, of=EventComplaint)).all()
    for row in rows:
        _tell(session, row, now)
    return len(rows)


def _tell(session: Session, row: Any, now: datetime) -> None:
    followers = session.execute(select(Contact.id, Contact.delivery).join(Follow, Follow.contact_id == Contact.id)
                                .where(Follow.complaint_id == row.complaint_id)).all()
    facts = {"event_id": row.event_id, "complaint_id": row.complaint_id}
    for start in range(0, len(followers), BATCH):
        notices = [Notice(f.id, f.delivery, facts, "at_once") for f in followers[start:start + BATCH]]
        tell_all(session, notices, "event_carries", f"event_carries:{row.event_id}", now)
    session.execute(update(EventComplaint).where(EventComplaint.event_id == row.event_id, EventComplaint.complaint_id == row.complaint_id)
                    .values(told_at=now))


def tell_of_topics(session: Session, now: datetime) -> int:
    """Order the telling of those whom the topics of announced events concern. Returns how many topics."""
    rows = session.scalars(
        select(EventTopic).join(Event, Event.id == EventTopic.event_id)
        .where(EventTopic.told_at.is_(None), Event.state.in_(_STILL_ON), Event.ends_at > now)
        .order_by(EventTopic.event_id).limit(AT_ONCE).with_for_update(skip_locked=True, of=EventTopic)).all()
    for row in rows:
        facts = {"event_id": row.event_id, "category_id": row.category_id, "district_id": row.district_id}
        enqueue(session, "topic_carried", "topic_carried:{event_id}:{category_id}:{district_id}".format(**facts), facts, now)
        row.told_at = now
    return len(rows)


def topic_carried(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Order the letters to all who follow where a topic belongs, or a place, street or search that has one of its complaints; one for
    each event, also when it came for a complaint already."""
    session.rollback()
    event, category = session.get_one(Event, payload["event_id"]), session.get_one(Category, payload["category_id"])
    body = body_of_topic(session, event.city, category.id, payload["district_id"])
    above = {category.id, category.parent_id or category.id}
    found = concerned_by_topic(session, keys.of_topic(event.city_id, above, payload["district_id"] or None, body.id if body else None))
    pile = session.scalars(queries.complaints_of_topic(event.id, category.id, payload["district_id"]))
    for contact_id, news in concerned_by_several(session, pile, "discussion").items():
        join(found, contact_id, news)
    tell_concerned(session, found, payload, "event_carries", f"event_carries:{event.id}", now)


def _what(session: Session, contact: Contact, facts: dict[str, Any]) -> tuple[str, str, str | None]:
    """What of a discussion concerns a reader, what follows under it, and the page that ends such letters."""
    if "complaint_id" in facts:
        complaint = session.get_one(Complaint, facts["complaint_id"])
        return f"{title_of(session.get_one(Category, complaint.category_id).name, complaint.address)}\n{complaint.number}", "", None
    followings = told_by(session, contact, facts["following_ids"])
    district = session.get(District, facts["district_id"])
    name = local_name(session.get_one(Category, facts["category_id"]).name) + (f", {local_name(district.name)}" if district else "")
    if not followings:
        return "", "", None
    why = gettext("You follow: %(what)s.", what="; ".join(target_name(session, f) for f in followings))
    return f"{name}\n{why}", all_of_mine(contact), ending(contact, followings)


def letter(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """To a follower: officials will be asked about it; come. None when the discussion was called off."""
    event = session.get_one(Event, facts["event_id"])
    if event.state not in _STILL_ON:
        return None
    what, below, end = _what(session, contact, facts)
    if not what:  # what it came for is followed no more
        return None
    return Letter(gettext("A discussion takes up what you follow: %(title)s", title=local_name(event.title)), "\n\n".join(part for part in (
        what,
        gettext("It is among the complaints of this discussion, where officials are asked about them in public:"),
        f"«{local_name(event.title)}»\n{when_words(event.starts_at, event.ends_at, event.city.timezone)}" + (f"\n{event.venue}, {event.address}".rstrip(", ") if event.venue else ""),
        gettext("Come and ask. What is promised there shows on the page of the complaint."),
        url_for("events.page", city=event.city.code, code=event.code, _external=True), below,
    ) if part), end)
