"""The trace that the run of a focus group belongs to."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # While this waits for its lock, every request that reads the table waits behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE focus_group ADD traceparent text")


def downgrade() -> None:
    op.execute("ALTER TABLE focus_group DROP traceparent")
