"""The history of moderation only grows. In a complaint's history the words of a step can be taken out, and nothing else changed.

The words of a step (``complaint_event.text``) change only together with the mark that says so (``hidden``): hidden by a
moderator, put back, or personal data removed by their author.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ONLY_GROW = "moderation_act"
NEVER_REMOVED = ("moderation_case", "moderation_flag")
#: Every column of a complaint's history but its words and their mark.
FIXED = ("id, complaint_id, kind, at, role, user_id, body_id, from_state, to_state, from_body_id, to_body_id, due_before, due_after, "
         "language, facts, public")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _upgrade_sqlite()
        return
    op.execute("DROP TRIGGER complaint_event_only_grows ON complaint_event")
    op.execute(f"CREATE TRIGGER complaint_event_only_grows BEFORE UPDATE OF {FIXED} OR DELETE OR TRUNCATE ON complaint_event "
               "EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER complaint_event_words BEFORE UPDATE OF text ON complaint_event FOR EACH ROW "
               "WHEN (NEW.hidden::text IS NOT DISTINCT FROM OLD.hidden::text) EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {ONLY_GROW}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {ONLY_GROW} EXECUTE FUNCTION refuse_change()")
    for table in NEVER_REMOVED:
        op.execute(f"CREATE TRIGGER {table}_only_grows BEFORE DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")


def _upgrade_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
    op.execute("DROP TRIGGER complaint_event_no_update")
    op.execute(f"CREATE TRIGGER complaint_event_no_update BEFORE UPDATE OF {FIXED} ON complaint_event {refuse.format(table='complaint_event')}")
    op.execute("CREATE TRIGGER complaint_event_words BEFORE UPDATE OF text ON complaint_event WHEN NEW.hidden IS OLD.hidden "
               + refuse.format(table="complaint_event"))
    for table, step in _steps():
        op.execute(f"CREATE TRIGGER {table}_no_{step.lower()} BEFORE {step} ON {table} {refuse.format(table=table)}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, step in _steps():
            op.execute(f"DROP TRIGGER {table}_no_{step.lower()}")
        op.execute("DROP TRIGGER complaint_event_words")
        op.execute("DROP TRIGGER complaint_event_no_update")
        op.execute("CREATE TRIGGER complaint_event_no_update BEFORE UPDATE ON complaint_event "
                   "BEGIN SELECT RAISE(ABORT, 'complaint_event only grows'); END")
        return
    for table in (ONLY_GROW, *NEVER_REMOVED, "complaint_event"):
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
    op.execute("DROP TRIGGER complaint_event_words ON complaint_event")
    op.execute("CREATE TRIGGER complaint_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON complaint_event EXECUTE FUNCTION refuse_change()")


def _steps() -> list[tuple[str, str]]:
    return [(ONLY_GROW, "UPDATE"), *((table, "DELETE") for table in (ONLY_GROW, *NEVER_REMOVED))]
