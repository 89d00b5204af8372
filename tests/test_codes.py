"""Numbers: what is read back, and what is recognised as a slip."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.core.codes import ALPHABET, new_number, read_number, row_id

PREFIXES = ("SHY", "AST", "ALA")
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@given(st.sampled_from(PREFIXES))
def test_a_new_number_reads_back(prefix: str) -> None:
    number = new_number(prefix)
    assert [len(part) for part in number.split("-")] == [3, 4, 3]
    assert (number[:3], read_number(number)) == (prefix, number)


def test_new_numbers_do_not_repeat_and_use_the_whole_alphabet() -> None:
    numbers = {new_number("SHY") for _ in range(2000)}
    assert len(numbers) == 2000
    assert set("".join(n[4:-1] for n in numbers)) - {"-"} == set(ALPHABET)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_single_wrong_symbol_is_recognised(prefix: str) -> None:
    number = new_number(prefix)
    missed = [
        (place, other) for place, symbol in enumerate(number) if symbol != "-"
        for other in (CAPITALS if place < 3 else ALPHABET) if other != symbol
        and read_number(number[:place] + other + number[place + 1:]) is not None
    ]
    assert missed == []


def _swaps(number: str) -> list[str]:
    places = [i for i, symbol in enumerate(number) if symbol != "-"]
    swapped = []
    for i, j in combinations(places, 2):
        symbols = list(number)
        symbols[i], symbols[j] = symbols[j], symbols[i]
        if symbols[i] != symbols[j]:
            swapped.append("".join(symbols))
    return swapped


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_swap_of_two_symbols_is_recognised(prefix: str) -> None:
    missed = [(number, swapped) for number in (new_number(prefix) for _ in range(300))
              for swapped in _swaps(number) if read_number(swapped) is not None]
    assert missed == []


@pytest.mark.parametrize("number", ["SHY-4K7M-2XN", "AST-9999-99Q", "ALA-1111-11G"])
def test_numbers_given_out_before_stay_good(number: str) -> None:
    assert read_number(number) == number


@pytest.fixture(scope="module")
def number() -> str:
    """A number with a 1 in it and with letters that Cyrillic has too."""
    return next(n for n in iter(lambda: new_number("SHY"), None) if "1" in n and set(n[4:]) & set("ABCEHKMPTXY"))


_CYRILLIC = str.maketrans("ABCEHKMPTXY", "АВСЕНКМРТХУ")


@pytest.mark.parametrize("change", [
    str.lower, lambda n: n.replace("-", ""), lambda n: n.replace("-", " "), lambda n: f"  {n}\n", lambda n: f"№ {n}", lambda n: f"#{n}",
    lambda n: n.replace("-", "–"), lambda n: n.replace("-", "—"), lambda n: n.replace("-", "\u2011"), lambda n: n.replace("-", "\u2010"),
    lambda n: n.replace("-", "\u2212"), lambda n: n.replace("-", "\u00ad"), lambda n: n.replace("-", "\u00a0"), lambda n: n.replace("-", "_"),
    lambda n: "\u200e" + n + "\u200b", lambda n: "\ufeff" + n, lambda n: " ".join(n), lambda n: n.translate(_CYRILLIC),
    lambda n: n.lower().translate(str.maketrans("acekmhpxy", "асекмнрху")), lambda n: n.replace("1", "I"), lambda n: n.replace("1", "l"),
    lambda n: n.replace("1", "і"), lambda n: n.replace("1", "І"),
], ids=range(23))
def test_what_people_and_telephones_make_of_a_number_is_read(change, number: str) -> None:  # type: ignore[no-untyped-def]
    assert read_number(change(number)) == number


@pytest.mark.parametrize("typed", [
    "", " ", "-", "SHY", "SHY-4K7M", "0" * 10, "SHY-0000-000", "SHY-OOOO-OOO", "SHY-UUUU-UUU", "123-4567-891", "ШЫМ-4567-891",
    "SHY-\x00\x00\x00\x00-\x00\x00\x00", "𝕊ℍ𝕐-1111-111", "١٢٣٤٥٦٧٨٩٠", "ſſſ1111111", "ßßßßßßßßßß", "A" * 100_000, "'; DROP TABLE complaint; --",
])
def test_what_cannot_be_a_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


@given(st.text(max_size=20))
def test_anything_typed_is_a_number_that_reads_as_itself_or_none(typed: str) -> None:
    read = read_number(typed)
    assert read is None or read_number(read) == read


def test_longer_and_shorter_numbers_are_recognised(number: str) -> None:
    assert [read_number(x) for x in (number[:-1], number[1:], number + "1", "1" + number, number + number)] == [None] * 5


@pytest.mark.parametrize(("sent", "read"), [
    ("1", 1), (7, 7), ("2147483647", 2**31 - 1), ("2147483648", None), ("0", None), ("-1", None), ("", None), (None, None), ("²", None),
    ("٣", None), ("9" * 30, None), ("1_0", None), (" 1", None), ("1.0", None), (True, None),
])
def test_an_id_is_ascii_digits_that_a_row_can_have(sent: object, read: int | None) -> None:
    assert row_id(sent) == read
