"""How Alembic reaches the database: as the owner of its tables, one migration at a time on all hosts."""

import psycopg
from alembic import context
from market_research.schema import exclusively, let_api_work, login
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool


def migrate() -> None:
    """Bring the schema to the wanted revision; errors are psycopg's and Alembic's own."""
    options = login()
    applied: list[str] = context.config.attributes.get("applied", [])
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(**options), poolclass=NullPool)
    with exclusively(options) as alone, engine.connect() as connection:
        context.configure(
            connection=connection,
            transaction_per_migration=True,
            on_version_apply=lambda *, step, **_: applied.append(step.up_revision_id),
        )
        with context.begin_transaction():
            context.run_migrations()
        let_api_work(alone)


if context.is_offline_mode():
    context.configure(url="postgresql+psycopg://", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    migrate()
