"""The log of a room only grows, and a question is never removed."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ONLY_GROWS = "room_step"
NEVER_REMOVED = "question"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, step in _steps():
            op.execute(f"CREATE TRIGGER {table}_no_{step.lower()} BEFORE {step} ON {table} "
                       f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END")
        return
    op.execute(f"CREATE TRIGGER {ONLY_GROWS}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {ONLY_GROWS} EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {NEVER_REMOVED}_only_grows BEFORE DELETE OR TRUNCATE ON {NEVER_REMOVED} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, step in _steps():
            op.execute(f"DROP TRIGGER {table}_no_{step.lower()}")
        return
    for table in (ONLY_GROWS, NEVER_REMOVED):
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")


def _steps() -> list[tuple[str, str]]:
    return [(ONLY_GROWS, "UPDATE"), (ONLY_GROWS, "DELETE"), (NEVER_REMOVED, "DELETE")]
