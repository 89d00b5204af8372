"""When a pile of complaints suggests itself as a topic: the one place that says it, and what the page states."""

RECENT_DAYS = 30
#: The periods of RECENT_DAYS before the last one, whose average is compared with it.
PERIODS = 3
LEAST_PILE = 10
#: So many in the last 30 days at least: three instead of one are no growth.
LEAST_RECENT = 5
#: Times the average, in tenths: whole numbers compare without rounding.
GROWTH_TENTHS = 15


def growing(pile: int, recent: int, before: int) -> bool:
    """Whether a pile grows. pile: open, or registered in the last 30 days. recent: registered in them. before: in the 90 days before."""
    return pile >= LEAST_PILE and recent >= LEAST_RECENT and recent * PERIODS * 10 >= before * GROWTH_TENTHS


def times(recent: int, before: int) -> float | None:
    """How many times the average of the periods before; None when there was nothing before."""
    return recent * PERIODS / before if before else None
