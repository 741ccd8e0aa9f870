"""The labels of the graph: what PostgreSQL says should be there, and what Neo4j says is.

Both sides come in the order of ids, with the other ends of the relationships that belong to the node. PostgreSQL says
too whether a row's focus group is settled: written, and not about to be.
"""

from dataclasses import dataclass
from typing import LiteralString

UNSETTLED = """
SELECT 'to write', id::text FROM focus_group WHERE state = 'finished' AND graph_at IS NULL
UNION ALL SELECT 'to erase', focus_group_id::text FROM graph_erasure
"""
WRITTEN = """
WITH written AS (
    SELECT id, project_id, graph_at IS NOT NULL AND graph_erasure.focus_group_id IS NULL AS settled
    FROM focus_group LEFT JOIN graph_erasure ON graph_erasure.focus_group_id = id WHERE state = 'finished'
)
"""


@dataclass(frozen=True)
class Label:
    """A label: `rows` are id, whether it is settled, and ends; `groups` are the focus groups that a node belongs to.

    Ids come after `before_all`. They are `private` where they are words that somebody said.
    """

    name: str
    rows: LiteralString
    ends: LiteralString
    groups: LiteralString
    before_all: str | int = ""
    private: bool = False


LABELS = (
    Label(
        "Project",
        "SELECT project_id::text, bool_or(settled), ARRAY[]::text[] FROM written"
        " GROUP BY project_id ORDER BY project_id",
        ends="[]",
        groups="[(node)<-[:OF]-(group) | group.id]",
    ),
    Label(
        "FocusGroup",
        "SELECT id::text, settled, ARRAY['OF ' || project_id] FROM written ORDER BY id",
        ends="[(node)-[:OF]->(project) | 'OF ' + project.id]",
        groups="[node.id]",
    ),
    Label(
        "Participant",
        "SELECT participant.id::text, settled, ARRAY['IN ' || focus_group_id] FROM participant"
        " JOIN written ON written.id = focus_group_id ORDER BY participant.id",
        ends="[(node)-[:IN]->(group) | 'IN ' + group.id]",
        groups="[(node)-[:IN]->(group) | group.id]",
    ),
    Label(
        "Answer",
        "SELECT answer.id, settled, 'GAVE ' || participant_id || ARRAY("
        " SELECT DISTINCT 'MENTIONS ' || (mention->>'theme') FROM jsonb_array_elements(themes) AS mention"
        ") FROM answer JOIN written ON written.id = focus_group_id ORDER BY answer.id",
        ends="[(node)<-[:GAVE]-(one) | 'GAVE ' + one.id] + [(node)-[:MENTIONS]->(theme) | 'MENTIONS ' + theme.id]",
        groups="[(node)<-[:GAVE]-()-[:IN]->(group) | group.id]",
        before_all=-1,
    ),
    Label(
        "Theme",
        "SELECT mention->>'theme' COLLATE \"C\" AS theme, bool_or(settled), ARRAY[]::text[]"
        " FROM answer JOIN written ON written.id = focus_group_id, jsonb_array_elements(themes) AS mention"
        " GROUP BY theme ORDER BY theme",
        ends="[]",
        groups="[(node)<-[:MENTIONS]-()<-[:GAVE]-()-[:IN]->(group) | group.id]",
        private=True,
    ),
)
