"""Icons as HTML, each drawn once: a list has some hundred of them. Templates use the macros of ``components/icons.html`` and ``state.html``.

They live in one external sprite, fetched once and cached, and take the colour of the text around them.
"""

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup, escape

#: More than there are kinds, tones and words of states in three languages.
KEPT = 512


def drawings(sprite: str) -> dict[str, Callable[..., Markup]]:
    """Functions for templates. sprite: its address."""

    @lru_cache(maxsize=KEPT)
    def drawn(name: str, label: str | None, classes: str) -> Markup:
        words = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        return Markup(f'<svg class="{escape(classes)}" {words}><use href="{sprite}#{escape(name)}"/></svg>')

    def drawn_rhombus(kind: str, label: str | None = None, tone: str | None = None, large: bool = False) -> Markup:
        return drawn(kind, label, "rhombus" + " rhombus--large" * large + (f" tone-{tone}" if tone else ""))

    def drawn_icon(name: str, label: str | None = None, large: bool = False) -> Markup:
        return drawn(name, label, "icon" + " icon--large" * large)

    @lru_cache(maxsize=KEPT)
    def drawn_state(icon: str, tone: str, word: str) -> Markup:
        return Markup(f'<span class="state tone-{escape(tone)}">{drawn(icon, None, "rhombus")}{escape(word)}</span>')

    return {"drawn_rhombus": drawn_rhombus, "drawn_icon": drawn_icon, "drawn_state": drawn_state}
