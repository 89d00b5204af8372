"""Consent is never changed afterwards: the database refuses it. It goes only with an account that nobody ever confirmed."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FIXED = "consent"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {FIXED}_no_update BEFORE UPDATE ON {FIXED} BEGIN SELECT RAISE(ABORT, '{FIXED} only grows'); END")
        return
    op.execute(f"CREATE TRIGGER {FIXED}_only_grows BEFORE UPDATE ON {FIXED} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {FIXED}_no_update")
        return
    op.execute(f"DROP TRIGGER {FIXED}_only_grows ON {FIXED}")
