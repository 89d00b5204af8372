"""The states of a case and every step between them."""

from enum import StrEnum

from civic.core.transitions import Transition, TransitionTable
from civic.moderation import rules


class State(StrEnum):
    """Where a case stands. LEFT: nothing was hidden. UPHELD: hidden, and the appeal did not change it. RESTORED: back where it was."""

    OPEN = "open"
    LEFT = "left"
    HIDDEN = "hidden"
    APPEALED = "appealed"
    UPHELD = "upheld"
    RESTORED = "restored"


S = State
#: Something is off the public page.
IS_HIDDEN = frozenset({S.HIDDEN, S.APPEALED, S.UPHELD})

TRANSITIONS = TransitionTable((
    Transition("leave", frozenset({S.OPEN}), S.LEFT, rules.may_decide),
    Transition("hide", frozenset({S.OPEN}), S.HIDDEN, rules.may_decide),
    Transition("appeal", frozenset({S.HIDDEN}), S.APPEALED, rules.may_appeal),
    Transition("uphold", frozenset({S.APPEALED}), S.UPHELD, rules.may_resolve),
    Transition("restore", frozenset({S.APPEALED}), S.RESTORED, rules.may_resolve),
))
