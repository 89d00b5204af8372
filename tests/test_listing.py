"""The public list: filters in the address, pages that stay right, and the feed of the same filter."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from civic.bodies.models import Category
from civic.complaints.listing import Wanted, public_page
from civic.complaints.models import Complaint
from tests.support.inspector import parse, words

ATOM = "{http://www.w3.org/2005/Atom}"


def numbers(text: str) -> list[str]:
    """Numbers of the complaints of a page, in order."""
    return re.findall(r'<h2><a href="/[a-z]{2}/shymkent/complaints/(SHY-[^"]+)"', text)


@pytest.fixture
def many(session, filed, now):
    """Seven public complaints, an hour apart, and a private one."""
    made = [filed(address=f"Байтұрсынов көшесі, {i}", at=now + timedelta(hours=i)) for i in range(7)]
    filed(private=True)
    for supporters, complaint in zip((3, 0, 9, 3, 0, 1, 9), made, strict=True):
        complaint.supporters = supporters
    session.commit()
    return [c.number for c in made]


def walk(session, city, wanted, today, limit=2):
    """All rows, page by page."""
    seen, after = [], None
    while True:
        page = public_page(session, city.id, wanted, today, after, limit)
        seen += [row.number for row in page.rows]
        if page.after is None:
            return seen
        after = page.after


@pytest.mark.parametrize(("sort", "order"), [("newest", [6, 5, 4, 3, 2, 1, 0]), ("supported", [6, 2, 3, 0, 5, 4, 1])])
def test_pages_hold_each_complaint_once_in_order(session, city, many, now, sort, order):
    assert walk(session, city, Wanted(sort=sort), now.date()) == [many[i] for i in order]


def test_longest_overdue_first_and_only_overdue(session, city, filed, many, now):
    old = filed(at=now - timedelta(days=60))
    older = filed(at=now - timedelta(days=90))
    assert walk(session, city, Wanted(sort="overdue"), now.date()) == [older.number, old.number]


def test_a_row_that_arrives_between_two_pages_moves_nothing(session, city, filed, many, now):
    first = public_page(session, city.id, Wanted(), now.date(), None, 3)
    filed(at=now + timedelta(hours=9))
    second = public_page(session, city.id, Wanted(), now.date(), first.after, 3)
    assert [r.number for r in second.rows] == [many[3], many[2], many[1]]


def test_filters_of_the_address_are_said_in_words(client, session, filed, many):
    category = session.scalar(select(Category).where(Category.code == "waste.dump"))
    mine = filed(category="waste.dump")
    page = client.get(f"/en/shymkent/complaints/?category={category.id}&state=registered")
    assert numbers(page.text) == [mine.number]
    assert "Registered · Illegal dump · Newest first" in page.text  # names the feed
    chosen = next(part for part in parse(page.text).iter("ul") if part.get("class") == "chosen")
    assert [words(part) for part in chosen] == ["Take away: Registered", "Take away: Illegal dump", "Show all"]
    assert f'<option value="{category.id}" selected>Illegal dump</option>' in page.text


def test_a_root_category_holds_its_leaves(client, session, filed, many):
    root = session.scalar(select(Category).where(Category.code == "waste"))
    mine = filed(category="waste.dump")
    assert numbers(client.get(f"/kk/shymkent/complaints/?category={root.id}").text) == [mine.number]


@pytest.mark.parametrize("address", ["?state=nonsense", "?category=x&district=-1&body=99999999999", "?after=nonsense",
                                     "?after=99999999999999999_1", "?sort=drop+table&photo=", "?sort=supported&after=%00_%00"])
def test_nonsense_in_the_address_is_no_error(client, many, address):
    assert client.get(f"/ru/shymkent/complaints/{address}").status_code == 200


def test_private_ones_are_in_no_list(client, session, many):
    private = session.scalar(select(Complaint.number).where(Complaint.private))
    assert private not in client.get("/kk/shymkent/complaints/").text
    assert private not in client.get("/kk/shymkent/complaints/feed.atom").text


def test_the_feed_holds_the_same_rows_as_the_list(client, many):
    feed = client.get("/kk/shymkent/complaints/feed.atom?supported=y")
    assert feed.mimetype == "application/atom+xml"
    entries = [e.findtext(f"{ATOM}id", "").rpartition("/")[2] for e in ElementTree.fromstring(feed.text).findall(f"{ATOM}entry")]
    assert entries == numbers(client.get("/kk/shymkent/complaints/?supported=y").text)
    again = client.get("/kk/shymkent/complaints/feed.atom?supported=y", headers={"If-None-Match": feed.headers["ETag"]})
    assert again.status_code == 304
