"""Passwords that are guessed first are refused, without asking anybody: lists of breached passwords, our own words, one's own name.

``zxcvbn`` carries lists of breached passwords and knows keyboards, dates and repetitions. It does not read Cyrillic, so a password is
looked at three times: as typed, as the same keys give on a Latin keyboard (people type ``пароль`` both ways), and transliterated.
"""

import re
from collections.abc import Iterable
from functools import cache

from zxcvbn import zxcvbn

#: Fewer guesses than ten thousand million fall in a day to one graphics card that has stolen our table of argon2 hashes.
GUESSES = 10**10
#: What is beyond it makes no password weaker, and looking at it costs time.
LOOKED_AT = 64

_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё" "әіңғүұқөһ", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`" "234590-=\\")
_SOUNDS = {"щ": "shch", "ж": "zh", "ч": "ch", "ш": "sh", "ю": "yu", "я": "ya", "ё": "yo", "х": "kh", "ц": "ts", "ң": "ng", "ғ": "g", "қ": "q", "ә": "a",
           "ө": "o", "ұ": "u", "ү": "u", "і": "i", "һ": "h", "ъ": "", "ь": ""}
_SOUNDS.update(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))

#: What people here try first, in the letters they type it in.
COMMON = (
    "civic", "shymkent", "шымкент", "чимкент", "chimkent", "astana", "астана", "almaty", "алматы", "nur-sultan", "нұр-сұлтан", "kazakhstan", "қазақстан",
    "казахстан", "qazaqstan", "akimat", "әкімдік", "акимат", "құпиясөз", "құпия", "пароль", "секрет", "қазақ", "казах", "қазақша", "менің", "сәлем", "привет",
    "любовь", "махаббат", "наурыз", "тұран", "қаратау", "абай", "administrator", "администратор", "әкімші", "жұлдыз", "солнце", "алтын", "ordabasy", "ордабасы",
    "kairat", "қайрат", "barys", "барыс", "аян", "аружан", "алихан", "нұрлан", "айгүл", "данияр", "асель", "әсел", "елбасы", "отан", "жеңіс", "победа",
)


def is_guessable(password: str, own: Iterable[str] = ()) -> bool:
    """Whether it is among what is tried first. own: the person's name and address, whose parts count as known to everybody."""
    words = [*_known(), *_parts(own)]
    return any(float(zxcvbn(form, user_inputs=words)["guesses"]) < GUESSES for form in _forms(password[:LOOKED_AT]))


@cache
def _known() -> tuple[str, ...]:
    return tuple({form for word in COMMON for form in _forms(word)})


def _forms(word: str) -> set[str]:
    """As typed, as the same keys, as it sounds; a form that is not Latin at all would only look strange, hence strong."""
    lower = word.lower()
    forms = {word, lower.translate(_KEYS), "".join(_SOUNDS.get(letter, letter) for letter in lower)}
    return {form[:LOOKED_AT] for form in forms if form}


def _parts(own: Iterable[str]) -> set[str]:
    found = {piece for text in own for piece in (text, *re.split(r"[\W_]+", text)) if len(piece) >= 3}
    return {form.lower() for piece in found for form in _forms(piece)}
