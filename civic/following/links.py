"""Where following begins: one builder of addresses for every page that offers it."""

from typing import Any
from urllib.parse import urlencode

from civic.web.locale import language


def follow_link(kind: str, city: str, **what: Any) -> str:
    """The page that offers to follow something in a city (its code).

    ``follow_link("district", "shymkent", district=3)``, ``("category", …, category=7)``, ``("body", …, body=2)``,
    ``("street", …, street="Рысқұлов көшесі, 14")``, ``("place", …, lat=42.3, lon=69.6, words="Рысқұлов көшесі, 14")``, and for a
    list its own address parameters: ``("search", …, **form.kept())``. What is None or empty is left out.
    """
    asked = urlencode([("kind", kind), *((name, value) for name, value in what.items() if value not in (None, ""))])
    return f"/{language()}/{city}/follow?{asked}"  # as url_for, but pages that have many of these are asked for often
