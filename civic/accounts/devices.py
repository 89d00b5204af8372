"""A browser and a system in words, from what the browser says of itself. Families only: versions would tell people apart."""

#: In this order, since browsers name their ancestors too.
_BROWSERS = (("YaBrowser", "Yandex Browser"), ("EdgA", "Edge"), ("EdgiOS", "Edge"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
             ("MiuiBrowser", "Mi Browser"), ("UCBrowser", "UC Browser"), ("FxiOS", "Firefox"), ("Firefox", "Firefox"), ("CriOS", "Chrome"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"))


def browser_of(agent: str) -> str:
    """Such as ``Firefox``; empty when unknown."""
    return next((name for mark, name in _BROWSERS if mark in agent), "")


def system_of(agent: str) -> str:
    """Such as ``Android``; empty when unknown."""
    return next((name for mark, name in _SYSTEMS if mark in agent), "")
