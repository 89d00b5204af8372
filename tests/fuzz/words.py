"""What is sent: nonsense that has broken programs elsewhere, and what hypothesis makes up."""

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

QUIET = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))

HOSTILE = [
    "", " ", "0", "-1", "1", "2", "01", "1.0", "1e309", "NaN", "-inf", "9" * 20, str(2**31), str(2**63), "0x10", "１２", "٣", "²", "½", "true", "null", "[]", "{}", "None", "on", "y", "all",
    "' OR 1=1--", "\"; DROP TABLE complaint;--", "%", "%%", "%s", "%(x)s", "_", "\\", "\\'", "*", "?", "(", "[a-", "a" * 300, "a" * 20_000, "я" * 5_000, "\x00", "a\x00b", "\x1b[31m", "\u202e\u2066abc", "\u200b", "\ufeff", "\ufffe",
    "\U0001f468\u200d\U0001f469", "e\u0301" * 50, "İıſK", "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "../../etc/passwd", "..\\..\\", "file:///etc/passwd", "//evil.example", "javascript:alert(1)", "http://[::1", "http://x:99999999/",
    "\r\nSet-Cookie: a=b", "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026-04-24", "0001-01-01", "2026-W01", "24:00", "18:30", "99:99", "2026-13", "2026-05", "25/01/2026", "69.58,42.31,69.6,42.4", "-999,-999,999,999",
    "nan,nan,nan,nan", "1,2,3", "42.3155", "69.5869", "91", "181", "1_000", "1,5", "a@b", "a@x.kz", "a@" + "b" * 300 + ".kz", "\"a b\"@x.kz", "a@xn--.kz", "SHY-1111-111", "kk", "shymkent", "almaty", "debate", "complaint", "at_once", "new", "supported",
    "open", "overdue", "answered", "explained", "solved", "month", "quarter", "csv", "id", "1_1", "_", "1_", "_1", "99999999999999999999_1", "0_0", "-1_-1", "1.5_1", "a" * 64, "д" * 256,
]
#: Parameters and fields that pages know, and some that frameworks know.
NAMES = ["q", "state", "category", "district", "body", "direction", "since", "until", "photo", "supported", "sort", "after", "before", "number", "kind", "key", "period", "from", "to", "table", "box", "zoom", "at", "format", "open",
         "template", "city", "ticket", "entry", "last", "words", "street", "lat", "lon", "radius_m", "both", "next", "page", "per_page", "language", "online", "free", "v", "once", "lang", "_method", "_external", "_anchor", "category_id", "text"]
#: What takes the square of its length where somebody was not careful.
LONG = ["a" * 100_000, "a" + " " * 100_000 + "a", "1" * 100_000, "a." * 50_000, "a@" * 50_000, "8 7 " * 25_000, "\n" * 100_000, "<" * 100_000, "Су жоқ 87771234567 https://x.kz дурак " * 2_500]
#: Headers that something here reads, each with a value that it understands.
HEADERS = {"Accept-Language": "ru;q=0.x, kk, *;q=-1", "If-None-Match": 'W/"x", *', "If-Modified-Since": "Thu, 32 Jan 2026 99:00:00 GMT", "Range": "bytes=5-1,-9999999999999999999", "Accept": "application/json",
           "X-Forwarded-For": "1.2.3.4, unknown", "Content-Type": "multipart/form-data; boundary=", "Cookie": "session=.eJx; device=x.y; room_device=" + "a" * 32, "User-Agent": "Mozilla/5.0 (iPhone)", "Referer": "http://[::1"}


def values(known: list[str]) -> st.SearchStrategy[str]:
    """A value: hostile, true, made up, or several glued together."""
    made = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
    return st.one_of(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE), st.sampled_from(known or HOSTILE), made, st.tuples(st.sampled_from(HOSTILE), made).map("".join))


def picks(known: list[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Parameters of an address, some of them several times."""
    return st.dictionaries(st.sampled_from(NAMES), st.lists(values(known), min_size=1, max_size=2), max_size=4)


def damage() -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """What is done to a file, step by step: (how, where, with what), the place as a share of 2**16."""
    where = st.integers(0, 65535)
    step: Any = st.tuples(st.sampled_from(["flip", "flip", "set", "cut", "insert", "double", "zero", "ones", "number"]), where, st.integers(0, 2**31 - 1))
    return st.lists(step, min_size=1, max_size=8)


def damaged(data: bytes, steps: list[tuple[str, int, int]]) -> bytes:
    """The file after ``steps``."""
    found = bytearray(data)
    for how, where, what in steps:
        at = where * max(1, len(found) - 1) >> 16
        if how == "flip" and found:
            found[at] ^= 1 << what % 8
        elif how == "set" and found:
            found[at] = what % 256
        elif how == "cut":
            del found[at:at + (what % 4096 if what % 3 else len(found))]
        elif how == "insert":
            found[at:at] = what.to_bytes(4, "big") * (what % 9)
        elif how == "double":
            found[at:at] = found[at:at + what % 2048]
        elif how in ("zero", "ones"):
            size = min(what % 64, len(found) - at)
            found[at:at + size] = (b"\x00" if how == "zero" else b"\xff") * max(0, size)
        elif how == "number" and len(found) > at + 4:
            found[at:at + 4] = what.to_bytes(4, "big")
    return bytes(found)
