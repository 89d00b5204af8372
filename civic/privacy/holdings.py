"""What is held about people, table by table: what their archive includes, what erasure does. One table, by name.

A test compares it with the metadata: a table with a column that points at an account, a contact, or a row here that is a person's own
(a registration, a question…), and is not named here, fails it. ``OF_OTHERS`` names the columns for which that is as it should be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Erasure(StrEnum):
    """What becomes of a person's rows."""

    DELETE = "delete"
    BLANK = "blank"
    KEEP = "keep"


@dataclass(frozen=True)
class Holding:
    """How a table holds people's data.

    refers: columns that point at the person, with the table they point at (``account``, ``contact``, or another one of this map).
    exported: columns of the archive; empty where ``why`` says so. blank: values that erasure puts in. why: the reason for what is kept.
    """

    refers: Mapping[str, str]
    exported: tuple[str, ...] = ()
    erasure: Erasure = Erasure.KEEP
    blank: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


def _work(*columns: str, exported: tuple[str, ...] = ()) -> Holding:
    """What somebody did in a post: the record of the body's or organisation's work, which never shows the name in public."""
    return Holding(dict.fromkeys(columns, "account"), exported, why="a record of work in a post; the name behind it is erased with the account")


_A, _C = "account", "contact"
_DELETE, _BLANK = Erasure.DELETE, Erasure.BLANK

#: Children stand before what they point at: erasure goes through it in this order.
HOLDINGS: dict[str, Holding] = {
    # signing in
    "account_session": Holding({"user_id": _A}, ("way", "browser", "system", "created_at", "seen_at"), _DELETE),
    "account_identity": Holding({"user_id": _A}, ("issuer", "created_at"), _DELETE),
    "passkey": Holding({"user_id": _A}, ("name", "create_datetime", "lastuse_datetime"), _DELETE),
    "roles_users": Holding({"user_id": _A}, (), _DELETE, why="not used"),
    # what is followed, asked for, being written
    "following_key": Holding({"following_id": "following"}, (), _DELETE, why="where a following is looked for, made from it"),
    "following": Holding({"contact_id": _C}, ("kind", "target", "lat", "lon", "radius_m", "words", "query", "steps", "rhythm", "created_at"), _DELETE),
    "follow": Holding({"contact_id": _C}, ("complaint_id", "at"), _DELETE),
    "promise_follow": Holding({"contact_id": _C}, ("promise_id", "at"), _DELETE),
    "calendar_address": Holding({"contact_id": _C}, ("made_at",), _DELETE),
    "personal_export": Holding({"user_id": _A, "contact_id": _C}, ("asked_at",), _DELETE),
    # taking part
    "support": Holding({"contact_id": _C}, ("complaint_id", "at"), why="a vote; whose it was is erased with the contact"),
    "question_vote": Holding({"participant_id": "room_participant"}, ("question_id", "at"), why="a vote; whose it was is erased with the participant"),
    "poll_ballot": Holding({"participant_id": "room_participant"}, ("poll_id", "choices", "at"), why="a vote; whose it was is erased with the participant"),
    "question_word": Holding({"question_id": "question"}, (), _DELETE, why="words of the question, for finding similar ones"),
    "question": Holding({"participant_id": "room_participant"}, ("text", "language", "shown_name", "state", "asked_at", "answer"), _BLANK,
                        {"text": "—", "shown_name": "", "name_shown": "unnamed"}, "its number of votes and the answer are public record"),
    "room_participant": Holding({"contact_id": _C}, ("room_id", "joined_at"), _BLANK, {"address": ""},
                                "a voice of the room, which its votes hang on; the contact that it names is emptied"),
    "focus_line": Holding({"participant_id": "focus_participant"}, ("event_id", "text"), _DELETE),
    "focus_participant": Holding({"registration_id": "registration"}, ("event_id", "pseudonym", "age_band", "joined_at"), _DELETE),
    "check_in": Holding({"user_id": _A, "registration_id": "registration"}, ("at",), why="a reading of a ticket: how many came is public record"),
    "registration": Holding({"contact_id": _C}, ("event_id", "number", "state", "name", "needs", "consent_at", "created_at", "came_at"), _BLANK,
                            {"name": "—", "needs": None, "needs_consent_at": None}, "how many came is public record"),
    # complaints: what hangs on them is erased by ``erasure.erase_complaint``
    "applicant": Holding({"contact_id": _C}, ("complaint_id", "name"), _BLANK, {"name": "—"}, "the number, steps, dates and states are public record"),
    # officials and others who are invited
    "invitation": Holding({"contact_id": _C, "delegate_contact_id": _C}, ("number", "official_name", "official_post", "state", "answer", "reason",
                          "delegate_name", "delegate_post"), why="an office's answer on the public record"),
    "invitation_event": Holding({"user_id": _A, "contact_id": _C}, ("invitation_id", "kind", "at", "text"), why="an office's answer on the public record"),
    "invitation_link_use": Holding({"contact_id": _C}, ("invitation_id", "at"), _DELETE),
    "invitation_held_answer": Holding({"contact_id": _C}, ("invitation_id", "step", "said", "at"), _DELETE),
    "promise_step": Holding({"user_id": _A, "contact_id": _C}, ("promise_id", "kind", "at", "text", "links"),
                            why="a step of a public promise, shown without a name; what a resident said in it goes, see erasure.forget_contested"),
    "question_held_answer": Holding({"contact_id": _C}, ("question_id", "text", "at"), _DELETE),
    # consent itself
    "consent": Holding({"user_id": _A, "contact_id": _C}, ("purpose", "document", "version", "locale", "at"), why="proof that there was consent; holds no name"),
    "withdrawal": Holding({"user_id": _A, "contact_id": _C}, ("state", "asked_at", "due_on", "done_at"), why="proof that it was done in time; holds no name"),
    # moderation
    "moderation_flag": Holding({"user_id": _A}, ("kind", "key", "part", "reason", "words", "at"), _BLANK, {"words": ""}, "that it was flagged is part of the case"),
    "moderation_case": _work("decided_by_id"),  # what its author wrote: ``archive.hidden``
    "moderation_act": _work("user_id"),
    "vote_decision": _work("user_id"),
    # work in a post
    "membership": _work("user_id", exported=("role", "body_id", "city_id", "title", "began_at", "ended_at")),
    "organisation_member": _work("user_id", exported=("organisation_id", "right", "began_at", "ended_at")),
    "room_moderator": _work("user_id", exported=("room_id", "began_at", "ended_at")),
    "speaker": Holding({"user_id": _A}, ("name", "about", "claimed_at"), _BLANK, {"user_id": None, "about": ""}, "who spoke stands in the public programme"),
    "note": _work("user_id", exported=("complaint_id", "at")),  # its words are the body's, about somebody else
    "complaint": _work("assignee_id"),
    "complaint_event": _work("user_id", exported=("complaint_id", "kind", "at")),  # words of one's own: ``archive.complaints_of``
    "event": _work("created_by_id", exported=("code", "title", "starts_at", "state")),
    "event_series": _work("created_by_id"),
    "minutes_version": _work("user_id"),
    "minutes_material": _work("added_by_id"),
    "event_step": _work("user_id", exported=("event_id", "kind", "at", "text")),
    "room_step": _work("user_id"),
    "recommendation": _work("answered_by_id"),
    "strike_request": _work("user_id"),
    "handover": _work("from_id", "to_id", "by_id"),
    "reference_change": _work("user_id"),
    "audit_entry": _work("actor_id", "about_user_id", exported=("at", "act", "role", "facts")),
    "post_invitation": Holding({"invited_by_id": _A, "accepted_by_id": _A}, ("role", "title", "invited_at", "accepted_at"),
                               why="who was let into which post, for the audit; its address is erased with the person, or after its time"),
    # the person
    "contact": Holding({"user_id": _A, "id": _C}, ("email", "locale", "delivery", "confirmed_at"), why="an empty row without address: see erasure.erase"),
    "account": Holding({"id": _A}, ("email", "name", "locale", "confirmed_at", "create_datetime"), why="an empty row that cannot sign in: see erasure.erase"),
}

_OFFICES = "an office's answers, whoever gave them"
_OF_QUESTION = "what others did with the question; holds nothing that the asker wrote"
#: Columns that point at a person's own row from rows that are other people's, with the reason.
OF_OTHERS: dict[tuple[str, str], str] = {
    ("invitation_event", "invitation_id"): _OFFICES, ("invitation_held_answer", "invitation_id"): _OFFICES, ("invitation_link_use", "invitation_id"): _OFFICES,
    ("question", "merged_into_id"): "another asker's question, joined with this one",
    ("question_held_answer", "question_id"): _OF_QUESTION, ("question_held_answer", "invitation_id"): _OFFICES,
    ("question_vote", "question_id"): _OF_QUESTION, ("question_vote", "via_id"): _OF_QUESTION, ("room_step", "question_id"): _OF_QUESTION,
    ("promise_photo", "step_id"): "photos of an office are public record; those of a resident are ``archive.contested_photos``",
}
