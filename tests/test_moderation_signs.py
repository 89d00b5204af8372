"""Signs of trouble: what is found in Kazakh and Russian, and what is not."""

import time

import pytest

from civic.moderation import signs


def names(text: str) -> list[str]:
    return [sign.name for sign in signs.find(text, own_host="civic.example.kz")]


@pytest.mark.parametrize(("text", "expected"), [
    ("Менің ЖСН-ім 900101300017, хабарласыңыз", ["iin"]),
    ("ИИН соседа: 900101 300017.", ["iin"]),
    ("Звоните +7 701 123-45-67", ["phone"]), ("Телефон 8(747)1234567", ["phone"]), ("тел. 87771234567", ["phone"]), ("номер 701-123-45-67", ["phone"]),
    ("Карта 4400 4301 2345 6789 на ремонт", ["card"]), ("5169497123456786", ["card"]),
    ("Пишите на aigul@mail.kz", ["email"]),
    ("Көріңіз: https://t.me/arzan_karz", ["link"]), ("Заходите на super-skidki.shop", ["link"]), ("www.example.com/x", ["link"]),
    ("Директор – дурак!", ["insult"]), ("Қандай ақымақтар отыр", ["insult"]), ("Эти идиоты опять всё разрыли", ["insult"]), ("Нақұрыстың ісі", ["insult"]),
    ("Сволочи, звоните 87771234567 или на www.example.com", ["insult", "phone", "link"]),
])
def test_found(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize("text", [
    "Әкімдік жұмыс істемейді, жауаптары құр сөз.", "Акимат не работает, чиновники бездействуют и врут жителям.", "Басшы кетсін! Ұят!",
    "Руководитель некомпетентен, это позор и коррупция.", "Вор должен сидеть в тюрьме", "Жемқорлық туралы хабарлаймын",
    "Шағымым SHY-4K7M-2XN жауапсыз қалды", "Смета 12 500 000 тенге, договор № 123456789012", "Бюджет 1 250 000 000 теңге", "Лицевой счёт 7011234567",
    "Код 900101300015", "Счётчик 4400430123456780", "БИН 940740000911",
    "Вызывал по номеру 109 и 8 (7252) 55-55-55", "Қоңырау шалдым: 8 7252 53 00 11",
    "Закон: https://adilet.zan.kz/rus/docs/K2000000350", "shymkent.gov.kz сайтында жазылған", "https://www.gov.kz:443/memleket?lang=kk#x", "HTTPS://WWW.GOV.KZ/", "https://civic.example.kz/kk/shymkent/",
    "Аулада қаңғыбас иттер мен мысықтар көп", "Коровы и козлы едят деревья, скот ходит по дороге", "Үйдің төбесінен су ағады", "Хайуанаттар бағы жабық",
    "Сук дерева сломан, ветки висят", "Ремонт идёт с 01.04.2026 по 30.05.2026, дом 12, кв. 45", "Улица Уральская, дворик, дуракаваляние",
    "Көтерме көпір, қотыр асфальт, топырақ, шешен, ақы төлем", "Мұғалім сабақ береді",
])
def test_not_found(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize("address", [
    "https://gov.kz@skidki.shop/", "https://skidki.shop#.gov.kz", "https://skidki.shop?.gov.kz", r"https://skidki.shop\.gov.kz", "https://gov.kz.skidki.shop",
    "https://egov.kz:443@skidki.shop", "https://civic.example.kz@skidki.shop", "http://[skidki.shop", "www.skidki.shop?x=civic.example.kz"])
def test_a_link_is_known_by_where_it_leads(address: str) -> None:
    assert [sign.name for sign in signs.links(f"Көріңіз: {address} сайтында", "civic.example.kz")] == ["link"]


def test_check_digits() -> None:
    assert signs.is_iin("900101300017")
    assert not any(signs.is_iin(f"90010130001{d}") for d in "012345689")
    assert not signs.is_iin("901301300014")
    assert signs.is_card("4111111111111111")
    assert not signs.is_card("4111111111111112")


def test_a_flood_is_the_same_words_many_times() -> None:
    text = "Жол жөнделмеді, шара қолданыңыз!"
    assert signs.is_flood(text, [text, text.upper(), "Жол жөнделмеді,  шара қолданыңыз"])
    assert not signs.is_flood(text, [text, text, "Жол жөнделмеді, қайта қараңыз"])
    assert not signs.is_flood("", ["", "", "", ""])


def test_pieces_mark_what_was_found() -> None:
    text = "Тел. 87771234567, дурак"
    assert signs.pieces(text, signs.find(text)) == [("Тел. ", ""), ("87771234567", "phone"), (", ", ""), ("дурак", "insult")]


@pytest.mark.parametrize("text", ["a" * 300_000, "a." * 150_000, "a@" * 150_000, "8 7 " * 75_000, "87771234567 " * 25_000], ids=["letters", "dots", "ats", "digits", "telephones"])
def test_a_text_of_any_length_takes_no_longer_than_it_is_long(text: str) -> None:
    began = time.process_time()
    signs.personal(text)
    assert time.process_time() - began < 2
