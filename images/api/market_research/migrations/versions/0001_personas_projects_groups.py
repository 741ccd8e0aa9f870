"""Personas that can be searched by meaning, and projects with their focus groups."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE persona (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    profile jsonb NOT NULL DEFAULT '{}',
    embedding vector(384) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE project (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE focus_group (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id uuid NOT NULL REFERENCES project ON DELETE CASCADE,
    topic text NOT NULL CHECK (length(topic) BETWEEN 1 AND 2000),
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'finished', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX focus_group_project ON focus_group (project_id);
CREATE TABLE participant (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    focus_group_id uuid NOT NULL REFERENCES focus_group ON DELETE CASCADE,
    persona_id uuid NOT NULL REFERENCES persona ON DELETE RESTRICT,
    UNIQUE (focus_group_id, persona_id)
);
CREATE INDEX participant_persona ON participant (persona_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
    # pgvector 0.8.0 may corrupt an HNSW index that several workers build.
    op.execute("SET LOCAL max_parallel_maintenance_workers = 0")
    op.execute("CREATE INDEX persona_embedding ON persona USING hnsw (embedding vector_cosine_ops)")


def downgrade() -> None:
    op.execute("DROP TABLE participant, focus_group, project, persona")
