"""The audit trail and handovers only grow; an invitation to a post is never removed."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ONLY_GROW = ("audit_entry", "handover")
NEVER_REMOVED = "post_invitation"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, step in _steps():
            op.execute(f"CREATE TRIGGER {table}_no_{step.lower()} BEFORE {step} ON {table} "
                       f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END")
        return
    for table in ONLY_GROW:
        op.execute(f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {NEVER_REMOVED}_only_grows BEFORE DELETE OR TRUNCATE ON {NEVER_REMOVED} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, step in _steps():
            op.execute(f"DROP TRIGGER {table}_no_{step.lower()}")
        return
    for table in (*ONLY_GROW, NEVER_REMOVED):
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")


def _steps() -> list[tuple[str, str]]:
    return [*((table, step) for table in ONLY_GROW for step in ("UPDATE", "DELETE")), (NEVER_REMOVED, "DELETE")]
