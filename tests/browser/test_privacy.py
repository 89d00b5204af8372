"""Downloading one's data and having it deleted, as a person does it."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.complaints.models import Complaint
from tests.support.browser import assert_accessible, sign_in
from tests.support.complaints import Filed
from tests.support.people import People

pytestmark = pytest.mark.browser


def test_somebody_takes_the_data_along_and_leaves(browsers: Callable[..., Any], app: CivicFlask, session: Session, people: People, filed: Filed, tmp_path: Path) -> None:
    person = people.account("asel@example.kz", name="Әсел Болатқызы", locale="en")
    complaint = filed(by=person, text="Есігіміздің алдында терешұқыр бар", show_name=True)
    session.commit()
    page = browsers(phone=True)
    sign_in(page, "asel@example.kz", language="en")
    page.goto("/en/account/settings")
    page.click("main a[href='/en/account/data']")
    page.get_by_role("button", name="Make an archive").click()
    app.extensions["civic_queue"].deliver_all()
    page.reload()
    assert_accessible(page)
    with page.expect_download() as got:
        page.click("main a[href$='.zip']")
    got.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "mine.zip").read_bytes())) as packed:
        assert "терешұқыр" in json.loads(packed.read("data.json"))["complaints"][0]["text"]
    page.get_by_role("link", name="See what would be deleted").click()
    assert page.get_by_text("the text and the address of 1 complaint").is_visible()
    page.get_by_text("I understand that this cannot be undone").click()
    page.get_by_role("button", name="Delete everything").click()
    assert page.get_by_role("heading", name="Your data is deleted").is_visible()
    page.goto(f"/en/shymkent/complaints/{complaint.number}")
    assert page.get_by_text("терешұқыр").count() == 0 and page.get_by_text("Әсел").count() == 0
    session.rollback()
    assert session.get_one(Complaint, complaint.id).text == ""
