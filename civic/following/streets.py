"""Which street an address names, however it was typed: «Рысқұлов көшесі, 14», «ул. Рыскулова 14а» and «Рыскулов» are one street."""

import re

from civic.core.text import fold

#: Words that say "street", "avenue", "microdistrict"; Kazakh ones with any ending. Folded, as ``fold`` leaves them.
_TYPE = re.compile(r"(?:коше\w*|мкр|микрорайон\w*|ш/а|дангыл\w*|туиы[кг]\w*|тас\s?жол\w*|ул|улиц\w+|пр|пр-?т|просп|проспект\w*|пер|переул\w+|бул|б-р|бульвар\w*|шоссе|street|st|avenue|ave)")
#: A part of an address that names something wider than a street.
_WIDER = re.compile(r"(?:аудан\w*|район\w*|р-н|кала\w*|город\w*|г|обл\w*|облыс\w*)")
#: Behind these comes the house, or what stands nearby.
_HOUSE = re.compile(r"(?:\d+[а-яa-z]?(?:[/-]\d*[а-яa-z]?)?|дом|д|уи|кв|корп\w*|house)")
#: Russian genitives of the names that streets have: Рыскулова is Рыскулов, Абая is Абай, Тауке хана is Тауке хан.
_GENITIVE = ((re.compile(r"(?<=[оеи][вн])а$"), ""), (re.compile(r"(?<=а)я$"), "и"), (re.compile(r"^хана$"), "хан"))
LONGEST = 60


def street_key(typed: str) -> str:
    """The street that a person named, to compare by; empty when no letter is left.

    Of several parts the one that says "street" is meant, else the one with a house, else the first: «Шымкент, Рыскулова 14».
    """
    found = [(part, names[-1]) for part in _parts(typed) if (names := _names(part))]
    sure = [name for part, name in found if any(_TYPE.fullmatch(word) for word in part)]
    housed = [name for part, name in found if any(_HOUSE.fullmatch(word) for word in part[1:])]
    return next(iter([*sure, *housed, *(name for _, name in found)]), "")[:LONGEST]


def street_keys(address: str) -> set[str]:
    """Every street that an address may name."""
    return {key[:LONGEST] for part in _parts(address) for key in _names(part)}


def _parts(typed: str) -> list[list[str]]:
    """Parts between commas, as words without marks."""
    folded = re.sub(r"шагын аудан\w*", "ш/а", fold(typed))
    words = [re.sub(r"[^\w/\s-]", " ", part).split() for part in re.split(r"[,;\n]", folded)]
    return [part for part in words if part]


def _names(words: list[str]) -> list[str]:
    """What a part may call its street: one name where a type or a number bounds it, else its first words."""
    if any(_WIDER.fullmatch(word) for word in words):
        return []
    kinds = [i for i, word in enumerate(words) if _TYPE.fullmatch(word)]
    bounded = False
    if kinds and kinds[0] > 0:  # «Рысқұлов көшесі …»
        words, bounded = words[:kinds[0]], True
    elif kinds:  # «улица Рыскулова …»
        words = words[1:]
    house = next((i for i, word in enumerate(words) if _HOUSE.fullmatch(word) and (i > 0 or len(words) == 1)), None)
    if house is not None:
        words, bounded = words[:house], True
    name = [_plain(word) for word in words]
    if not any(any(c.isalpha() for c in word) for word in name):
        return []
    return [" ".join(name)] if bounded else [" ".join(name[:n]) for n in range(1, min(3, len(name)) + 1)]


def _plain(word: str) -> str:
    word = re.sub(r"[ьъ]", "", word).replace("-", " ").replace("й", "и")
    for ending, instead in _GENITIVE:
        word = ending.sub(instead, word)
    return word
