"""Passkeys by the WebAuthn standard: adding, naming, removing, and reading what a browser answers.

Every passkey must have asked its owner for a finger, a face or a PIN when it signs somebody in alone: so it is both factors at once.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from civic.accounts.models import User, WebAuthn
from civic.accounts.tokens import read, sign, use_once
from civic.accounts.two_factor import forget_recovery
from civic.core.errors import InputRefused
from civic.core.json_input import read_json
from civic.core.text import clean

MOST = 10
MAX_NAME = 40
TERM = timedelta(minutes=10)
#: What the library says of an answer that is none: its own errors, and those that it lets through.
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True)
class Place:
    """The site as passkeys know it: they answer to its name only. secret_key signs the challenges."""

    public_url: str
    secret_key: str

    @property
    def rp_id(self) -> str:
        return urlsplit(self.public_url).hostname or ""


@dataclass(frozen=True)
class Challenge:
    """What a page carries: options for the browser as JSON, and a signed word that comes back with its answer."""

    options: str
    token: str


def to_add(session: Session, place: Place, user: User) -> Challenge:
    """Ask the browser for a new passkey."""
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_registration_options(
        rp_id=place.rp_id, rp_name="Civic", user_name=user.email, user_display_name=user.name or user.email, challenge=challenge,
        user_id=(user.fs_webauthn_user_handle or "").encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED),
        exclude_credentials=_descriptors(of(session, user)))
    return Challenge(webauthn.options_to_json(options), _signed(place, challenge, "add", user.id))


def to_show(session: Session, place: Place, user: User | None = None) -> Challenge:
    """Ask the browser for a passkey: any of this site (signing in), or one of ``user``."""
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_authentication_options(
        rp_id=place.rp_id, challenge=challenge, allow_credentials=_descriptors(of(session, user)) if user else None,
        user_verification=UserVerificationRequirement.REQUIRED)
    return Challenge(webauthn.options_to_json(options), _signed(place, challenge, "show", user.id if user else 0))


def add(session: Session, place: Place, user: User, now: datetime, *, name: str, token: str, answer: str) -> WebAuthn:
    """Keep a new passkey. Raises ``passkey_failed``, ``passkey_name_missing``, ``passkey_name_taken``, ``too_many_passkeys``."""
    name = checked_name(session, user, name)
    if len(of(session, user)) >= MOST:
        raise InputRefused("name", "too_many_passkeys", limit=MOST)
    challenge = _challenge(session, place, token, "add", user.id, now)
    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=place.rp_id, expected_origin=place.public_url,
            require_user_verification=True)
    except UNREADABLE as error:
        raise InputRefused("name", "passkey_failed") from error
    if session.scalar(select(WebAuthn.id).where(WebAuthn.credential_id == made.credential_id)) is not None:
        raise InputRefused("name", "passkey_failed")
    moment = now.replace(tzinfo=None)
    passkey = WebAuthn(user_id=user.id, name=name, credential_id=made.credential_id, public_key=made.credential_public_key,
                       sign_count=made.sign_count, backup_state=made.credential_backed_up, device_type=made.credential_device_type.value,
                       usage="first", lastuse_datetime=moment, create_datetime=moment)
    session.add(passkey)
    session.flush()
    return passkey


def show(session: Session, place: Place, now: datetime, *, token: str, answer: str, user: User | None = None) -> User:
    """Whose passkey it was; of ``user`` when given. Raises ``passkey_failed``, the same whatever was wrong."""
    failed = InputRefused("seen", "passkey_failed")
    challenge = _challenge(session, place, token, "show", user.id if user else 0, now)
    passkey = _of_answer(session, answer)
    if passkey is None or (user is not None and passkey.user_id != user.id):
        raise failed
    try:
        seen = webauthn.verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=place.rp_id, expected_origin=place.public_url,
            credential_public_key=passkey.public_key, credential_current_sign_count=passkey.sign_count or 0, require_user_verification=True)
    except UNREADABLE as error:
        raise failed from error
    owner = session.get_one(User, passkey.user_id)
    if not owner.active or owner.confirmed_at is None:
        raise failed
    passkey.sign_count, passkey.lastuse_datetime = seen.new_sign_count, now.replace(tzinfo=None)
    session.flush()
    return owner


def of(session: Session, user: User) -> Sequence[WebAuthn]:
    """Somebody's passkeys, the oldest first."""
    return session.scalars(select(WebAuthn).where(WebAuthn.user_id == user.id).order_by(WebAuthn.id)).all()


def one_of(session: Session, user: User, passkey_id: int) -> WebAuthn | None:
    """One of somebody's own."""
    return session.scalar(select(WebAuthn).where(WebAuthn.user_id == user.id, WebAuthn.id == passkey_id))


def rename(session: Session, user: User, passkey: WebAuthn, name: str) -> None:
    """Another name. Raises what ``checked_name`` raises."""
    passkey.name = checked_name(session, user, name, passkey.id)
    session.flush()


def remove(session: Session, user: User, passkey: WebAuthn) -> None:
    """It opens the account no more."""
    session.delete(passkey)
    session.flush()
    forget_recovery(session, user)


def checked_name(session: Session, user: User, name: str, present: int = 0) -> str:
    """A name for a passkey that its owner knows it by. Raises ``passkey_name_missing``, ``name_too_long``, ``passkey_name_taken``."""
    name = " ".join(clean(name).split())
    if not name:
        raise InputRefused("name", "passkey_name_missing")
    if len(name) > MAX_NAME:
        raise InputRefused("name", "name_too_long", limit=MAX_NAME)
    if any(p.name.lower() == name.lower() and p.id != present for p in of(session, user)):
        raise InputRefused("name", "passkey_name_taken")
    return name


def _of_answer(session: Session, answer: str) -> WebAuthn | None:
    try:
        content: Any = read_json(answer)
        credential_id = base64url_to_bytes(content["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return session.scalar(select(WebAuthn).where(WebAuthn.credential_id == credential_id))


def _descriptors(passkeys: Sequence[WebAuthn]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=p.credential_id) for p in passkeys]


def _signed(place: Place, challenge: bytes, step: str, user_id: int) -> str:
    return sign(place.secret_key, "passkey", [bytes_to_base64url(challenge), step, user_id])


def _challenge(session: Session, place: Place, token: str, step: str, user_id: int, now: datetime) -> bytes:
    """The challenge of a page that we made for this step and person; each is good once."""
    content = read(place.secret_key, "passkey", token, TERM)
    if content is None or content[1:] != [step, user_id] or not use_once(session, token, now):
        raise InputRefused("seen", "passkey_failed")
    return base64url_to_bytes(str(content[0]))
