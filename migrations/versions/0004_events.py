"""The history of events only grows, too. Its words, and public recommendations with their answers, change only together with their mark.

As in a complaint's history, ``hidden`` says that a moderator took them off the page, or put them back.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "event_step"
#: Every column of the history but the words and their mark.
FIXED = "id, event_id, kind, at, role, user_id, from_state, to_state, language, facts, public"
WORDS = f"{TABLE}_words"
ADVICE = "recommendation"
ADVICE_WORDS = f"{ADVICE}_words"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, step in _steps():
            op.execute(f"CREATE TRIGGER {name} BEFORE {step} BEGIN SELECT RAISE(ABORT, '{name.partition('_no_')[0]} only grows'); END")
        return
    op.execute(f"CREATE TRIGGER {TABLE}_only_grows BEFORE UPDATE OF {FIXED} OR DELETE OR TRUNCATE ON {TABLE} EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {WORDS} BEFORE UPDATE OF text ON {TABLE} FOR EACH ROW "
               "WHEN (NEW.hidden::text IS NOT DISTINCT FROM OLD.hidden::text) EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {ADVICE_WORDS} BEFORE UPDATE OF text, answer ON {ADVICE} FOR EACH ROW "
               "WHEN (NEW.hidden::text IS NOT DISTINCT FROM OLD.hidden::text "
               "AND (NEW.text <> OLD.text OR OLD.answered_at IS NOT NULL)) EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, _ in _steps():
            op.execute(f"DROP TRIGGER {name}")
        return
    for name, table in ((ADVICE_WORDS, ADVICE), (WORDS, TABLE), (f"{TABLE}_only_grows", TABLE)):
        op.execute(f"DROP TRIGGER {name} ON {table}")


def _steps() -> list[tuple[str, str]]:
    """Name of a trigger, and what it refuses."""
    public = f"UPDATE OF text, answer ON {ADVICE} WHEN NEW.hidden IS OLD.hidden AND (NEW.text <> OLD.text OR OLD.answered_at IS NOT NULL)"
    return [(f"{TABLE}_no_update", f"UPDATE OF {FIXED} ON {TABLE}"), (f"{TABLE}_no_delete", f"DELETE ON {TABLE}"),
            (WORDS, f"UPDATE OF text ON {TABLE} WHEN NEW.hidden IS OLD.hidden"), (ADVICE_WORDS, public)]
