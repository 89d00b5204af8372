"""How often one may write: one table. Why these numbers: docs/decisions/0013-quotas.md.

Every address that takes a POST falls under the quotas that ``ENDPOINTS`` names, or under ``write`` alone.
"""

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUARTER = timedelta(minutes=15)
#: Above this part of a quota a proof of work is asked for.
NEAR = 0.75


@dataclass(frozen=True)
class Quota:
    """How often in one window. None: not counted in this respect.

    person: account or proven e-mail address. address: network address, shared by thousands behind a mobile carrier. device: browser.
    target: what the ``target_field`` of the form or address names (a typed e-mail address, an event), whoever sends it; it refuses
    nobody, but near it and above a proof of work is asked for, so that nobody can lock another one out.
    failures: only what was refused counts, as with passwords and codes. unproven: only of those without a proven e-mail address.
    """

    window: timedelta
    person: int | None = None
    address: int | None = None
    device: int | None = None
    target: int | None = None
    target_field: str = ""
    failures: bool = False
    unproven: bool = False

    def limit(self, scope: str) -> int | None:
        """The number for ``person``, ``address``, ``device`` or ``target``."""
        found: int | None = getattr(self, scope)
        return found


SCOPES = ("person", "address", "device", "target")

QUOTAS: dict[str, Quota] = {
    # everything that has no row of its own below
    "write": Quota(HOUR, person=600, address=12_000, device=600),
    # steps of a report that is being written, photos among them
    "draft": Quota(HOUR, person=120, address=3_000, device=120),
    "report": Quota(DAY, person=30, address=2_000, device=30),
    # letters to an address that somebody typed; beside this ``notifications.MOST_ASKED`` holds for each address
    "letter": Quota(HOUR, address=300, device=15, target=10, target_field="email", unproven=True),
    "sign_up": Quota(HOUR, address=120, device=5),
    "sign_in_failure": Quota(QUARTER, address=150, device=10, target=20, target_field="email", failures=True),
    "code_failure": Quota(QUARTER, person=8, address=150, device=8, failures=True),
    "support": Quota(HOUR, person=60, address=1_000, device=30),
    "follow": Quota(HOUR, person=60, address=1_000, device=60),
    # the target is the event: near the end of what may wait for confirmation in an hour everybody's computer works a second
    "registration": Quota(HOUR, person=30, address=250, device=15, target=500, target_field="code"),
    # fifty megabytes each
    "slides": Quota(HOUR, person=30, address=600, device=30),
    "question": Quota(HOUR, person=20, address=2_000, device=20),
    "vote": Quota(HOUR, person=600, address=60_000, device=600),
    "flag": Quota(HOUR, person=30, address=600, device=30),
    "export": Quota(DAY, person=5, address=500, device=10),
    # mail programs press «unsubscribe» for their owners from a few addresses; readers at a door send in bursts
    "machine": Quota(HOUR, device=20_000),
}

#: Endpoint (or a pattern of endpoints) → quotas. The first that fits holds.
ENDPOINTS: dict[str, tuple[str, ...]] = {
    "security.login": ("write", "sign_in_failure"),
    "security.change_password": ("write", "sign_in_failure"),
    "security.register": ("write", "sign_up", "letter"),
    "security.forgot_password": ("write", "letter"),
    "security.send_confirmation": ("write", "letter"),
    "security.reset_password": ("write", "code_failure"),
    "accounts.second_step*": ("write", "code_failure"),
    "accounts.prove_by": ("write", "code_failure"),
    "accounts.app_on": ("write", "code_failure"),
    "accounts.passkey_sign_in": ("write", "sign_in_failure"),
    "accounts.link_use": ("write", "code_failure"),
    "accounts.link_ask": ("write", "letter"),
    "accounts.prove_link": ("write", "letter"),
    "filing.send": ("report", "letter"),
    "filing.support": ("support", "letter"),
    "filing.photos": ("draft",),
    "filing.remove_photos": ("draft",),
    "filing.place": ("draft",),
    "filing.matter": ("draft",),
    "filing.confirm*": ("write", "code_failure"),
    "tracking.join": ("support", "letter"),
    "tracking.unfollow_by_letter": ("machine",),
    "following.end_by_letter": ("machine",),
    "following.begin": ("follow", "letter"), "following.begin_everywhere": ("follow", "letter"),
    "events.register": ("registration", "letter"),
    "events.door_readings": ("machine",),
    "privacy.ask": ("write", "letter"),
    "privacy.export": ("export",),
    "promises.join": ("follow", "letter"),
    "promises.unfollow_by_letter": ("machine",),
    "room.ask": ("question",),
    "question_link.page": ("write", "letter"),
    "room.vote": ("vote",),
    "room.ballot": ("vote",),
    "moderation.flag": ("flag",), "moderation.appeal*": ("flag",),
    "presenter.slides": ("slides",),
}


def quotas_of(endpoint: str) -> tuple[str, ...]:
    """Names of the quotas that an endpoint falls under."""
    return next((names for pattern, names in ENDPOINTS.items() if fnmatchcase(endpoint, pattern)), ("write",))
