"""What is typed takes no longer than it is long, before anybody has counted its letters: one field may bring a megabyte."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from civic.accounts.forms import NO_ADDRESS, one_line
from civic.core.errors import InputRefused
from civic.core.masking import mask_text
from civic.core.text import ADDRESS_IN_NAME, clean, fold, piles_marks
from civic.focus.groups import read_transcript
from civic.places.boundaries import import_boundaries
from civic.places.models import City
from tests.support.client import Browser

N = 200_000
LONG = {"letters": "a" * N, "blanks": "a" + " " * N + "a", "digits": "1" * N, "dots": "a." * (N // 2), "ats": "a@" * (N // 2), "signs": "-" * N}


def _transcript(text: str) -> None:
    with suppress(InputRefused):
        read_transcript(text[:N], [])


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("read", [clean, fold, one_line, mask_text, _transcript, NO_ADDRESS.match, ADDRESS_IN_NAME.search],
                         ids=["clean", "fold", "one line", "mask", "transcript", "name of an account", "name of an applicant"])
def test_each_place_is_read_once(read: Callable[[str], object], text: str) -> None:
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 1


def test_what_is_cleaned_keeps_its_words_and_lines() -> None:
    assert clean("  Су \t\r\n\n  жоқ \x00екі  күн\t\n ") == "Су\n\n  жоқ екі  күн"


@pytest.mark.parametrize("name", ["a@b", "Айгүл www.x", "aa.bb", "Ерлан https:", "Сайт: x.kz және kz.xx"])
def test_a_name_carries_no_address(name: str) -> None:
    assert NO_ADDRESS.match(name) is None and ADDRESS_IN_NAME.search(name)


@pytest.mark.parametrize("name", ["Айгүл Серікқызы", "А. Б. Нұрлан", "Dana M.", "Иванов И.И."])
def test_a_name_may_have_dots(name: str) -> None:
    assert NO_ADDRESS.match(name) and not ADDRESS_IN_NAME.search(name)


@pytest.mark.parametrize(("text", "status"), [(LONG["letters"], 422), (LONG["blanks"], 302)], ids=["letters", "blanks that become one"])
def test_a_name_of_any_length_is_answered_at_once(client: Browser, text: str, status: int) -> None:
    page = client.get("/en/account/register")
    began = time.process_time()
    answer = client.submit(page, name=text, email="dana@example.test", password="a quite long password")
    assert (answer.status_code, time.process_time() - began < 2) == (status, True)


@pytest.mark.parametrize("path", ["/en/account/login", "/en/account/register", "/en/privacy/my-data"])
def test_accents_that_are_piled_up_hold_nobody(client: Browser, path: str) -> None:
    page, piled = client.get(path), "e" + "\u0301\u0316" * 20_000
    for fields in ({"email": piled}, {"password": piled, "name": piled, "email": "dana@example.kz"}):
        began = time.process_time()
        assert (client.submit(page, **fields).status_code, time.process_time() - began < 1) == (400, True)


@pytest.mark.parametrize(("text", "piled"), [
    ("Е" + "\u0301" * 200, False), ("Е" + "\u0301" * 201, True), ("ә\u0301" * 300, False), ("ｶ" + "ﾞ" * 201, True), ("a" * 300, False), ("", False)])
def test_what_is_piled_up(text: str, piled: bool) -> None:
    assert piles_marks(text) is piled


def test_a_polygon_without_points_is_none(session: Session, city: City, now: datetime) -> None:
    nothing = {"type": "Feature", "properties": {"name": "Тұран"}, "geometry": {"type": "MultiPolygon", "coordinates": [[]]}}
    report = import_boundaries(session, {"type": "FeatureCollection", "features": [nothing]}, city, None, now)
    assert [why for _, why in report.unmatched] == ["not_polygon"]
