"""The history of promises only grows; a promise is never removed. Words and links of a step change only together with their mark.

As in a complaint's history, ``promise_step.hidden`` says that a moderator took them off the page, or put them back.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HISTORY = "promise_step"
NEVER_REMOVED = "promise"
#: Every column of the history but words, links and their mark.
FIXED = "id, promise_id, kind, at, role, user_id, contact_id, from_state, to_state, language, facts"
WORDS = f"{HISTORY}_words"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, step, table in _steps():
            op.execute(f"CREATE TRIGGER {name} BEFORE {step} BEGIN SELECT RAISE(ABORT, '{table} only grows'); END")
        return
    op.execute(f"CREATE TRIGGER {HISTORY}_only_grows BEFORE UPDATE OF {FIXED} OR DELETE OR TRUNCATE ON {HISTORY} EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {WORDS} BEFORE UPDATE OF text, links ON {HISTORY} FOR EACH ROW "
               "WHEN (NEW.hidden::text IS NOT DISTINCT FROM OLD.hidden::text) EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {NEVER_REMOVED}_only_grows BEFORE DELETE OR TRUNCATE ON {NEVER_REMOVED} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, _, _ in _steps():
            op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {WORDS} ON {HISTORY}")
    for table in (HISTORY, NEVER_REMOVED):
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")


def _steps() -> list[tuple[str, str, str]]:
    """Name of a trigger, what it refuses, and of which table."""
    return [(f"{HISTORY}_no_update", f"UPDATE OF {FIXED} ON {HISTORY}", HISTORY), (f"{HISTORY}_no_delete", f"DELETE ON {HISTORY}", HISTORY),
            (WORDS, f"UPDATE OF text, links ON {HISTORY} WHEN NEW.hidden IS OLD.hidden", HISTORY),
            (f"{NEVER_REMOVED}_no_delete", f"DELETE ON {NEVER_REMOVED}", NEVER_REMOVED)]
