"""What comes in as data: tables and words of the command line, JSON of programs that speak with us, signed answers of browsers.

Each goes the way that it really takes: a command, or a request with a good token, so that what is broken is met behind the door.
"""

import base64
import json
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

import cbor2
from hypothesis import given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from sqlalchemy import select

from civic.accounts import passkeys
from civic.accounts.models import WebAuthn
from civic.accounts.passkeys import Place
from civic.bodies.service import DATA, DIRECTIONS
from civic.complaints.filing_views import signer
from civic.core.clock import utc_now
from civic.events.models import Event, Registration
from civic.limits import proof
from civic.web.limits import TRAP
from tests.fuzz.judge import Judge
from tests.fuzz.words import HOSTILE, QUIET, damage, damaged, values
from tests.fuzz.world import World

COLUMNS = ("code", "parent", "name_kk", "name_ru", "name_en", "direction", "body_code", "body_kk", "body_ru", "body_en", "emergency_phone", "danger", "wants_after_photo", "duplicate_radius_m", "appeal_kind")
DEEP = ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000]


def anything(known: list[str]) -> st.SearchStrategy[Any]:
    """Any JSON, with values that are known among it."""
    leaf = st.one_of(st.none(), st.booleans(), st.integers(-2**70, 2**70), st.floats(), values(known))
    return st.recursive(leaf, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["id", "rawId", "response", "type", "number", "key", "at", "token", "x"]), inner, max_size=3)), max_leaves=6)


def data(world: World, judge: Judge, cases: int, seed: int) -> None:
    """Run them."""
    kinds: list[Callable[[World, Any], tuple[str, Callable[[], str | None]]]] = [_categories, _city, _commands, _door, _passkey, _proof, _one_click]

    @with_seed(seed)
    @settings(QUIET, max_examples=cases)
    @given(st.data())
    def one(draw: Any) -> None:
        what, act = draw.draw(st.sampled_from(kinds))(world, draw)
        command = what.startswith(("categories", "command"))
        judge.try_out(what[:1500], act, time.process_time if command else lambda: world.spent)
        if judge.done % 100 == 0:
            world.again()

    one()


def _categories(world: World, data: Any) -> tuple[str, Callable[[], str | None]]:
    """``flask categories import`` with a table that is nearly right, or the shipped one, damaged."""
    if data.draw(st.booleans()):
        good = {"code": "bees", "parent": "", "name_kk": "Ара", "name_ru": "Пчёлы", "direction": DIRECTIONS[0], "body_code": "apiary", "body_kk": "Омарта", "duplicate_radius_m": "50", "appeal_kind": "notice"}
        codes = st.sampled_from(["bees", "wasps", "lighting", "water", "akimat", "district", ""])
        changed = st.dictionaries(st.sampled_from(COLUMNS), st.one_of(codes, st.sampled_from(HOSTILE), values(world.known)), max_size=3)
        rows = [{name: "" for name in COLUMNS} | good | change for change in data.draw(st.lists(changed, min_size=1, max_size=4))]
        text = "\n".join([",".join(COLUMNS), *(",".join('"' + str(r[name]).replace('"', '""') + '"' for name in COLUMNS) for r in rows)]).encode("utf-8", "replace")
    else:
        text = (DATA / "categories.csv").read_bytes()
    sent = damaged(text, data.draw(damage()) if data.draw(st.booleans()) else [])
    path, city = world.folder / "table.csv", data.draw(st.sampled_from([(), ("--city", "all"), ("--city", "shymkent"), ("--city", "nowhere")]))
    path.write_bytes(sent)
    return f"categories {city} {sent[:600]!r}", lambda: world.command("categories", "import", str(path), *city)


def _city(world: World, data: Any) -> tuple[str, Callable[[], str | None]]:
    """``flask places add-city``."""
    def word(*good: str) -> str:
        return str(data.draw(st.one_of(st.sampled_from(good), st.sampled_from(good), values(world.known)))).replace("\x00", "")

    said = ("places", "add-city", "--prefix", word("TRZ", "SHY"), "--kk", word("Тараз"), "--ru", word("Тараз"), "--en", word("Taraz"), "--lat", word("42.9", "nan"), "--lon", word("71.4", "inf"),
            "--radius", word("15", "1", "nan"), "--kato", word("311010000", ""), "--timezone", word("Asia/Almaty", "Asia"), "--", word("taraz", "shymkent"))
    return f"command {said}", lambda: world.command(*said)


def _commands(world: World, data: Any) -> tuple[str, Callable[[], str | None]]:
    """The other commands that take words."""
    word = values(world.known).map(lambda value: value.replace("\x00", ""))
    day = st.one_of(st.sampled_from(["2026-12-31", "2026-05-05", "0001-01-01", "9999-12-31", "2026-02-30"]), word)
    said = data.draw(st.one_of(
        st.tuples(st.just("places"), st.just("day-off"), st.sampled_from(["--working", "--forget", "--reason=x"]), st.just("--reason"), word, st.just("--"), day),
        st.tuples(st.just("limits"), st.just("domains"), st.sampled_from(["--allow", "--forbid"]), word, st.just("--reason"), word),
        st.tuples(st.just("limits"), st.just("decide"), st.just("--reason"), word, st.sampled_from(["--yes", "--reason=x"]), st.just("--"), st.sampled_from(["support", "question", "x"]), word, st.sampled_from(["invalid", "cleared", "restored", "x"])),
        st.tuples(st.just("accounts"), st.sampled_from(["make-administrator", "forget-second-factor"]), st.just("--"), word),
        st.tuples(st.just("programme"), st.just("copy"), st.just("--yes"), st.just("--to"), word, st.just("--"), word)))
    return f"command {said}", lambda: world.command(*said)


def _door(world: World, data: Any) -> tuple[str, Callable[[], str | None]]:
    """The list of readings that a device at the door sends once it has a network again."""
    with world.session() as session, world.app.test_request_context():
        event = session.scalars(select(Event).where(Event.code == world.live)).one()
        known = [row.number for row in session.scalars(select(Registration).where(Registration.event_id == event.id))]
        token = signer("door").dumps([event.id, world.sample.people["owner"].id])
    any_ = anything([*world.known, *known])
    at = st.one_of(st.sampled_from(["2026-04-24T09:12:00+05:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-04-24T09:12:00"]), any_)
    reading = st.fixed_dictionaries({"number": st.one_of(st.sampled_from(known), any_), "key": st.one_of(st.sampled_from(["k1", "k2"]), any_), "at": at})
    body: Any = {"token": token, "device": data.draw(st.one_of(st.just("phone"), st.just("phone"), any_)), "readings": data.draw(st.one_of(st.lists(reading, max_size=4), st.lists(st.one_of(reading, any_), max_size=3), any_))}
    kind = data.draw(st.integers(0, 9))
    sent = data.draw(st.sampled_from(DEEP)).encode() if kind == 0 else json.dumps(data.draw(any_) if kind == 1 else body).encode()
    sent = damaged(sent, data.draw(damage())) if kind == 2 else sent
    address, form = f"/kk/organise/events/{world.live}/door/readings.json", data.draw(st.sampled_from(["application/json", "application/json", "application/json; charset=utf-16", "text/plain"]))
    return f"door {sent[:500]!r}", lambda: world.after(world.browser("visitor").post(address, data=sent, content_type=form).status_code)


def _passkey(world: World, data: Any) -> tuple[str, Callable[[], str | None]]:
    """A browser's answer about a passkey, to a challenge of ours: signing in by one, and adding one."""
    place, adding = Place("http://localhost", str(world.app.config["SECRET_KEY"])), data.draw(st.booleans())
    owner = world.sample.people["applicant"]
    with world.session() as session:
        asked = passkeys.to_add(session, place, owner) if adding else passkeys.to_show(session, place)
        known = [row.credential_id for row in session.scalars(select(WebAuthn))]
    challenge = json.loads(asked.options)["challenge"]
    client = {"type": data.draw(st.sampled_from(["webauthn.create" if adding else "webauthn.get"] * 3 + ["x", ""])), "challenge": challenge, "origin": "http://localhost", "crossOrigin": False}
    response: dict[str, Any] = {"clientDataJSON": _b64(damaged(json.dumps(client).encode(), data.draw(damage()) if data.draw(st.integers(0, 3)) == 0 else []))}
    authenticator = _authenticator(data, data.draw(st.sampled_from([*known, b"new"])), adding=adding)
    if adding:
        response |= {"attestationObject": _b64(damaged(cbor2.dumps({"fmt": data.draw(st.sampled_from(["none", "packed", "tpm", "android-key", "fido-u2f", "x"])), "attStmt": data.draw(st.sampled_from([{}, {"alg": -7, "sig": b"x", "x5c": [b"x"]}, {"ver": "2.0", "alg": 99}])), "authData": authenticator}), data.draw(damage()) if data.draw(st.booleans()) else []))}
    else:
        response |= {"authenticatorData": _b64(authenticator), "signature": _b64(b"signed"), "userHandle": data.draw(st.sampled_from([None, "", _b64(b"x"), "é"]))}
    raw = data.draw(st.sampled_from([_b64(known[0]), _b64(b"new"), "é", "", 5, None]))
    whole: Any = {"id": raw, "rawId": raw, "type": "public-key", "response": response, "clientExtensionResults": {}}
    any_ = anything(world.known)
    for name in data.draw(st.lists(st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "authenticatorData", "signature"]), max_size=2)):
        (response if name in response else whole)[name] = data.draw(any_)
    sent = data.draw(st.sampled_from([json.dumps(whole)] * 8 + DEEP))
    address, fields = ("/kk/account/passkeys/add", {"name": "Кілт"}) if adding else ("/kk/account/passkey", {})
    return f"passkey {sent[:900]}", lambda: world.after(world.browser("resident" if adding else "visitor").post(address, data={**fields, "challenge": asked.token, "credential": sent}).status_code)


def _authenticator(data: Any, credential: bytes, *, adding: bool) -> bytes:
    """Authenticator data of WebAuthn: hash of the site, flags, counter; for a new passkey its id and key as COSE. Often damaged."""
    from hashlib import sha256

    key = data.draw(st.sampled_from([{1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}, {1: 3, 3: -257, -1: b"n" * 256, -2: b"\x01\x00\x01"}, {1: 1, 3: -8, -1: 6, -2: b"z" * 32}, {1: 99}, [], "x"]))
    found = sha256(b"localhost").digest() + bytes([data.draw(st.sampled_from([0x45, 0x05, 0xC5, 0xFF, 0]))]) + (1).to_bytes(4, "big")
    if adding:
        found += b"\x00" * 16 + len(credential).to_bytes(2, "big") + credential + cbor2.dumps(key)
    return damaged(found, data.draw(damage()) if data.draw(st.booleans()) else [])


def _proof(world: World, data: Any) -> tuple[str, Callable[[], str | None]]:
    """The answer to the proof of work, asked for because the trap was filled in."""
    endpoint = "security.login"
    asked: Any = json.loads(proof.challenge(str(world.app.config["SECRET_KEY"]), endpoint, utc_now()))
    solution: Any = {"counter": data.draw(st.sampled_from([0, 1, -1, 2**40, "x", None, 1.5])), "derivedKey": data.draw(st.sampled_from(["00" * 32, "", "zz", None, 5])), "time": data.draw(st.sampled_from([1, None, "x"]))}
    any_ = anything(world.known)
    for name in data.draw(st.lists(st.sampled_from(sorted(asked["parameters"])), max_size=2)):
        asked["parameters"][name] = data.draw(any_)
    whole = data.draw(st.sampled_from([{"challenge": asked, "solution": solution}] * 4 + [{"challenge": asked}, {"challenge": data.draw(any_), "solution": data.draw(any_)}, data.draw(any_)]))
    sent = data.draw(st.sampled_from([_b64(json.dumps(whole).encode())] * 4 + [base64.b64encode(json.dumps(whole).encode()).decode(), base64.b64encode(b"[" * 2900).decode(), data.draw(values(world.known))]))
    fields = {"email": "a@x.kz", "password": "x", TRAP: "x", proof.FIELD: sent}
    return f"proof {sent[:200]} {whole!r}", lambda: world.after(world.browser("visitor").post("/kk/account/sign-in", data=fields).status_code)


def _one_click(world: World, data: Any) -> tuple[str, Callable[[], str | None]]:
    """What mail programs send when somebody wants no more letters, and bodies that are no form, to addresses that ask for no form's token."""
    kit = data.draw(st.sampled_from([kit for kit in world.kits if "/unfollow:token" in kit]))
    address = "/kk/unfollow/" + urllib.parse.quote(data.draw(st.sampled_from([kit["/unfollow:token"]] * 3 + [kit["/unfollow:token"][:-1], "é", "."])))
    sent = damaged(b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--', data.draw(damage()))
    form = data.draw(st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded", "application/json", ""]))
    return f"one click {address} {form} {sent[:300]!r}", lambda: world.after(world.browser("visitor").post(address, data=sent, content_type=form).status_code)


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
