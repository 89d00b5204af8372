"""Every address and every form, as everybody: what it is given exists, is nearly right, or is nonsense."""

import io
from typing import Any

from hypothesis import given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from werkzeug.routing import Rule

from tests.fuzz.judge import Judge
from tests.fuzz.known import fitting
from tests.fuzz.words import HEADERS, LONG, QUIET, picks, values
from tests.fuzz.world import ROLES, World
from tests.support.client import find_form, form_values
from tests.support.walk import choices
from tests.test_media import made

#: Who comes to an address half of the times, by how it begins; everybody comes the other times.
USUAL = {"organise": "organiser", "desk": "official", "admin": "administrator", "moderation": "moderator", "account": "resident", "flag": "resident", "mine": "resident", "following": "resident"}


class Addresses:
    """Addresses of every rule."""

    def __init__(self, world: World) -> None:
        self.world, self.adapter = world, world.app.url_map.bind("localhost")
        self.rules = [(rule, method) for rule in world.app.url_map.iter_rules() for method in sorted(set(rule.methods or ()) & {"GET", "POST"})]
        self.fits = {id(rule): fitting(rule, world.kits) for rule, _ in self.rules}

    def draw(self, rule: Rule, data: Any) -> str | None:
        """One, with parts that belong together; some of them changed. None: not something that such an address can hold."""
        known = data.draw(st.sampled_from(self.fits[id(rule)]))
        parts: dict[str, Any] = {}
        for name in sorted(rule.arguments - set(rule.defaults or ())):
            few = choices(rule, name)
            usual = known.get(name) or (data.draw(st.sampled_from(few)) if few else "1")
            parts[name] = usual if data.draw(st.integers(0, 7)) else data.draw(st.sampled_from(few) if few else values(self.world.known))
        try:
            return self.adapter.build(rule.endpoint, parts | dict(rule.defaults or {}))
        except Exception:  # noqa: BLE001 - whatever the converters say of nonsense
            return None


def _comes(rule: Rule, data: Any) -> str:
    usual = USUAL.get(next((word for word in rule.rule.split("/") if word and "<" not in word), ""))
    return usual if usual and data.draw(st.booleans()) else data.draw(st.sampled_from(ROLES))


def pages(world: World, judge: Judge, cases: int, seed: int) -> None:
    """Run them."""
    failures, addresses, every = world.failures, Addresses(world), world.known

    @with_seed(seed)
    @settings(QUIET, max_examples=cases)
    @given(st.data())
    def one(data: Any) -> None:
        rule, method = data.draw(st.sampled_from(addresses.rules))
        path, who = addresses.draw(rule, data), _comes(rule, data)
        if path is None:
            return
        client, query = world.browser(who), data.draw(picks(every)) if data.draw(st.booleans()) else {}
        headers = data.draw(st.dictionaries(st.sampled_from(list(HEADERS)), st.sampled_from([*HEADERS.values(), "", "x", "é", "a" * 9000]), max_size=2)) if not data.draw(st.integers(0, 3)) else {}
        sent = _form(client, path, data, every) if method == "POST" else None

        def act() -> str | None:
            failures.told.clear()  # what drawing the form has told is told of its own address
            try:
                answer = client.open(path, method=method, query_string=query, data=sent, headers=headers, buffered=True)
            except AssertionError as error:  # the browser of the tests looks at every page
                if "invalid-codepoint" in str(error):  # letters that are none, given back to who sent them
                    return None
                return f"a page that is none: {str(error)[:300]}"
            judge.met[f"{method} {rule.rule}"].add(answer.status_code // 100)
            return failures.wrong(answer.status_code, may_be_busy="card" in path)

        judge.try_out(f"{method} {rule.rule} as {who}: {path} {query} {headers} {sent}"[:1500], act, lambda: world.spent)
        if judge.done % 100 == 0:
            world.again()

    for rule, method in addresses.rules:
        judge.met[f"{method} {rule.rule}"]
    one()


def _form(client: Any, path: str, data: Any, every: list[str]) -> dict[str, Any]:
    """What one of the page's own forms would send, with some of it changed; nonsense alone where there is no such page."""
    fields: dict[str, Any] = {}
    which, answering = data.draw(st.integers(0, 3)), data.draw(st.booleans())
    try:
        page = client.get(path, buffered=True)
        if page.status_code == 200 and page.mimetype == "text/html" and "<form" in page.text.partition("<main")[2]:
            fields = form_values(find_form(page.text, which))
    except IndexError:
        fields = form_values(find_form(page.text, 0))
    except (AssertionError, StopIteration):
        pass
    names = sorted(set(fields) - {"csrf_token", "once"}) or ["text", "name", "email", "step", "version"]
    if answering:  # what people would type, so that the case gets past the form
        fields |= {name: _typed(name) for name in names if not fields.get(name)}
    # places and not names: what is drawn must not depend on the page, which another case may have changed
    changed = data.draw(st.lists(st.tuples(st.integers(0, 99), st.one_of(values(every), st.lists(values(every), max_size=3))), max_size=4))
    sent = {**fields, **{names[place % len(names)]: value for place, value in changed}}
    if data.draw(st.integers(0, 59)) == 0:
        place, long = data.draw(st.integers(0, 99)), data.draw(st.sampled_from(LONG))
        sent["text" if "text" in sent else names[place % len(names)]] = long
    if data.draw(st.integers(0, 5)) == 0:
        upload = (io.BytesIO(data.draw(st.sampled_from([b"", b"x", made(size=(8, 8))]))), data.draw(values(every))[:100] or "x")
        sent[data.draw(st.sampled_from(["photos", "photo", "picture", "file", "pdf"]))] = upload
    return sent


def _typed(name: str) -> str:
    """Something believable for an empty field of this name."""
    kinds = {"email": "someone@example.org", "_on": "2026-05-20", "until": "2026-05-20", "date": "2026-05-20", "day": "2026-05-20", "time": "18:30", "url": "https://example.kz/", "phone": "112", "password": "a long enough password"}
    return next((value for part, value in kinds.items() if part in name), "Себебі осындай, құжаттар қаралды.")
