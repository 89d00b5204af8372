"""The history of invitations and requests to strike a speaker only grow; an invitation is never removed. Their words change only together
with their mark: ``hidden`` says that a moderator took them off the page, or put them back.

The reason and the delegate of an invitation itself are those of its last answer, and change with it.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: By table the columns that never change.
ONLY_GROW = {
    "invitation_event": "id, invitation_id, kind, at, role, user_id, contact_id, from_state, to_state, language",
    "strike_request": "id, event_id, requested_on, body_id, language, struck, user_id, at",
}
#: By table the columns that change with their mark alone.
WORDS = {"invitation_event": "text, facts", "strike_request": "requested_by, whom, text", "invitation": "words, official_name, official_post"}
NEVER_REMOVED = "invitation"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, step, table in _steps():
            op.execute(f"CREATE TRIGGER {name} BEFORE {step} BEGIN SELECT RAISE(ABORT, '{table} only grows'); END")
        return
    for table, fixed in ONLY_GROW.items():
        op.execute(f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OF {fixed} OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {NEVER_REMOVED}_only_grows BEFORE DELETE OR TRUNCATE ON {NEVER_REMOVED} EXECUTE FUNCTION refuse_change()")
    for table, words in WORDS.items():
        op.execute(f"CREATE TRIGGER {table}_words BEFORE UPDATE OF {words} ON {table} FOR EACH ROW "
                   "WHEN (NEW.hidden::text IS NOT DISTINCT FROM OLD.hidden::text) EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, _, _ in _steps():
            op.execute(f"DROP TRIGGER {name}")
        return
    for table in WORDS:
        op.execute(f"DROP TRIGGER {table}_words ON {table}")
    for table in (*ONLY_GROW, NEVER_REMOVED):
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")


def _steps() -> list[tuple[str, str, str]]:
    """Name of a trigger, what it refuses, and of which table."""
    return [*((f"{table}_no_update", f"UPDATE OF {fixed} ON {table}", table) for table, fixed in ONLY_GROW.items()),
            *((f"{table}_no_delete", f"DELETE ON {table}", table) for table in (*ONLY_GROW, NEVER_REMOVED)),
            *((f"{table}_words", f"UPDATE OF {words} ON {table} WHEN NEW.hidden IS OLD.hidden", table) for table, words in WORDS.items())]
