"""Where following begins: one builder of addresses for every page that offers it."""

from typing import Any
from urllib.parse import quote_plus

from civic.web.locale import language


def follow_link(kind: str, city: str | None, **what: Any) -> str:
    """The page that offers to follow something in a city (its code), or a list of all cities.

    ``follow_link("district", "shymkent", district=3)``, ``("category", …, category=7)``, ``("body", …, body=2)``,
    ``("street", …, street="Рысқұлов көшесі, 14")``, ``("place", …, lat=42.3, lon=69.6, words="Рысқұлов көшесі, 14")``, and for a
    list its own address parameters: ``("search", …, **form.kept())``. What is None or empty is left out.
    """
    asked = f"kind={kind}"  # written like urlencode does, a page has up to five of these
    for name, value in what.items():
        if value not in (None, ""):
            asked += f"&{name}={value if isinstance(value, int | float) else quote_plus(str(value))}"
    return f"/{language()}{f'/{city}' if city else ''}/follow?{asked}"  # as url_for, but pages that have many of these are asked for often
