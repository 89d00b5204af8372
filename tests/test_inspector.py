"""The inspector of pages finds what it is there to find, also after it has seen many good pages: then it reads quickly, see ``support/markup.py``."""

import pytest

from tests.support import markup
from tests.support.inspector import inspect_page, parse

PAGE = """<!doctype html>
<html lang="kk">
<head><meta charset="utf-8"><title>Шағымдар &amp; жауаптар</title><link rel="stylesheet" href="/static/app.css"></head>
<body>
<header><nav aria-label="Бөлімдер"><ul><li><a href="/kk/">Басты бет</a></li><li><a href="/kk/map">Карта</a></li></ul></nav></header>
<main>
<h1>Шағымдар &amp; жауаптар</h1>
<p>Аулада <b>жарық</b> жоқ.</p>
<form action="/kk/find" method="get"><label for="q">Іздеу</label><input id="q" name="q" required><textarea id="t" name="t" aria-label="Мәтін">
Екі &lt;жол&gt;
мұнда</textarea><select name="s" aria-label="Күйі"><option value="1" selected>Ашық</option><option value="2">Жабық</option></select>
<button type="submit"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><use href="#find"/></svg>Іздеу</button></form>
<table><caption>Сандар</caption><thead><tr><th scope="col">Ай</th><th scope="col">Саны</th></tr></thead>
<tbody><tr><td>Мамыр</td><td>4</td></tr><tr><td>Маусым</td><td>2</td></tr></tbody></table>
<img src="/a.jpg" alt="">
</main>
<footer><p>Шымкент</p></footer>
</body>
</html>
"""

#: What is put in place of what: each makes the page wrong.
BROKEN = [
    ("</b>", ""), ("<p>Аулада", "Аулада"), ("<p>Аулада", "<p><div>Аулада</div>"), ("<b>жарық</b>", "<b>жарық</p></b>"),
    ("<li><a href=\"/kk/map\">Карта</a></li>", "<li><a href=\"/kk/map\">Карта</li></a>"), ("<a href=\"/kk/\">Басты бет</a>", "<a href=\"/kk/\"><a href=\"/\">Басты</a></a>"),
    ("<button type=\"submit\">", "<button type=\"submit\"><button type=\"submit\">x</button>"), ("</form>", "<form action=\"/x\"></form></form>"), ("<tr><td>Маусым", "<td>x</td><tr><td>Маусым"),
    ("<caption>", "<p>x</p><caption>"), ("<table>", "<table>сөз"), ("</table>", ""), ("<footer>", "</section><footer>"), ("name=\"q\" required", "name=\"q\" name=\"r\""),
    ("<img src=\"/a.jpg\" alt=\"\">", "<img src=\"/a.jpg\" alt=\"\"></img>"), ("<p>Шымкент</p>", "<p/>"), ("Шымкент", "Шым&кент;"), ("Шымкент", "Шым&#x0;кент"), ("Шымкент", "5 < 6 & x"),
    ("href=\"/kk/map\"", "href=\"/kk/map"), ("href=\"/kk/map\"", "href=\"/kk\"map"), ("<!doctype html>\n", ""), ("<p>Шымкент</p>", "<ul><p>x</p></ul></p>"),
    ("<option value=\"2\">", "<option value=\"2\"><p>x</p>"), ("</title>", "</title><p>x</p>"), ("</body>", "</body><p>x</p>"), ("<main>", "<main><body>"), ("</textarea>", "</textara>"),
    ("<b>жарық</b>", "<b><i>жарық</b></i>"), ("</svg>", ""), ("Шымкент", "<!-- -- --!>"), ("Шымкент", "Шым\x01кент"),
]
#: Valid HTML that the product does not want.
UNWANTED = [
    ("<h1>", "<h1>Тағы</h1><h1>"), ("<p>Шымкент</p>", "<h1>x</h1>"), ("lang=\"kk\"", "lang=\"ru\""), ("<p>Шымкент</p>", "<p id=\"q\">x</p>"), (" aria-label=\"Мәтін\"", ""),
    ("for=\"q\"", "for=\"w\""), ("<p>Шымкент</p>", "<p style=\"x\">x</p>"), ("<p>Шымкент</p>", "<p onclick=\"x\">x</p>"), ("<p>Шымкент</p>", "<script>x</script>"),
    (" alt=\"\"", ""), (" action=\"/kk/find\"", ""), ("Карта", ""), ("Шағымдар &amp; жауаптар</title>", "Басқа</title>"), ("id=\"q\"", "id=\"q\" aria-describedby=\"none\""),
]


def changed(old: str, new: str) -> str:
    assert PAGE.count(old) >= 1
    return PAGE.replace(old, new, 1)


@pytest.mark.parametrize(("old", "new"), BROKEN + UNWANTED)
def test_a_wrong_page_is_found_after_the_good_one(old: str, new: str) -> None:
    for _ in range(2):
        inspect_page(PAGE, "/kk/")
    with pytest.raises(AssertionError):
        inspect_page(changed(old, new), "/kk/")
    inspect_page(PAGE, "/kk/")


@pytest.mark.parametrize("page", [PAGE, changed("<ul>", "<ul><!-- x -->"), changed("</li><li>", "<li>"), changed("id=\"q\"", "id=q"), changed("<tbody>", ""), changed("</tbody>", ""),
                                  changed("<p>Шымкент</p>", "<p>Шымкент<p>Тараз"), PAGE.replace("\n", "\r\n")])
def test_what_is_read_quickly_is_what_html5lib_reads(page: str) -> None:
    judged = markup._outline(markup._judge(page, fragment=False))
    assert markup._outline(parse(page)) == judged == markup._outline(parse(page))


def test_a_page_of_known_parts_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    inspect_page(PAGE, "/kk/")
    monkeypatch.setattr(markup, "_judge", None)
    inspect_page(PAGE.replace("<tr><td>Мамыр", "<tr><td>Сәуір</td><td>1</td></tr><tr><td>Мамыр").replace("Екі", "Үш"), "/kk/")
    with pytest.raises(TypeError):
        inspect_page(changed("<b>жарық</b>", "<i>жарық</i>"), "/kk/")
