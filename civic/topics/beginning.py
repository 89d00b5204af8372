"""What a discussion of a topic begins with: an agenda in the organiser's language, and an opening text in all languages."""

from typing import Any

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l

from civic.core.text import LANGUAGES, pick
from civic.topics.rules import RECENT_DAYS
from civic.web.locale import LOCALES, local_name

#: What a discussion of a topic goes through: minutes and words.
AGENDA = ((15, _l("What the complaints say")), (20, _l("What was promised, and what came of it")), (45, _l("Questions from the room")),
          (10, _l("Summary: who does what, by when")))


def agenda(body: Any) -> list[dict[str, Any]]:
    """The agenda of a discussion of a topic, in the organiser's language, as the form takes it; the body that answers for the topic is
    asked to tell what was promised."""
    items = [{"minutes": minutes, "title": str(title)} for minutes, title in AGENDA]
    if body is not None:
        items[1]["title"] = gettext("%(item)s: %(body)s", item=items[1]["title"], body=local_name(body.name))
    return items


def opening_words(pile: Any, body: Any) -> dict[str, str]:
    """The text of such a discussion in each language, to go on from: how many complaints there are, and who answers for them."""
    texts = {}
    for code in LANGUAGES:
        with force_locale(LOCALES[code]):
            words = [gettext("%(pile)s public complaints about it are open or new, %(recent)s of them in the last %(days)s days.",
                              pile=pile.pile, recent=pile.recent, days=RECENT_DAYS)] if pile is not None else []
            words += [gettext("%(body)s answers for it.", body=pick(body.name, code))] if body is not None else []
        texts[f"text_{code}"] = " ".join(words)
    return texts
