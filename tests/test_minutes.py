"""Minutes: written by two at once, every version kept, recording and materials, as a document; who may read and write."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Link
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.core.errors import InputRefused
from civic.events import service as events
from civic.events.models import Event
from civic.events.service import RecommendationInput
from civic.events.states import Right
from civic.media.pdf import publishable
from civic.minutes import materials, queries, service
from civic.minutes.differences import compare
from civic.minutes.materials import file_of
from civic.minutes.models import MinutesMaterial, MinutesVersion
from civic.minutes.recording import at_second, chapter_lines, read_chapters
from civic.minutes.service import MinutesInput
from civic.moderation import service as moderation
from civic.moderation import subjects
from civic.moderation.codex import Reason
from civic.places.models import City
from civic.questions import asking, rooms
from civic.questions.asking import Asked
from civic.questions.rooms import Who
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.people import People
from tests.support.pictures import picture
from tests.support.statements import statements
from tests.support.together import together
from tests.test_stage import locked, pdf, work

VIDEO = "https://www.youtube.com/watch?v=abc123DEF_0"


@pytest.fixture
def over(held: Held, session: Session, now: datetime) -> Event:
    """A discussion that is over."""
    event = held()
    events.start(session, event, held.actor, now)
    events.finish(session, event, held.actor, now)
    return event


def test_the_limit_of_materials_holds_however_many_are_added_at_once(session: Session, held: Held, over: Event, now: datetime,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materials, "MOST", 2)
    event_id, actor = over.id, held.actor
    said = together(session, lambda own: materials.add(own, own.get_one(Event, event_id), actor, now, title="Карта", language="kk", url="https://example.test"))
    assert said == ["done"] * 2 + ["too_many_materials"] * 4


def typed(**changes: Any) -> MinutesInput:
    return MinutesInput(**{"text": {"kk": "Сөйлегендер: екеу.\nШешім: жарық орнату."}, **changes})


def write(session: Session, held: Held, event: Event, now: datetime, seen: int, **changes: Any) -> MinutesVersion | None:
    return service.save(session, event, held.actor, now, typed(**changes), seen=seen)


def public(session: Session, held: Held, event: Event, now: datetime, **changes: Any) -> str:
    """Minutes that everybody may read: their address."""
    write(session, held, event, now, 0, **changes)
    service.publish(session, event, held.actor, now, seen=1)
    return f"/kk/shymkent/events/{event.code}/minutes"


@pytest.mark.parametrize(("line", "second"), [("12:30 Title", 750), ("1:02:03 – Title", 3723), ("0:00 Title", 0), ("90:00  Title", 5400)])
def test_a_line_is_a_chapter(line: str, second: int) -> None:
    assert read_chapters(f"\n{line}\n") == [(second, "Title")]
    assert read_chapters(chapter_lines([(second, "Title")])) == [(second, "Title")]


@pytest.mark.parametrize("line", ["Title", "12:60 Title", "12:30", "1:70:00 Title", "25:00:00 Title", "12:30 " + "x" * 201, "١٢:٣٠ Title"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_chapters(f"0:10 First\n{line}")
    assert (caught.value.code, caught.value.facts["line"]) == ("chapter_wrong", 2)


@pytest.mark.parametrize(("url", "there"), [
    (VIDEO, VIDEO + "&t=75"), ("https://youtu.be/abc?t=3&si=x", "https://youtu.be/abc?si=x&t=75"), ("https://vimeo.com/1", "https://vimeo.com/1#t=75s"),
    ("https://video.example.org/1", ""), ("https://notyoutube.com/1", ""), ("", "")])
def test_an_address_leads_to_a_second(url: str, there: str) -> None:
    assert at_second(url, 75) == there


@pytest.mark.parametrize(("old", "new"), [("", "А"), ("А\nБ\n", "А\nВ\n"), ("бір екі үш", "бір төрт үш"), ("a\n" * 400, "b\n" * 400), ("<b>x</b>", "")])
def test_a_comparison_holds_both_texts_whole(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(p.text for p in pieces if p.kind != "added") == old
    assert "".join(p.text for p in pieces if p.kind != "removed") == new


def test_only_the_words_that_changed_are_marked() -> None:
    assert [(p.kind, p.text) for p in compare("бір\nекі үш төрт", "бір\nекі бес төрт")] == [
        ("same", "бір\nекі "), ("removed", "үш"), ("added", "бес"), ("same", " төрт")]


def test_words_that_changed_side_by_side_are_one_change() -> None:
    assert [(p.kind, p.text) for p in compare("бір екі үш", "бес алты үш")] == [("removed", "бір екі"), ("added", "бес алты"), ("same", " үш")]


def test_two_write_at_once_and_nothing_typed_is_lost(client: Browser, new_client: Any, session: Session, held: Held, over: Event, people: People) -> None:
    path, other = f"/en/organise/events/{over.code}/minutes", new_client()
    people.sign_in(client, held.owner)
    people.sign_in(other, held.member(Right.ORGANISER))
    mine, theirs = client.get(path), other.get(path)
    assert other.submit(theirs, -1, text_ru="Решили: поставить два фонаря.", chapters="0:10 Начало").status_code == 303
    clash = client.submit(mine, -1, text_kk="Шешім: <b>жарық</b>.", text_ru="Решили подождать.")
    assert clash.status_code == 409
    for words in ("Решили: поставить два фонаря.", "Решили подождать.", "0:10 Начало", "Шешім: &lt;b&gt;жарық&lt;/b&gt;."):
        assert words in clash.text
    assert session.scalars(select(MinutesVersion.number)).all() == [1]
    saved = client.submit(clash, -1, text_ru="Решили: поставить два фонаря и подождать.")
    assert saved.status_code == 303
    one, two = session.scalars(select(MinutesVersion).order_by(MinutesVersion.number)).all()
    assert (one.text["ru"], two.text) == ("Решили: поставить два фонаря.", {"kk": "Шешім: <b>жарық</b>.", "ru": "Решили: поставить два фонаря и подождать."})
    assert client.submit(client.get(path), -1).status_code == 303  # nothing new makes no version
    assert session.scalars(select(MinutesVersion.number).order_by(MinutesVersion.number)).all() == [1, 2]


def test_what_is_wrong_is_said_beside_its_field(client: Browser, session: Session, held: Held, over: Event, people: People) -> None:
    people.sign_in(client, held.owner)
    path = f"/en/organise/events/{over.code}/minutes"
    answer = client.submit(client.get(path), -1, text_kk="", recording_url="javascript:alert(1)", chapters="0:00 A\nnonsense", came="many", change="x" * 400)
    assert answer.status_code == 422
    for words in ("Write what was said", "must begin with https://", "Line 2 is no chapter", "in digits", "Who counted", "Too long", "javascript:alert(1)", "nonsense"):
        assert words in answer.text
    assert 'href="javascript' not in answer.text
    assert client.submit(answer, -1, version="٣").status_code == 422
    assert session.scalar(select(MinutesVersion.id)) is None


def test_versions_are_public_from_the_publishing_on_and_never_change(client: Browser, session: Session, held: Held, over: Event, now: datetime) -> None:
    path = f"/en/shymkent/events/{over.code}/minutes"
    write(session, held, over, now, 0, text={"ru": "Черновик с телефоном."})
    assert client.get(path).status_code == 404
    write(session, held, over, now, 1, text={"ru": "Решили: два фонаря."})
    service.publish(session, over, held.actor, now, seen=2)
    with pytest.raises(InputRefused, match="change_missing"):
        write(session, held, over, now, 2, text={"ru": "Решили: три фонаря."})
    write(session, held, over, now, 2, text={"ru": "Решили: <script>три</script> фонаря."}, change="Число исправлено")
    page = client.get(path)
    assert "Число исправлено" in page.text and "Черновик" not in page.text
    assert "Read the minutes" in client.get(path.removesuffix("/minutes")).text
    assert [client.get(f"{path}/{n}").status_code for n in (1, 2, 3, 4)] == [404, 200, 200, 404]
    changes = client.get(f"{path}/3/changes").text
    assert "<del>два</del><ins>&lt;script&gt;три&lt;/script&gt;</ins>" in changes and "<script>три" not in changes
    assert client.get(f"{path}/2/changes").status_code == 404
    session.commit()
    for statement in ("UPDATE minutes_version SET came = 5", "DELETE FROM minutes_version", "DELETE FROM minutes"):
        with pytest.raises(DBAPIError):
            session.execute(text(statement))
        session.rollback()


def test_published_is_what_was_seen_and_only_when_it_is_over(session: Session, held: Held, over: Event, now: datetime) -> None:
    going_on = held()
    events.start(session, going_on, held.actor, now)
    write(session, held, going_on, now, 0)
    with pytest.raises(InputRefused, match="minutes_too_early"):
        service.publish(session, going_on, held.actor, now, seen=1)
    write(session, held, over, now, 0)
    write(session, held, over, now, 1, came=5, counted_by="екі ерікті")
    with pytest.raises(service.MinutesChangedMeanwhile):
        service.publish(session, over, held.actor, now, seen=1)
    assert service.publish(session, over, held.actor, now, seen=2).public_from == 2


def test_who_may_and_when(client: Browser, new_client: Any, session: Session, held: Held, over: Event, people: People, city: City, now: datetime) -> None:
    draft, coming = held.draft(), held()
    other, door = Held(session, city, people), held.member(Right.DOOR)
    public(session, held, over, now)
    parts = ("", "/preview", "/materials")
    for who in (other.owner, door, people.account()):
        stranger = new_client()
        people.sign_in(stranger, who)
        assert [stranger.get(f"/kk/organise/events/{over.code}/minutes{part}").status_code for part in parts] == [404] * 3
        assert stranger.post(f"/kk/organise/events/{over.code}/minutes/publish").status_code in (400, 404)
    people.sign_in(client, held.owner)
    assert [client.get(f"/kk/organise/events/{over.code}/minutes{part}").status_code for part in parts] == [200] * 3
    assert client.get(f"/kk/organise/events/{coming.code}/minutes").status_code == 303
    assert [client.get(f"/kk/shymkent/events/{event.code}/minutes").status_code for event in (draft, coming, over)] == [404, 404, 200]
    assert client.get(f"/kk/astana/events/{over.code}/minutes").status_code == 404
    assert f"/kk/organise/events/{over.code}/minutes" in client.get(f"/kk/organise/events/{over.code}").text


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_page_shows_recording_questions_numbers_and_recommendations(client: Browser, session: Session, held: Held, people: People,
                                                                        now: datetime, lang: str) -> None:
    over, asker = held(), people.contact()
    held.come(over, asker)
    room = rooms.open_room(session, over, now)
    events.start(session, over, held.actor, now)
    question = asking.ask(session, room, rooms.come_in(session, room, Who(contact_id=asker.id), now), Asked("Жарық қашан болады біздің көшеде?"), now)
    events.finish(session, over, held.actor, now)
    question.state, question.shown_at, question.second = "answered_live", now, 90
    body = session.scalars(select(Body).where(Body.city_id == over.city_id).limit(1)).one()
    events.publish(session, over, held.actor, now, document={"kk": "Қорытынды құжат"}, recommendations=[RecommendationInput(body.id, "Жарық орнату.")])
    address = public(session, held, over, now, recording_url=VIDEO, chapters="1:15 Ашылу", came=41, counted_by="екі ерікті")
    page = client.get(address.replace("/kk/", f"/{lang}/"))
    assert page.status_code == 200 and "Set-Cookie" not in page.headers
    for words in (f"{VIDEO}&amp;t=75", f"{VIDEO}&amp;t=90", "Жарық қашан болады", "Қорытынды құжат", "Жарық орнату.", ">41<", "екі ерікті"):
        assert words in page.text, words


def test_as_a_document_in_kazakh_and_russian(client: Browser, session: Session, held: Held, over: Event, now: datetime) -> None:
    address = public(session, held, over, now, text={"kk": "Шешім: #panic() *жарық* әғқңөұүһі ӘҒҚҢӨҰҮҺІ $x$ <script>", "ru": "Решили: свет."}, chapters="0:05 Ашылу")
    for written, words in (("kk", "әғқңөұүһі ӘҒҚҢӨҰҮҺІ"), ("ru", "Решили: свет.")):
        answer = client.get(f"{address}-{written}.pdf")
        assert answer.mimetype == "application/pdf"
        said = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
        assert words in said and "1 / 1" in said
        assert ("#panic() *жарық*" in said) == (written == "kk")
    assert client.get(f"{address}-en.pdf").status_code == 404


def _put(client: Browser, event: Event, **fields: Any) -> int:
    path = f"/en/organise/events/{event.code}/minutes/materials"
    return client.submit(client.get(path), -1, title="Слайды", language="ru", **fields).status_code


def _telling() -> bytes:
    """A PDF that says who made it, with a comment, an attached file and a photo of a telephone, and with a link and an outline."""
    writer, shot, buffer = PdfWriter(PdfReader(io.BytesIO(pdf(2)))), io.BytesIO(), io.BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "HIDDENARTIST"
    Image.new("RGB", (40, 30), "red").save(shot, "JPEG", exif=exif, comment=b"HIDDENCOMMENT")
    photo = StreamObject()
    photo.set_data(shot.getvalue())
    photo.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image"), NameObject("/Filter"): NameObject("/DCTDecode"),
                  NameObject("/Width"): NumberObject(40), NameObject("/Height"): NumberObject(30), NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
                  NameObject("/BitsPerComponent"): NumberObject(8)})
    writer.pages[0][NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/P"): writer._add_object(photo)})})
    writer.add_metadata({"/Author": "HIDDENAUTHOR", "/Title": "HIDDENTITLE"})
    writer.xmp_metadata = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="HIDDENXMP"/></r:RDF></x:xmpmeta>'
    writer.add_attachment("HIDDENFILE.txt", b"HIDDENATTACHED")
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('HIDDENSCRIPT')")}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(script))
    writer.add_annotation(0, FreeText(text="HIDDENNOTE", rect=(0, 0, 90, 90)))
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url="https://example.org/kept"))
    writer.add_outline_item(title="Kept outline", page_number=1)
    writer.write(buffer)
    return buffer.getvalue()


def test_a_pdf_of_the_materials_says_nothing_of_who_made_it(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(_telling())
    assert publishable(tmp_path / "a.pdf", tmp_path / "b.pdf") == 2
    for name, hidden in (("a.pdf", True), ("b.pdf", False)):
        read = PdfReader(tmp_path / name)
        plain = PdfWriter(clone_from=read)
        for found in plain._objects:  # as they stand, nothing packed
            if isinstance(found, StreamObject) and found.get("/Filter") == "/FlateDecode":
                found.set_data(found.get_data())
        buffer = io.BytesIO()
        plain.write(buffer)
        for word in ("AUTHOR", "TITLE", "XMP", "ATTACHED", "FILE", "SCRIPT", "NOTE", "ARTIST", "COMMENT"):
            assert (f"HIDDEN{word}".encode() in buffer.getvalue()) is hidden, (name, word)
        links = [note.get_object()["/A"]["/URI"] for note in read.pages[0]["/Annots"] if note.get_object()["/Subtype"] == "/Link"]
        assert ([item["/Title"] for item in read.outline], links) == (["Kept outline"], ["https://example.org/kept"])
        assert Image.open(io.BytesIO(read.pages[0]["/Resources"]["/XObject"]["/P"].get_object()._data)).size == (40, 30)


def test_materials_are_looked_at_and_served_safely(app: CivicFlask, client: Browser, session: Session, held: Held, over: Event, people: People, now: datetime) -> None:
    address = public(session, held, over, now)
    people.sign_in(client, held.owner)
    for name, content in (("a.pdf", b"<html><script>"), ("empty.pdf", b"")):
        assert _put(client, over, file=(io.BytesIO(content), name)) == 422
    assert _put(client, over, url="javascript:alert(1)") == 422
    assert _put(client, over) == 422
    for content in (pdf(2), pdf(401, (20, 20)), locked(pdf(1)), b"%PDF-1.4 broken"):
        assert _put(client, over, file=(io.BytesIO(content), "a.pdf")) == 303
    assert _put(client, over, url="https://example.org/slides") == 303
    assert _put(client, over, photo=(io.BytesIO(picture()), "a.jpg")) == 303
    work(app, session)
    rows = session.scalars(select(MinutesMaterial).order_by(MinutesMaterial.id)).all()
    assert [(r.kind, r.state, r.problem) for r in rows] == [
        ("file", "ready", ""), ("file", "refused", "pdf_too_many_pages"), ("file", "refused", "pdf_locked"), ("file", "refused", "pdf_unreadable"),
        ("link", "ready", ""), ("photo", "ready", "")]
    listed = client.get(f"/en/organise/events/{over.code}/minutes/materials").text
    assert "It has 401 pages; at most 400" in listed
    page = client.get(address).text
    assert "https://example.org/slides" in page and f"files/{rows[0].id}.pdf" in page and f"files/{rows[1].id}.pdf" not in page
    assert [client.get(f"{address}/files/{r.id}.pdf", buffered=True).status_code for r in rows] == [200, 404, 404, 404, 404, 404]
    sent = client.get(f"{address}/files/{rows[0].id}.pdf", buffered=True)
    assert sent.data.startswith(b"%PDF-") and sent.mimetype == "application/pdf"
    assert sent.headers["Content-Disposition"].startswith("attachment;")
    assert sent.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in sent.headers["Content-Security-Policy"]
    path, served = file_of(app.settings.media, rows[0].file_key), f"{address}/files/{rows[0].id}.pdf"
    assert path.exists()
    first = client.get(f"/en/organise/events/{over.code}/minutes/materials")
    assert client.submit(first, 0).status_code == 303
    work(app, session)
    assert not path.exists() and client.get(served).status_code == 404


def test_a_moderator_hides_a_version_and_a_file(app: CivicFlask, client: Browser, session: Session, held: Held, over: Event, people: People, city: City,
                                                now: datetime) -> None:
    address = public(session, held, over, now, text={"ru": "Здесь телефон."}, chapters="0:05 Тайное", recording_url=VIDEO, change="Добавлен номер соседа",
                     came=5, counted_by="Сосед из дома 7")
    link = MinutesMaterial(event_id=over.id, kind="link", title="Дурная ссылка", language="ru", url="https://example.org/bad", added_at=now)
    session.add(link)
    session.flush()
    thing = subjects.load(session, "minutes", over.code)
    assert thing is not None
    moderator = people.actor(people.moderator(city))
    case = moderation.flag(session, thing, people.actor(people.account()), now, part="version-1", reason=Reason.INSULT)
    moderation.hide(session, case, moderator, now, parts=["version-1", f"material-{link.id}"], reason=Reason.INSULT, words="")
    for part in ("", "/1"):
        page = client.get(address + part).text
        assert "телефон" not in page and "Тайное" not in page and VIDEO not in page and "example.org/bad" not in page and "tombstone" in page
        assert "номер соседа" not in page and "Сосед из дома" not in page
    assert "телефон" not in "".join(p.extract_text() for p in PdfReader(io.BytesIO(client.get(f"{address}-ru.pdf").data)).pages)
    moderation.put_back(session, case, now)
    assert "телефон" in client.get(address).text and "example.org/bad" in client.get(address).text and "Сосед из дома" in client.get(address).text


def test_the_page_asks_the_database_little_and_not_more_for_more(app: CivicFlask, client: Browser, session: Session, held: Held, over: Event, now: datetime) -> None:
    address = public(session, held, over, now, chapters="0:05 Ашылу")

    def asked() -> int:
        with statements(app) as said:
            assert client.get(address).status_code == 200
        return len([s for s in said if s.lstrip().upper().startswith("SELECT")])

    few = asked()
    for number in range(1, 4):
        write(session, held, over, now, number, text={"kk": f"Нұсқа {number}"}, change="Түзету", chapters="\n".join(f"{n}:00 Бөлім" for n in range(40)))
    session.add_all(MinutesMaterial(event_id=over.id, kind="link", title=f"Сілтеме {n}", language="kk", url="https://example.org/", added_at=now) for n in range(9))
    session.commit()
    assert asked() == few <= 14
    assert len(queries.materials(session, over.id)) == 9
