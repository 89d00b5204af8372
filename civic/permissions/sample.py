"""One person of each role, and one thing of each kind, as the predicates see them: what the table is computed for.

City 1 has the bodies 11 and 12, city 2 the body 21; organisation 31 holds its discussions in city 1. All things are of body 11,
organisation 31 and the applicant; cases were decided by the moderator, so that an appeal is for the second one.
"""

from types import SimpleNamespace
from typing import Any

from civic.core.actor import ANONYMOUS, Actor, Post, RoleName

CITY, OTHER_CITY, BODY, OTHER_BODY, FAR_BODY, ORGANISATION, OTHER_ORGANISATION = 1, 2, 11, 12, 21, 31, 32


def _person(number: int, *posts: Post) -> Actor:
    return Actor(number, 100 + number, posts=posts)


#: By name, in the order of the table's columns.
ROLES: dict[str, Actor] = {
    "visitor": ANONYMOUS,
    "resident": _person(1),
    "applicant": _person(2),
    "official": _person(3, Post(RoleName.OFFICIAL, BODY)),
    "head": _person(4, Post(RoleName.HEAD, BODY)),
    "other official": _person(5, Post(RoleName.OFFICIAL, OTHER_BODY)),
    "other city’s head": _person(6, Post(RoleName.HEAD, FAR_BODY)),
    "owner": _person(7),
    "organiser": _person(8),
    "door": _person(9),
    "other organiser": _person(10),
    "moderator": _person(11, Post(RoleName.MODERATOR, None, CITY)),
    "other moderator": _person(12, Post(RoleName.MODERATOR, None, OTHER_CITY)),
    "second moderator": _person(14, Post(RoleName.MODERATOR, None, CITY)),
    "administrator": _person(13, Post(RoleName.ADMINISTRATOR)),
    "room’s moderator": _person(15),
    "invited": _person(16),
    "delegate": _person(17),
}


def _id(role: str) -> int:
    return ROLES[role].user_id or 0


def _member(role: str, right: str) -> SimpleNamespace:
    return SimpleNamespace(user_id=_id(role), ended_at=None, right=right)


def _complaint(**more: Any) -> SimpleNamespace:
    return SimpleNamespace(id=41, city_id=CITY, body_id=BODY, state="registered", applicant=SimpleNamespace(contact_id=ROLES["applicant"].contact_id),
                           private=False, **more)


organisation = SimpleNamespace(id=ORGANISATION, city_id=CITY, members=[
    _member("owner", "owner"), _member("organiser", "organiser"), _member("door", "door"), _member("room’s moderator", "door")])
other_organisation = SimpleNamespace(id=OTHER_ORGANISATION, city_id=CITY, members=[_member("other organiser", "owner")])
event = SimpleNamespace(id=51, city_id=CITY, organisation=organisation, state="announced", announced_at=1)
complaint = _complaint()
private = _complaint()
private.private = True


def _case(*, for_administrator: bool = False) -> SimpleNamespace:
    """A case of the complaint, which the moderator has decided."""
    return SimpleNamespace(id=61, kind="complaint", thing_id=41, city_id=CITY, state="open", authors=[ROLES["applicant"].contact_id],
                           by_applicant=True, decided_by_id=_id("moderator"), for_administrator=for_administrator, withheld={})


def _invitation(official_name: str = "") -> SimpleNamespace:
    """An invitation whose letter went to the invited, who names the delegate."""
    return SimpleNamespace(event=event, body_id=BODY, contact_id=ROLES["invited"].contact_id, delegate_contact_id=ROLES["delegate"].contact_id,
                           official_name=official_name, state="sent")


room = SimpleNamespace(event=event, moderators=[SimpleNamespace(user_id=_id("room’s moderator"), ended_at=None)])

promise = SimpleNamespace(event=event, body_id=BODY, state="recorded")
registration = SimpleNamespace(event=event, contact_id=ROLES["applicant"].contact_id, state="pending")

#: What a row of the table may be about.
THINGS: dict[str, Any] = {
    "complaint": complaint, "private complaint": private,
    "organisation": organisation, "discussion": event, "draft of a discussion": event,
    # in their own states, with places free and without; in the states of the discussion
    "registration": registration, "registration where all is full": registration, "request for a place": registration, "guest at the door": event,
    "suspect voices": SimpleNamespace(city_id=CITY), "suspect devices": SimpleNamespace(city_id=CITY),
    "recommendation": SimpleNamespace(body_id=BODY), "answer template": SimpleNamespace(body_id=BODY),
    "post": SimpleNamespace(role="official", body_id=BODY, user_id=_id("official")),
    "invitation to a post": SimpleNamespace(role="official", body_id=BODY),
    "member": organisation, "invitation of a member": organisation, "programme": SimpleNamespace(organisation=organisation), "talk": event, "focus group": event,
    "case": _case(), "appeal to the administrator": _case(for_administrator=True),
    # of a body as such; of a named official; to a discussion that has begun, where it is written down who came
    "invitation": _invitation(), "invitation of an official": _invitation("Басшы"), "invitation to what began": _invitation(),
    "organisations": (organisation, other_organisation), "room": room, "moderator of a room": room,
    "question": SimpleNamespace(room=room, body_id=BODY, state="waiting"), "poll": SimpleNamespace(room=room, state="prepared"),
    "promise": promise,
    # photos: the discussion's with its organisers; the last is of a case that waits
    "photo of a complaint": complaint, "photo of an answer": complaint, "photo of a discussion": event, "case with a photo": _case(),
    "evidence of a body": SimpleNamespace(promise=promise, role="body"),
    "evidence of a resident": SimpleNamespace(promise=promise, role="resident", contact_id=ROLES["applicant"].contact_id),
    "own passkey": SimpleNamespace(user_id=_id("applicant")),
}
