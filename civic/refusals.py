"""What the product refuses to start with: secrets that others know, names that send letters' readers astray, a demonstration
that the public could take for the real thing. Each gives a sentence that says what to do."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

SHORTEST_SECRET = 32
#: Fewer different characters than this is something typed again and again, not drawn by lot: 32 random hex digits have 13.9 of 16 on average.
FEWEST_CHARACTERS = 9
#: Words of examples and of people in a hurry; a secret that holds one was not made for this installation.
KNOWN_WORDS = ("secret", "change", "example", "default", "password", "insecure", "development", "testing", "your-", "your_", "qwerty", "0123456789abcdef", "1234567890")
KNOWN_PASSWORDS = frozenset({"", "admin", "changeme", "civic", "example", "password", "pass", "postgres", "qwerty", "root", "secret", "test", "12345", "123456", "12345678"})
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


def weak_secret(secret: str) -> str | None:
    """Why this cannot sign anything, or None."""
    if len(secret) < SHORTEST_SECRET:
        return f"must have at least {SHORTEST_SECRET} characters"
    if any(secret == secret[:length] * (len(secret) // length) + secret[:len(secret) % length] for length in range(1, len(secret) // 2 + 1)):
        return "repeats itself: whoever guesses its beginning has all of it"
    if len(set(secret)) < FEWEST_CHARACTERS:
        return "has too few different characters"
    if any(word in secret.lower() for word in KNOWN_WORDS):
        return "looks like one from an example, which others know"
    return None


def is_local(url: str) -> bool:
    """Whether only this machine can call the address."""
    return (urlsplit(url).hostname or "") in LOOPBACK


def of_public_url(url: str, *, demo: bool) -> str | None:
    """Why PUBLIC_URL cannot be used, or None. In the open only TLS keeps passwords and personal links from being read on the way."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
        return "must be the address of the front page without a path, such as https://civic.example.kz"
    if is_local(url):
        return None
    if parts.scheme == "https" and demo:
        return ("is a public address while CIVIC_DEMO=1: accounts of the demonstration have passwords that others know, and its letters are "
                "shown to everybody. Set CIVIC_DEMO=0, or show the demonstration under another address")
    if parts.scheme == "http" and not demo:
        return "must begin with https:// unless it is an address of this machine"
    return None


def known_passwords(**addresses: str) -> Iterator[str]:
    """Names of the settings whose address holds a password that everybody tries first, on a machine that others can reach."""
    for name, address in addresses.items():
        parts = urlsplit(address)
        if parts.password is not None and not is_local(address) and unquote(parts.password).lower() in KNOWN_PASSWORDS:
            yield name
