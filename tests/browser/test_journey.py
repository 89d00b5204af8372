"""The whole journey in real browsers: a resident's phone, an official's desk, and back until the resident agrees."""

import re
from typing import Any

import pytest

from tests.support.browser import Service, assert_accessible, sign_in
from tests.support.pictures import picture

pytestmark = pytest.mark.browser
#: Turan district, away from the demonstration's complaints.
PLACE = (42.3021, 69.5402)
NUMBER = re.compile(r"SHY-[1-9A-Z]{4}-[1-9A-Z]{3}")


def photo(name: str = "shyraq.jpg", position: tuple[float, float] | None = None) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture(position=position)}


def send(page: Any) -> None:
    """Press the main button of the page's form."""
    page.locator("main form:not([role=search]) button:not([type=button])").last.click()


def link_in_letter(service: Service, page: Any, to: str, pattern: str) -> str:
    """The path of the newest link that looks like ``pattern`` in the letters to an address."""
    service.deliver()
    page.goto("/demo/mail")
    letters = [a.get_attribute("href") for a in page.locator("main a[href*='/demo/mail/']", has_text=to).all()]
    if not letters:
        letters = [a.get_attribute("href") for a in page.locator("main a[href*='/demo/mail/']").all()]
    for letter in letters:
        page.goto(letter)
        text = page.locator("main").inner_text()
        found = re.search(rf"http://[^\s/]+(/\S*{pattern}\S*)", text)
        if found and to in text:
            return found[1]
    raise AssertionError(f"no letter to {to} with {pattern}")


def choose_category(page: Any, typed: str) -> None:
    """Write into the search of categories and take the first that is offered."""
    box = page.get_by_role("combobox").first
    box.click()
    box.fill(typed)
    page.locator("[role=listbox] [role=option]:not([aria-disabled])").first.click()


def test_from_a_broken_lamp_to_the_residents_last_word(new_page: Any, live_server: Service) -> None:
    resident, head = new_page(phone=True), new_page(locale="ru")
    # photo first: the place is read from it
    resident.goto("/kk/shymkent/")
    resident.get_by_role("link", name="Мәселе туралы хабарлау").click()
    resident.set_input_files("#photos", photo(position=PLACE))
    send(resident)
    resident.wait_for_url("**/place")
    assert resident.input_value("#lat").startswith("42.302")
    resident.fill("#address", "Сайрам көшесі, 5")
    resident.select_option("#district_id", label="Тұран ауданы")
    send(resident)
    resident.wait_for_url("**/matter")
    choose_category(resident, "жарык жанбайды")
    assert resident.locator("#category_id option:checked, select[name=category_id] option:checked").first.inner_text() == "Көшеде жарық жанбайды"
    resident.fill("#text", "Үш аптадан бері шам жанбайды, балалар мектептен қараңғыда қайтады.")
    resident.fill("#name", "Айгүл Серікқызы")
    resident.fill("#email", "aigul@example.com")
    assert_accessible(resident)
    send(resident)
    resident.wait_for_url("**/sent")
    # the letter's link changes nothing by itself
    confirm = link_in_letter(live_server, resident, "aigul@example.com", "/confirm/")
    resident.goto(confirm)
    send(resident)
    resident.wait_for_url("**/ticket")
    number = NUMBER.search(resident.locator("main").inner_text())[0]  # type: ignore[index]
    assert "Тұран ауданы әкімінің аппараты" in resident.locator("main").inner_text()
    assert_accessible(resident)
    # the head of the body takes it and answers, with a photo of the result
    sign_in(head, "head@demo.test", language="ru")
    answer(head, number, "Приняли.", accept=True)
    tracking = f"/kk/shymkent/complaints/{number}"
    resident.goto(tracking)
    assert "Жұмыста" in resident.locator("[data-live-part=state]").inner_text()
    answer(head, number, "Заменили лампу и кабель, фонарь горит.")
    # the open page follows by itself
    resident.locator("[data-live-part=state]", has_text="Жауап берілді").wait_for()
    # the last word is the resident's: first no, then yes
    resident.locator("[data-live-part=buttons] a[href$='/dispute']").click()
    resident.fill("#text", "Шам әлі жанып-сөніп тұр.")
    send(resident)
    resident.wait_for_url(f"**{tracking}")
    assert "келіспе" in resident.locator("[data-live-part=state]").inner_text()
    answer(head, number, "Проверили ещё раз: заменён и балласт.")
    resident.goto(tracking)
    resident.locator("[data-live-part=buttons] a[href$='/confirm']").click()
    send(resident)
    resident.wait_for_url(f"**{tracking}")
    assert "Тұрғын растады" in resident.locator("[data-live-part=state]").inner_text()
    titles = resident.locator(".path__title").all_inner_texts()
    assert len(titles) == 6, titles
    assert_accessible(resident)


def answer(page: Any, number: str, text: str, *, accept: bool = False) -> None:
    """Accept it, or answer it as solved, at the desk."""
    page.goto(f"/ru/desk/?open={number}")
    if accept:
        form = page.locator(f"form[action*='/{number}/accept']")
    else:
        form = page.locator(f"form[action*='/{number}/answer']")
        form.locator("textarea[name=text]").fill(text)
        form.locator("input[type=radio][value=resolved]").check(force=True)
        form.locator("input[type=file]").set_input_files(photo("posle.jpg"))
    button = form.locator("button[type=submit], button:not([type])").last
    if not button.is_visible():
        page.locator("summary, [data-key=a]").filter(visible=True).first.click()
    button.click()
    page.wait_for_load_state()
    assert page.locator(".banner--success").count() == 1, page.locator("main").inner_text()[:800]


def test_with_an_account_the_same_lamp_is_supported_in_one_press(new_page: Any, live_server: Service) -> None:
    page = new_page(locale="ru")
    sign_in(page, "resident@demo.test", language="ru")
    place, address = (42.2795, 69.6405), "улица Новая, 7"
    first = file_one(page, place, address)
    neighbour = new_page(phone=True, locale="ru")
    sign_in(neighbour, "official@demo.test", language="ru")
    begin(neighbour, place, address)
    neighbour.wait_for_url("**/check")
    assert first in neighbour.content()
    neighbour.locator(f"form[action*='/support/{first}'] button").click()
    neighbour.wait_for_url(f"**/complaints/{first}")
    assert "1" in neighbour.locator("main").inner_text()
    # one's own can be taken back
    page.goto(f"/ru/shymkent/complaints/{first}/withdraw")
    send(page)
    page.wait_for_url(f"**/complaints/{first}")
    assert "Отозвано" in page.locator("[data-live-part=state]").inner_text()


def begin(page: Any, place: tuple[float, float], address: str) -> None:
    """The three steps, up to the button of the third."""
    page.goto("/ru/shymkent/report/")
    page.set_input_files("#photos", photo(position=place))
    send(page)
    page.wait_for_url("**/place")
    page.fill("#address", address)
    send(page)
    page.wait_for_url("**/matter")
    choose_category(page, "горит свет на ул")
    page.fill("#text", "Не горит фонарь, темно уже неделю.")
    page.fill("#name", "Ержан Омаров")
    send(page)


def file_one(page: Any, place: tuple[float, float], address: str) -> str:
    """File it as somebody signed in; gives its number."""
    begin(page, place, address)
    page.wait_for_url("**/ticket")
    return NUMBER.search(page.locator("main").inner_text())[0]  # type: ignore[index]


def test_filing_without_javascript(new_page: Any, live_server: Service) -> None:
    page = new_page(phone=True, javascript=False)
    page.goto("/kk/shymkent/report/")
    send(page)
    page.fill("#address", "Бәйдібек би даңғылы, 120")
    send(page)
    page.select_option("#category_id", label="Қоқыс шығарылмайды")
    page.fill("#text", "Контейнер бір аптадан бері босатылмады.")
    page.fill("#name", "Марат Әлиев")
    page.fill("#email", "marat@example.com")
    send(page)
    if "/check" in page.url:
        send(page)
    assert "/sent" in page.url
    page.goto(link_in_letter(live_server, page, "marat@example.com", "/confirm/"))
    send(page)
    assert page.url.endswith("/ticket")


def test_a_blocked_map_leaves_a_working_page(new_page: Any) -> None:
    page = new_page(phone=True, locale="ru")
    page.goto("/ru/shymkent/report/")
    send(page)
    page.wait_for_url("**/place")
    page.locator("[data-map-failed]").wait_for(state="visible")
    page.fill("#address", "проспект Тауке хана, 3")
    send(page)
    page.wait_for_url("**/matter")


def test_what_was_typed_outlives_an_error_and_a_reload(new_page: Any) -> None:
    page = new_page(phone=True)
    page.goto("/kk/shymkent/report/")
    send(page)
    page.fill("#address", "Республика даңғылы, 2")
    send(page)
    page.wait_for_url("**/matter")
    words = "Жол бойында үлкен шұңқыр, көліктер айналып өтеді."
    page.fill("#text", words)
    page.reload()
    assert page.input_value("#text") == words
    send(page)
    assert page.locator("[role=alert]").count() >= 1
    assert page.input_value("#text") == words


def test_the_keyboard_alone_is_enough(new_page: Any) -> None:
    page = new_page(locale="ru")
    sign_in(page, "official@demo.test", language="ru")
    page.goto("/ru/desk/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**open=**")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
