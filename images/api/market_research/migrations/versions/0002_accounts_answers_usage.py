"""Accounts, stimulus material, answers of focus groups, and the tokens that they cost."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE account (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text NOT NULL,
    password text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE invitation (
    token_hash bytea PRIMARY KEY,
    email text,
    expires_at timestamptz NOT NULL
);
CREATE TABLE stimulus (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stimulus_project ON stimulus (project_id);

ALTER TABLE persona ADD embedder text NOT NULL DEFAULT '';
CREATE INDEX persona_newest ON persona (created_at DESC, id);
ALTER TABLE focus_group
    ADD questions text[] NOT NULL DEFAULT '{}',
    ADD stimulus_id uuid REFERENCES stimulus ON DELETE RESTRICT,
    ADD error text,
    ADD due_at timestamptz NOT NULL DEFAULT now(),
    ADD graph_at timestamptz;
CREATE INDEX project_newest ON project (created_at DESC, id);
CREATE INDEX focus_group_stimulus ON focus_group (stimulus_id);
CREATE INDEX focus_group_work ON focus_group (due_at)
    WHERE state = 'running' OR (state = 'finished' AND graph_at IS NULL);

CREATE TABLE answer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    focus_group_id uuid NOT NULL REFERENCES focus_group ON DELETE CASCADE,
    participant_id uuid NOT NULL REFERENCES participant ON DELETE CASCADE,
    question integer NOT NULL,
    text text NOT NULL,
    themes jsonb NOT NULL,
    cached boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (participant_id, question)
);
CREATE INDEX answer_focus_group ON answer (focus_group_id, id);
-- No foreign key: what a project took stays counted when the project is gone.
CREATE TABLE token_usage (
    day date NOT NULL DEFAULT current_date,
    project_id uuid,
    model text NOT NULL,
    calls bigint NOT NULL,
    cached bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (day, project_id, model)
);

-- What is still to be taken out of the graph: written in the transaction that deletes, whatever deletes.
CREATE TABLE graph_erasure (focus_group_id uuid PRIMARY KEY);
CREATE FUNCTION remember_graph_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO graph_erasure VALUES (OLD.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER focus_group_leaves_the_graph AFTER DELETE ON focus_group
    FOR EACH ROW EXECUTE FUNCTION remember_graph_erasure();
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TRIGGER focus_group_leaves_the_graph ON focus_group")
    op.execute("DROP FUNCTION remember_graph_erasure")
    op.execute("DROP TABLE graph_erasure, token_usage, answer")
    op.execute("ALTER TABLE focus_group DROP questions, DROP stimulus_id, DROP error, DROP due_at, DROP graph_at")
    op.execute("ALTER TABLE persona DROP embedder")
    op.execute("DROP INDEX persona_newest, project_newest")
    op.execute("DROP TABLE stimulus, invitation, account")
