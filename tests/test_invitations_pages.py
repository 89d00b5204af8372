"""Invitations as people meet them: the letter, its link, the desk, the organiser's page, what the public sees."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import segno
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.events import service as events
from civic.invitations import service
from civic.invitations.models import HeldAnswer, Invitation, InvitationEvent
from civic.invitations.pdf import letter_words, qr_svg
from civic.invitations.states import State
from civic.jobs.models import Outbox
from tests.support.client import Browser
from tests.support.invitations import STARTS, Host
from tests.support.letters import Mails, links_of, words_of

REASON = "Жылыту маусымы, басшылық нысандарда; жазбаша жауап береміз"
LANGUAGES = ("kk", "ru", "en")


@pytest.fixture
def host(session: Session, city: Any, people: Any, now: Any) -> Host:
    return Host(session, city, people)


@pytest.fixture
def organiser(new_client: Callable[[], Browser], people: Any, host: Host) -> Browser:
    return people.sign_in(new_client(), host.user)  # type: ignore[no-any-return]


def pdf_of(letter: EmailMessage) -> PdfReader:
    files = [p for p in letter.iter_attachments()]
    assert [(p.get_content_type(), p.get_filename()[-4:]) for p in files] == [("application/pdf", ".pdf")]
    return PdfReader(io.BytesIO(files[0].get_content()))


def link(letter: EmailMessage, lang: str = "kk") -> str:
    return next(x for x in links_of(letter) if x.startswith(f"/{lang}/invitations/"))


def state(session: Session, invitation: Invitation) -> str:
    session.expire_all()
    return session.get_one(Invitation, invitation.id).state


# --- the letter ------------------------------------------------------------------------------------------------------

def test_the_letter_goes_to_the_named_official_in_two_languages_with_the_pdf(host: Host, mails: Mails) -> None:
    i = host.invite(host.event(), name="Серік Ахметұлы", words="Күл шығаратын үйінді туралы")

    letter = mails.to("named@example.test")[0]

    assert i.number in letter["Subject"]
    assert "Воздух зимой" in letter["Subject"] and "Қыстағы ауа" in letter["Subject"]
    assert [x[:15] for x in links_of(letter) if "/invitations/" in x] == ["/kk/invitations", "/ru/invitations"]
    pages = [p.extract_text() for p in pdf_of(letter).pages]
    assert len(pages) == 2
    for page, words in zip(pages, (("Қыстағы ауа: кім не уәде етті", "2026 жылғы 24 сәуір", "18:30–20:30"), ("Воздух зимой: кто и что обещал", "24 апреля 2026 года", "18:30–20:30")), strict=True):
        flat = " ".join(page.split())
        for wanted in (i.number, "Серік Ахметұлы", "Басқарма басшысы", "Күл шығаратын үйінді туралы", "Ұлттық кітапхана", f"http://localhost/kk/invitations/{i.number}", *words):
            assert wanted in flat, f"{wanted!r} is not in {flat!r}"


def test_every_kazakh_letter_is_drawn_and_what_people_type_is_no_code(host: Host, mails: Mails) -> None:
    letters = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
    host.invite(host.event(), name="Серік Ахметұлы", words=f"{letters} #strong[x] $x$ *y* \\ <a> №")
    text = " ".join(pdf_of(mails.to("named@example.test")[0]).pages[0].extract_text().split())
    assert letters in text and "#strong[x] $x$ *y*" in text


def test_the_qr_leads_to_the_public_page_and_holds_no_right(host: Host, app: Any) -> None:
    i = host.invite(host.event(), name="Серік Ахметұлы")
    address = f"http://localhost/kk/invitations/{i.number}"
    with app.test_request_context():
        words = letter_words(i, address)
    assert words["qr"] == qr_svg(address) and words["address"] == address
    out = io.BytesIO()
    segno.make(address, micro=False, error="m").save(out, kind="svg", border=1, xmldecl=False)
    assert out.getvalue().decode() == words["qr"]


def test_without_a_name_the_letter_goes_to_the_officials_of_the_body_even_if_their_mail_is_gathered(host: Host, people: Any, mails: Mails, session: Session) -> None:
    road = host.body()
    people.official(road, head=True, email="head@example.test")
    daily = people.official(road, email="official@example.test")
    daily.contact.delivery = "daily"
    people.official(host.body("akimat"), email="stranger@example.test")
    host.invite(host.event())
    assert sorted(m["To"] for m in mails()) == ["head@example.test", "official@example.test"]


# --- the link --------------------------------------------------------------------------------------------------------

def test_the_whole_way_by_link(host: Host, new_client: Any, mails: Mails, session: Session) -> None:
    event = host.event()
    i = host.invite(event, name="Серік Ахметұлы")
    mine, where = new_client(), link(mails.to("named@example.test")[0])

    page = mine.get(where)
    assert "Серік Ахметұлы" in page.text and page.headers["Cache-Control"] == "no-store"
    assert state(session, i) == "sent"  # opening it changes nothing

    assert mine.submit(mine.get(f"{where}/decline"), text="").status_code == 422
    kept = mine.submit(mine.get(f"{where}/decline"), text="ә" * 2001)
    assert kept.status_code == 422 and "ә" * 2001 in kept.text
    assert mine.submit(mine.get(f"{where}/decline"), text=REASON).status_code == 303
    assert state(session, i) == "declined"
    told = {m["To"]: m for m in mails()}
    assert set(told) == {"named@example.test", "organiser@example.test"}
    assert REASON in words_of(told["organiser@example.test"]) and REASON in words_of(told["named@example.test"])

    public = new_client().get(f"/ru/shymkent/events/{event.code}")
    assert REASON in public.text and public.status_code == 200
    assert mine.submit(mine.get(f"{where}/accept")).status_code == 303  # the same browser may change it
    assert state(session, i) == "accepted"


def test_a_forwarded_link_asks_the_address_first(host: Host, new_client: Any, mails: Mails, session: Session) -> None:
    i = host.invite(host.event(), name="Серік Ахметұлы")
    where = link(mails.to("named@example.test")[0])
    mine, stranger, phone = new_client(), new_client(), new_client()
    mine.submit(mine.get(f"{where}/accept"))
    mails()

    answer = stranger.submit(stranger.get(f"{where}/decline"), follow=True, text="Бөтеннің сөзі")

    assert state(session, i) == "accepted" and answer.status_code == 200
    assert "Бөтеннің сөзі" not in new_client().get(f"/kk/invitations/{i.number}").text
    letter = mails()
    assert [m["To"] for m in letter] == ["named@example.test"] and "Бөтеннің сөзі" in words_of(letter[0])
    button = link(letter[0])
    assert phone.get(button).status_code == 200 and state(session, i) == "accepted"
    assert phone.submit(phone.get(button)).status_code == 303
    assert state(session, i) == "declined"
    assert phone.get(button).status_code == 410  # pressed twice
    assert [s.kind for s in session.scalars(select(InvitationEvent).order_by(InvitationEvent.id))] == ["invite", "accept", "decline"]


def test_a_link_that_got_around_floods_nobody(host: Host, new_client: Any, mails: Mails, session: Session) -> None:
    host.invite(host.event(), name="Серік Ахметұлы")
    where = link(mails.to("named@example.test")[0])
    mine = new_client()
    mine.submit(mine.get(f"{where}/accept"))
    answers = []
    for _ in range(7):
        stranger = new_client()
        answers.append(stranger.submit(stranger.get(f"{where}/decline"), text="Бөтен").status_code)
    assert answers == [303] * 5 + [422] * 2
    assert len(session.scalars(select(HeldAnswer)).all()) == 5


@pytest.mark.parametrize("wrong", ["x", "W10.abc.def"])
def test_a_wrong_link(client: Browser, now: Any, wrong: str) -> None:
    for path in (f"/kk/invitations/link/{wrong}", f"/kk/invitations/link/{wrong}/accept", f"/kk/invitations/confirm/{wrong}", f"/kk/invitations/link/{wrong}/letter.pdf"):
        assert client.get(path).status_code == 410


def test_after_the_withdrawal_and_after_the_beginning(host: Host, client: Browser, mails: Mails, session: Session, clock: Any, now: Any) -> None:
    event = host.event()
    i, other = host.invite(event, name="Серік Ахметұлы"), host.invite(event, host.body("akimat"), name="Айдос Ерланұлы", email="second@example.test")
    places = {m["To"]: link(m) for m in mails() if "@example.test" in m["To"]}
    first, second = places["named@example.test"], places["second@example.test"]
    form, other_form = client.get(f"{first}/accept"), client.get(f"{second}/accept")
    service.withdraw(session, i, host.actor, now, text="Тақырып өзгерді")
    refused = client.submit(form)
    assert refused.status_code == 409
    assert "Тақырып өзгерді" in client.get(first).text
    clock.move_to(STARTS)
    assert client.submit(other_form).status_code == 409
    assert client.get(f"{second}/accept").status_code == 303  # no form for what is not possible any more
    assert state(session, other) == "sent"


def test_a_form_sent_twice_answers_once(host: Host, client: Browser, mails: Mails, session: Session) -> None:
    host.invite(host.event(), name="Серік Ахметұлы")
    form = client.get(link(mails.to("named@example.test")[0]) + "/accept")
    assert [client.submit(form).status_code, client.submit(form).status_code] == [303, 303]
    assert len(session.scalars(select(InvitationEvent).where(InvitationEvent.kind == "accept")).all()) == 1


def test_a_delegate_by_link_confirms_and_a_refusal_opens_it_again(host: Host, new_client: Any, mails: Mails, session: Session) -> None:
    i = host.invite(host.event(), name="Серік Ахметұлы")
    where = link(mails.to("named@example.test")[0])
    mine, delegate = new_client(), new_client()
    typed = {"name": "Дәулет Сейітұлы", "post": "Бөлім басшысы", "email": "delegate@example.org"}
    assert mine.submit(mine.get(f"{where}/delegate"), **typed | {"email": "not an address"}).status_code == 422
    assert mine.submit(mine.get(f"{where}/delegate"), **typed).status_code == 303
    letter = mails.to("delegate@example.org")[0]
    assert len(pdf_of(letter).pages) == 2
    theirs = link(letter)
    page = delegate.get(theirs)
    assert "Дәулет Сейітұлы" in page.text
    assert delegate.get(f"{theirs}/accept").status_code == 303  # the answer of the invited is not the delegate's
    assert delegate.submit(delegate.get(f"{theirs}/delegate_confirm")).status_code == 303
    assert state(session, i) == "delegated"
    public = new_client().get(f"/kk/invitations/{i.number}").text
    assert "Бөлім басшысы" in public and "Дәулет Сейітұлы" not in public
    mails()

    assert delegate.submit(delegate.get(f"{theirs}/delegate_refuse"), text="Іссапар").status_code == 303

    assert state(session, i) == "sent"
    assert {m["To"] for m in mails()} == {"named@example.test", "organiser@example.test"}
    assert delegate.get(theirs).status_code == 410


# --- the desk --------------------------------------------------------------------------------------------------------

def test_the_desk_answers_and_the_head_sends_a_colleague(host: Host, new_client: Any, people: Any, mails: Mails, session: Session) -> None:
    road = host.body()
    head, colleague = people.official(road, head=True, name="Басшы"), people.official(road, name="Айдос Ерланұлы")
    i = host.invite(host.event())
    at_head, at_colleague = people.sign_in(new_client(), head), people.sign_in(new_client(), colleague)
    for lang in LANGUAGES:
        page = at_head.get(f"/{lang}/desk/invitations/")
        assert f"/{lang}/desk/invitations/{i.number}" in page.text
    assert at_colleague.submit(at_colleague.get(f"/kk/desk/invitations/{i.number}/accept"), text="Келеміз").status_code == 303
    assert state(session, i) == "accepted"

    form = at_head.get(f"/kk/desk/invitations/{i.number}/delegate")
    assert at_head.submit(form, post="Маман", colleague="999999").status_code == 422
    assert at_head.submit(form, post="Маман", colleague=str(colleague.id), once=None).status_code == 303
    assert state(session, i) == "delegate_named"
    assert at_colleague.submit(at_colleague.get(f"/kk/desk/invitations/{i.number}/delegate_confirm")).status_code == 303
    assert state(session, i) == "delegated"


def test_others_do_not_know_of_it(host: Host, new_client: Any, people: Any) -> None:
    i = host.invite(host.event(), email="office@example.test")
    stranger = people.sign_in(new_client(), people.official(host.body("akimat"), head=True))
    assert stranger.get("/kk/desk/invitations/").status_code == 200
    for path in (f"/kk/desk/invitations/{i.number}", f"/kk/desk/invitations/{i.number}/accept", f"/kk/organise/events/{i.event.code}/invitations"):
        assert stranger.get(path).status_code == 404
    assert new_client().get("/kk/desk/invitations/").status_code == 303


def test_the_pages_cost_the_same_for_one_and_for_many(host: Host, organiser: Browser, new_client: Any, people: Any, app: Any) -> None:
    from sqlalchemy import event as listen

    from civic.extensions import db

    made = host.event()
    head = people.sign_in(new_client(), people.official(host.body(), head=True))
    with app.app_context():
        engine = db.engine
    counts: dict[str, list[int]] = {}
    for wave in range(2):
        for n in range(1 if wave == 0 else 4):
            host.invite(made, name="Серік Ахметұлы", email=f"n{wave}{n}@example.test")
        for who, path in ((organiser, f"/kk/organise/events/{made.code}/invitations"), (head, "/kk/desk/invitations/"), (new_client(), f"/kk/shymkent/events/{made.code}")):
            asked: list[str] = []
            listener = lambda *args: asked.append(args[2])  # noqa: B023
            listen.listen(engine, "before_cursor_execute", listener)
            who.get(path)
            listen.remove(engine, "before_cursor_execute", listener)
            counts.setdefault(path, []).append(len(asked))
    assert all(first == second for first, second in counts.values()), counts


# --- the organiser ---------------------------------------------------------------------------------------------------

def test_the_organiser_invites_withdraws_and_records(host: Host, organiser: Browser, mails: Mails, session: Session, clock: Any) -> None:
    event = host.event(format="debate", announced=False)
    base = f"/kk/organise/events/{event.code}/invitations"
    assert f'href="/kk/organise/events/{event.code}"' in organiser.get(base).text  # the way back to where it is announced
    assert "Шақыру" in organiser.get(base).text or organiser.get(base).status_code == 200
    form = organiser.get(f"{base}/invite")
    kept = organiser.submit(form, body_id=str(host.body().id), post="Басшы", words="Күл туралы")
    assert kept.status_code == 422 and "Күл туралы" in kept.text
    assert organiser.submit(kept, body_id=str(host.body().id), post="Басшы", name="Серік Ахметұлы", email="named@example.org").status_code == 303
    i = session.scalars(select(Invitation)).one()
    assert [m["To"] for m in mails()] == ["named@example.org"]
    assert organiser.submit(organiser.get(f"{base}/{i.number}/withdraw"), text="").status_code == 422
    session.expire_all()
    events.announce(session, session.get_one(type(event), event.id), host.actor, clock_now())
    session.commit()
    clock.move_to(STARTS + timedelta(minutes=10))
    page = organiser.get(base)
    stale = organiser.get(base)
    assert organiser.submit(page, "record_absent").status_code == 303
    assert state(session, i) == "absent"
    assert organiser.submit(stale, "record_present").status_code == 409  # the other organiser was faster
    letter = mails.to("named@example.org")[0]
    contest = organiser.application.test_client()
    where = link(letter)
    assert contest.submit(contest.get(f"{where}/contest"), text="Мен залда болдым").status_code == 303
    assert "Мен залда болдым" in organiser.get(f"/kk/invitations/{i.number}").text


def clock_now() -> Any:
    from civic.core.clock import utc_now

    return utc_now()


def test_a_strike_request_is_shown_in_public(host: Host, organiser: Browser, client: Browser) -> None:
    event = host.event()
    form = organiser.get(f"/kk/organise/events/{event.code}/invitations/strike")
    assert organiser.submit(form, whom="", requested_by="Әкім аппараты", text="Алып тастаңыз").status_code == 422
    assert organiser.submit(form, whom="Спикер", requested_by="Әкім аппараты", text="Алып тастаңыз", requested_on="31.02.2026").status_code == 422
    assert organiser.submit(form, whom="Спикер", requested_by="Әкім аппараты", text="Алып тастаңыз", requested_on="2026-04-20").status_code == 303
    for lang in LANGUAGES:
        page = client.get(f"/{lang}/shymkent/events/{event.code}").text
        assert "Әкім аппараты" in page and "Алып тастаңыз" in page


def test_a_moved_event_sends_new_letters_and_a_cancelled_one_tells(host: Host, mails: Mails, session: Session, now: Any, app: Any) -> None:
    event = host.event()
    i = host.invite(event, name="Серік Ахметұлы")
    mails()
    to = STARTS + timedelta(days=7)
    events.move(session, event, host.actor, now, starts_at=to, ends_at=to + timedelta(hours=1), text="Зал бос емес")
    session.commit()
    app.extensions["civic_queue"].minute()
    letter = mails.to("named@example.test")[0]
    assert "21 мая 2026 года" in pdf_of(letter).pages[1].extract_text()
    assert state(session, i) == "sent"
    events.cancel(session, session.merge(event), host.actor, now, text="Зал жабық")
    session.commit()
    for _ in range(2):
        app.extensions["civic_queue"].minute()
    told = [m for m in mails() if m["To"] == "named@example.test"]
    assert len(told) == 1


# --- what the public sees --------------------------------------------------------------------------------------------

def test_the_public_page_says_no_more_than_it_may(host: Host, client: Browser, session: Session) -> None:
    draft = host.invite(host.event(announced=False), name="Серік Ахметұлы")
    for lang in LANGUAGES:
        page = client.get(f"/{lang}/invitations/{draft.number}")
        assert page.status_code == 200 and draft.number in page.text and "Серік Ахметұлы" not in page.text
    assert client.get(f"/kk/invitations/{draft.number}/letter.pdf").status_code == 404
    shown = host.invite(host.event(), name="Серік Ахметұлы")
    page = client.get(f"/kk/invitations/{shown.number}")
    assert "Серік Ахметұлы" in page.text and "named@example.test" not in page.text
    assert client.get(f"/kk/invitations/{shown.number}", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    letter = client.get(f"/kk/invitations/{shown.number}/letter.pdf")
    assert letter.mimetype == "application/pdf" and letter.data[:5] == b"%PDF-"
    for nonsense in ("SHY-0000-000", "x", "%00", "1"):
        assert client.get(f"/kk/invitations/{nonsense}").status_code == 404


def test_the_event_page_in_three_languages(host: Host, client: Browser, session: Session, people: Any, now: Any, clock: Any) -> None:
    event = host.event()
    for n, step in enumerate(("accept", "delegate", "decline", None)):
        i = host.invite(event, name="Серік Ахметұлы", email=f"n{n}@example.test", post=f"Басшы {n}")
        actor = people.actor(session.get_one(type(host.user.contact), i.contact_id))
        if step:
            service.ANSWER_STEPS[step](session, i, actor, now, service.Said(REASON, name="Дәулет", post="Бөлім басшысы", email="d@example.test"))
    session.commit()
    clock.move_to(now + timedelta(days=12))
    pages = {lang: client.get(f"/{lang}/shymkent/events/{event.code}").text for lang in LANGUAGES}
    for page in pages.values():
        for kind in ("check", "half", "ring", "dashed"):
            assert "sprite.svg?v=" in page and f"#{kind}" in page
        assert REASON in page and "n0@example.test" not in page
    assert "No reply for 12 days" in pages["en"]


def test_outbox_keeps_no_words(host: Host, mails: Mails, session: Session) -> None:
    host.invite(host.event(), name="Серік Ахметұлы")
    mails()
    assert [p for p in session.scalars(select(Outbox.payload)) if p] == []


def test_dates_that_are_none(host: Host, client: Browser, mails: Mails, session: Session) -> None:
    i = host.invite(host.event(), name="Серік Ахметұлы")
    where = link(mails.to("named@example.test")[0])
    form = client.get(f"{where}/ask_date")
    assert client.submit(form, text="Іссапар", wished="ертең").status_code == 422
    assert client.submit(form, text="Іссапар", wished="2026-04-01").status_code == 422
    assert client.submit(form, text="Іссапар", wished="2026-05-21").status_code == 303
    assert state(session, i) == State.DATE_ASKED
    assert session.scalars(select(InvitationEvent.facts).where(InvitationEvent.kind == "ask_date")).one() == {"wished": date(2026, 5, 21).isoformat()}
