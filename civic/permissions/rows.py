"""The table itself: one line for every address that is not open to everybody. A new route is one more line here.

Pages that are open to everybody but show less to some (those of private complaints, drafts, one's own texts) have lines too.
"""

from typing import Any

from civic.accounts import post_rules
from civic.complaints import rules as complaints
from civic.complaints.states import CLOSED, TRANSITIONS
from civic.complaints.states import State as ComplaintState
from civic.core.actor import Actor
from civic.events import rules as events
from civic.events.checkin import DOOR_OPEN
from civic.events.states import AHEAD, EVENT_STEPS, REGISTRATION_STEPS
from civic.invitations import rules as invitations
from civic.invitations.states import ANSWERS, RECORDED, RECORDS
from civic.invitations.states import TRANSITIONS as INVITATIONS
from civic.limits.votes import DECISIONS
from civic.moderation import rules as moderation
from civic.moderation.states import TRANSITIONS as CASES
from civic.permissions.table import Row, Rule, in_states, step
from civic.promises import rules as promises
from civic.promises.states import TRANSITIONS as PROMISES
from civic.promises.states import State as PromiseState
from civic.questions import rules as questions
from civic.questions import states as room_states
from civic.questions.states import POLL_STEPS
from civic.questions.states import TRANSITIONS as QUESTIONS


def is_own(actor: Actor, thing: Any) -> bool:
    """Of one's own account."""
    return bool(actor.user_id == thing.user_id)


def nobody(actor: Actor, thing: Any) -> bool:
    """Needs what no sample has: a link of a letter, an image. The page says so to everybody."""
    return False


def owes_second_factor(actor: Actor, thing: Any) -> bool:
    """Signed in while the second factor is due: nobody of the sample, who all have it."""
    return False


def reads_some_trail(actor: Actor, organisations: Any) -> bool:
    """Answers for a body, a city, an organisation, or everything."""
    return actor.is_administrator or post_rules.heads_a_body(actor) or bool(actor.city_ids) or any(events.owns(actor, o) for o in organisations)


def owns_template(actor: Actor, template: Any) -> bool:
    """Works in the template's body."""
    return actor.works_for(template.body_id)


def removes(actor: Actor, post: Any) -> bool:
    """A head, an official of the own body."""
    return actor.heads(post.body_id) and post_rules.may_end(actor, post) and not is_own(actor, post)


def gave_evidence(actor: Actor, evidence: Any) -> bool:
    """Of the side that came with it."""
    return promises.gave(actor, evidence.promise, evidence)


def organises_room(actor: Actor, room: Any) -> bool:
    """An organiser of the room's discussion, who decides who else moderates it."""
    return events.may_organise(actor, room.event)


def organises_programme(actor: Actor, programme: Any) -> bool:
    """An organiser of the programme's organisation."""
    return events.may_organise_for(actor, programme.organisation)


def decides_votes(actor: Actor, votes: Any) -> bool:
    """A moderator of the city; the sample's votes are nobody's own among them."""
    return moderation.may_decide_votes(actor, votes.city_id, own=False)


SIMPLE = (
    "accounts.app_off", "accounts.app_on", "accounts.devices", "accounts.devices_end", "accounts.landing", "accounts.passkey_add", "accounts.prove",
    "accounts.recovery_codes", "accounts.second_factor", "accounts.settings", "accounts.device_end",
    "admin.add", "admin.days", "admin.edit", "admin.end_post", "admin.forget", "admin.history", "admin.index", "admin.listing", "admin.posts",
    "admin.responsibilities", "admin.responsibility", "admin.withdraw_post",
    "audit.mine", "complaints.mine", "desk.bulk", "desk.inbox", "desk.office.load", "desk.office.templates",
    "events.found", "events.mine", "events.organise", "following.mine", "invitations_desk.inbox", "my_calendar.address", "people.index",
    "moderation_desk.queue", "promises.desk", "privacy.data", "privacy.erase", "privacy.export", "privacy.withdrawals", "questions_desk.inbox",
    "votes.listing",
)
DESK_STEPS = ("accept", "answer", "forward", "extend", "hold_hearing", "return", "mark_duplicate", "reopen")
PROMISE_STEPS = ("confirm", "dispute", "amend", "stand", "claim", "contest", "find_kept", "find_broken", "take_back", "retract")
#: What is pressed on a question, by the step that it takes; and what leaves it in its state.
PRESSED = {"show": "show", "hide": "hide:insult", "unhide": "unhide", "split": "split", "answer_live": "answer_live", "reopen": "reopen"}
MARKS = ("pin", "unpin", "take_up", "put_back")
RESOLVED = ("restore", "uphold")


def _answers(thing: str, *rules: Rule) -> tuple[Row, ...]:
    """Each answer to an invitation for which one of these rules is asked."""
    return tuple(step("invitations_desk.step", thing, INVITATIONS, name, view=invitations.may_contest, step=name)
                 for name in sorted(ANSWERS) if INVITATIONS.by_name[name].allowed in rules)


def _resolving(thing: str) -> tuple[Row, ...]:
    """The second look at an appeal."""
    return tuple(step("moderation_desk.decide", thing, CASES, name, view=moderation.may_see_case, fields={"outcome": name}, what="resolve")
                 for name in RESOLVED)


ROWS: tuple[Row, ...] = (
    *(Row(endpoint) for endpoint in SIMPLE),
    Row("accounts.second_factor_due", may=owes_second_factor),
    *(Row(f"accounts.passkey_{act}", "own passkey", is_own) for act in ("remove", "rename")),
    *(Row("accounts.prove_by", values={"how": how}) for how in ("password", "code", "letter")),
    Row("accounts.prove_link", values={"token": "none"}),
    Row("audit.index", "organisations", reads_some_trail),
    # complaints
    *(Row(f"tracking.{page}", "private complaint", complaints.may_see) for page in ("page", "find")),
    Row("tracking.ticket", "private complaint", complaints.may_see),
    *(Row("tracking.join", "private complaint", complaints.may_see, values={"what": what}) for what in ("follow", "unfollow")),
    Row("tracking.join", "private complaint", complaints.may_see, send=nobody, values={"what": "support"}),  # only public ones are supported
    *(step("tracking.act", "complaint", TRANSITIONS, act, act=act) for act in ("confirm", "dispute", "withdraw")),
    Row("tracking.act", "complaint", send=complaints.may_add_information, states=in_states(set(ComplaintState) - CLOSED), values={"act": "information"}),
    Row("mending.mend", "complaint", complaints.is_applicant),
    Row("desk.item_address", "complaint"),  # leads to the inbox, which opens only what is there
    *(step("desk.step", "complaint", TRANSITIONS, name, step=name) for name in DESK_STEPS),
    *(Row("desk.step", "complaint", send=complaints.is_official, values={"step": name}) for name in ("assign", "note")),
    Row("desk.office.template", "answer template", owns_template),
    Row("desk.office.retire", "answer template", owns_template),
    # people of a body
    Row("people.remove", "post", removes),
    Row("people.withdraw", "invitation to a post", lambda actor, row: actor.heads(row.body_id) and post_rules.may_invite(actor, row)),
    # organisations
    Row("events.group", "organisation", events.belongs_to),
    Row("events.make", "organisation", events.may_organise_for),
    *(Row(f"events.{page}", "organisation", events.owns) for page in ("add_member", "rename")),
    Row("events.end_member", "member", events.owns),
    Row("events.withdraw_member", "invitation of a member", events.owns),
    # discussions
    Row("events.page", "draft of a discussion", events.may_keep_the_door),
    *(Row(f"events.{page}", "discussion", events.may_organise) for page in ("manage", "edit", "guests", "copy", "repeat")),
    *(step(f"events.{name}", "discussion", EVENT_STEPS, name, view=events.may_organise) for name in ("move", "cancel", "publish")),
    *(step("events.step", "discussion", EVENT_STEPS, name, name=name) for name in ("announce", "start", "finish")),
    *(step("events.approve", "registration", REGISTRATION_STEPS, act, view=events.may_approve, act=act) for act in ("approve", "decline")),
    *(step("events.approve", "registration where all is full", REGISTRATION_STEPS, name, view=events.may_approve, act=act)
      for name, act in (("queue", "approve"), ("decline", "decline"))),
    *(Row("events.approve", "request for a place", events.may_approve, states=in_states(AHEAD), values={"act": act}) for act in ("approve", "decline")),
    *(Row(f"events.{page}", "discussion", events.may_keep_the_door) for page in ("door_bare", "door_list", "door_worker")),
    Row("events.door", "guest at the door", events.may_keep_the_door, states=in_states(DOOR_OPEN)),
    Row("events.claim", values={"token": "none"}),
    Row("events.recommendation", "recommendation", events.may_answer_recommendation),
    # invitations
    Row("invitations_desk.item", "invitation", invitations.may_contest),
    *_answers("invitation", invitations.may_answer, invitations.is_delegate), *_answers("invitation of an official", invitations.may_answer),
    Row("invitations_desk.step", "invitation to what began", invitations.may_contest, states=in_states(RECORDED), values={"step": "contest"}),
    *(Row(f"invitations_organiser.{page}", "discussion", events.may_organise) for page in ("manage", "new", "strike")),
    *(step("invitations_organiser.step", "invitation", INVITATIONS, name, view=invitations.is_organiser, step=name) for name in ("withdraw", "keep_date")),
    *(step("invitations_organiser.record", "invitation to what began", INVITATIONS, name, view=invitations.is_organiser, step=name) for name in sorted(RECORDS)),
    # moderation
    Row("moderation.flag", "complaint", values={"kind": "complaint"}),
    Row("moderation_desk.case", "case", moderation.may_see_case),
    *(step("moderation_desk.decide", "case", CASES, name, view=moderation.may_see_case, what=name) for name in ("hide", "leave")),
    *_resolving("case"), *_resolving("appeal to the administrator"),
    step("moderation.appeal", "case", CASES, "appeal", view=moderation.may_appeal),
    *(Row("votes.decide", thing, decides_votes, states=frozenset(state for state, after in DECISIONS if after == target), fields={"target": target})
      for thing in ("suspect voices", "suspect devices") for target in ("invalid", "cleared")),
    # photos: whose they are, and moderators of a case
    Row("mending.cover", "photo of a complaint", complaints.is_applicant), Row("mending.cover", "photo of an answer", complaints.is_official),
    Row("mending.cover_of_event", "photo of a discussion", events.may_organise),
    *(Row("mending.cover_of_promise", thing, gave_evidence) for thing in ("evidence of a body", "evidence of a resident")),
    Row("moderation_desk.cover", "case with a photo", moderation.may_decide),
    Row("moderation_desk.photo", "case with a photo", moderation.may_see_case, values={"size": "thumb"}),
    # rooms, questions, promises
    *(Row(f"room_desk.{page}", "room", questions.moderates) for page in ("page", "live", "new_poll", "settings", "votes")),
    Row("room_desk.make", "room", organises_room),
    Row("room_desk.name_moderator", "room", questions.moderates, send=organises_room),
    Row("room_desk.end_moderator", "moderator of a room", questions.moderates, send=organises_room),
    *(step("room_desk.step", "question", QUESTIONS, name, view=questions.may_moderate, fields={"step": pressed}) for name, pressed in PRESSED.items()),
    *(Row("room_desk.step", "question", questions.may_moderate, states=in_states(room_states.MARKABLE), fields={"step": name}) for name in MARKS),
    *(step("room_desk.poll_step", "poll", POLL_STEPS, name, view=questions.may_moderate, fields={"step": name}) for name in POLL_STEPS.by_name),
    *(Row("room_desk.poll_step", "poll", questions.may_moderate, states=in_states(room_states.FOR_SCREEN), fields={"step": name})
      for name in ("screen", "unscreen")),
    *(step("room_desk.choose", "question", QUESTIONS, name, view=questions.may_moderate, what=name) for name in ("merge", "hand_over")),
    Row("room_desk.choose", "question", questions.may_moderate, states=in_states(room_states.RECORDED), values={"what": "recording"}),
    step("questions_desk.item", "question", QUESTIONS, "answer_in_writing", view=questions.may_answer),
    Row("promises.record", "discussion", events.may_organise),
    *(step("promises.step", "promise", PROMISES, name, step=name) for name in PROMISE_STEPS),
    Row("promises.step", "promise", send=promises.may_state, states=in_states(PromiseState), values={"step": "state"}),
    # programmes
    Row("programme.found", "organisation", events.may_organise_for),
    *(Row(f"programme.{page}", "programme", organises_programme) for page in ("manage", "rename", "add_part", "change_part", "part")),
    Row("programme.put", "programme", organises_programme, values={"what": "person"}),
    Row("programme.take_out", "programme", organises_programme, values={"what": "part", "key": "0"}),
    # topics
    Row("topics.choose"),
    Row("topics.make", "organisation", events.may_organise_for),
    Row("topics.carried", "discussion", events.may_organise),
    # minutes
    *(Row(f"minutes.{page}", "discussion", events.may_organise) for page in ("edit", "publish", "preview", "material_list", "remove")),
    # the stage
    *(Row(f"stage.{page}", "discussion", events.may_organise) for page in ("talks", "show")),
    *(Row(f"focus_organiser.{page}", "focus group", events.may_organise) for page in ("group", "publish")),
    *(Row(f"stage.{page}", "talk", events.may_organise) for page in ("move", "remove")),
)
