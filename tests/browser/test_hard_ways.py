"""The path for those who have it harder: no JavaScript, no mouse, a colleague who was faster, a page left open, another phone."""

from typing import Any

import pytest

from tests.browser.test_journey import NUMBER, choose_category, link_in_letter, photo, send
from tests.support.browser import Service, sign_in

pytestmark = pytest.mark.browser


def file_in_turan(page: Any, address: str) -> str:
    """File a broken lamp of Turan district as the signed-in resident of the demonstration; gives its number."""
    sign_in(page, "resident@demo.test")
    page.goto("/kk/shymkent/report/")
    send(page)
    page.fill("#address", address)
    page.select_option("#district_id", label="Тұран ауданы")
    send(page)
    page.wait_for_url("**/matter")
    choose_category(page, "жары")
    page.fill("#text", "Шам екі аптадан бері жанбайды.")
    page.fill("#name", "Айгүл Серікқызы")
    send(page)
    page.wait_for_url("**/ticket")
    return NUMBER.search(page.locator("main").inner_text())[0]  # type: ignore[index]


def answer_form(page: Any, number: str) -> Any:
    """The form of the answer at the desk."""
    page.goto(f"/kk/desk/?open={number}")
    return page.locator(f"form[action*='/{number}/answer']")


def choose(form: Any, outcome: str) -> None:
    """Choose what the answer says. Forced: the whole row is the label, which lies over the radio."""
    form.locator(f"input[value={outcome}]").check(force=True)


def test_an_official_answers_without_javascript(new_page: Any) -> None:
    number = file_in_turan(new_page(phone=True), "Самал көшесі, 1")
    page = new_page(javascript=False)
    sign_in(page, "official@demo.test")
    form = answer_form(page, number)
    form.locator("textarea[name=text]").fill("Шам ауыстырылды, кешке тексердік.")
    choose(form, "resolved")
    form.locator("input[type=file]").set_input_files(photo("keiin.jpg"))
    form.locator("button[type=submit]").click()
    assert page.locator(".banner--success").count() == 1
    page.goto(f"/kk/shymkent/complaints/{number}")
    assert page.locator(".card--state.tone-answered").count() == 1


def test_nothing_typed_is_lost_when_a_colleague_was_faster(new_page: Any) -> None:
    number = file_in_turan(new_page(), "Самал көшесі, 2")
    official, head = new_page(), new_page()
    sign_in(official, "official@demo.test")
    sign_in(head, "head@demo.test")
    form = answer_form(official, number)
    words = "Бригада шамды ауыстырды, енді жанып тұр."
    form.locator("textarea[name=text]").fill(words)
    choose(form, "explained")
    answer_form(head, number)
    head.locator(f"form[action*='/{number}/accept'] button").first.click()
    head.locator(".banner--success").wait_for()
    form.locator("button[type=submit]").click()
    official.locator(".banner--warning").wait_for()
    again = official.locator(f"form[action*='/{number}/answer']")
    assert again.locator("textarea[name=text]").input_value() == words
    assert again.locator("input[value=explained]").is_checked()
    again.locator("button[type=submit]").click()
    official.locator(".banner--success").wait_for()


def test_an_open_page_follows_by_itself_on_another_phone(new_page: Any, live_server: Service) -> None:
    number = file_in_turan(new_page(), "Самал көшесі, 3")
    phone, official = new_page(phone=True), new_page()
    link = link_in_letter(live_server, phone, "resident@demo.test", f"/complaints/{number}/link/")
    phone.clock.install()
    phone.goto(link)
    phone.wait_for_url(f"**/shymkent/complaints/{number}")
    phone.locator("[data-live-part=buttons] a").last.focus()
    sign_in(official, "official@demo.test")
    form = answer_form(official, number)
    form.locator("textarea[name=text]").fill("Кабель ауыстырылды.")
    choose(form, "explained")
    form.locator("button[type=submit]").click()
    official.locator(".banner--success").wait_for()
    phone.clock.fast_forward(21_000)
    phone.locator(".card--state.tone-answered").wait_for()
    # the link's holder is the applicant here too, and the focus is where it was
    assert phone.locator("[data-live-part=buttons] a[href$='/confirm']").count() == 1
    assert phone.locator("[data-live-part=actions] a[href$='/dispute']").count() == 1
    assert phone.evaluate("document.activeElement.closest('[data-live-part=buttons]') !== null")


def tab_to(page: Any, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on what matches; it must be seen there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", f"no focus is seen on {selector}"
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_filing_by_the_keyboard_alone(new_page: Any) -> None:
    page = new_page(locale="ru")
    page.goto("/ru/shymkent/")
    tab_to(page, "a.button--main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/")
    tab_to(page, ".form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/place")
    tab_to(page, "[data-map-picker]")
    page.keyboard.press("Enter")
    assert page.input_value("#lat").startswith("42.")
    tab_to(page, "#address")
    page.keyboard.type("улица Казыбек би, 4")
    tab_to(page, ".form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/matter")
    tab_to(page, "#category_id")
    page.keyboard.type("дорожные зн")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#category_id") == "Дорожные знаки и разметка"
    tab_to(page, "#text")
    page.keyboard.type("Знак повёрнут к стене, его не видно.")
    tab_to(page, "#name")
    page.keyboard.type("Ержан Омаров")
    tab_to(page, "#show_name")
    page.keyboard.press("Space")
    assert page.is_checked("#show_name")
    tab_to(page, "#email")
    page.keyboard.type("yerzhan@example.com")
    tab_to(page, ".form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent")


def test_what_was_typed_outlives_back_and_forward(new_page: Any) -> None:
    page = new_page(phone=True)
    page.goto("/kk/shymkent/report/")
    send(page)
    page.fill("#address", "Қазыбек би көшесі, 6")
    send(page)
    page.wait_for_url("**/matter")
    words = "Аялдаманың орындығы сынып қалған."
    page.fill("#text", words)
    page.go_back()
    page.wait_for_url("**/place")
    assert page.input_value("#address") == "Қазыбек би көшесі, 6"
    page.go_forward()
    page.wait_for_url("**/matter")
    assert page.input_value("#text") == words
