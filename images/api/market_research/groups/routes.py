"""Focus groups: planned, run, followed, analysed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Query, Request, status
from fastapi.responses import StreamingResponse
from psycopg import AsyncConnection

from market_research import failures
from market_research.access import MEMBERS_ONLY, Database, Member, TheStores, problems
from market_research.groups import analysis, bulletin, group, stream
from market_research.groups.analysis import Analysis
from market_research.groups.group import Group, GroupSummary
from market_research.health import Doctor
from market_research.telemetry import tracing

router = APIRouter(prefix="/api/focus-groups", tags=["focus groups"], responses=MEMBERS_ONLY)

LARGEST_ID = 2**63 - 1
NOT_FOUND = problems(_404="no such focus group")
NOT_YET = "not finished yet, or not in the graph yet: then Retry-After says when to ask again"


@router.get("/{group_id}", responses=NOT_FOUND)
async def show(_: Member, group_id: UUID, database: Database) -> Group:
    """A focus group with people, material and answers."""
    return await _found(database, group_id)


@router.post("/{group_id}/run", status_code=202, responses=NOT_FOUND | problems(_409="finished already"))
async def run(_: Member, group_id: UUID, database: Database) -> GroupSummary:
    """Let a focus group run in the background; a failed one goes on where it stopped."""
    await group.start(database, group_id, tracing.traceparent())
    await bulletin.announce(database, group_id)
    await bulletin.call_for_work(database)
    summary = await group.summary(database, group_id)
    if summary is None:
        raise _no_such_group()
    if summary.state == "finished":
        raise HTTPException(status.HTTP_409_CONFLICT, "This focus group is finished; make another one.")
    return summary


@router.get(
    "/{group_id}/events",
    response_class=StreamingResponse,
    responses=NOT_FOUND | {200: {"content": {"text/event-stream": {}}, "description": "events `answer` and `state`"}},
)
async def follow(
    _: Member,
    group_id: UUID,
    request: Request,
    stores: TheStores,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    last_event_id: Annotated[str, Header(max_length=19, pattern=r"^\d*$")] = "",
) -> StreamingResponse:
    """Answers and changes of state as server-sent events, until a final state."""
    async with stores.postgres.connection() as connection:
        if await group.summary(connection, group_id) is None:
            raise _no_such_group()
    state = request.app.state
    seen = max(after, min(LARGEST_ID, int(last_event_id or 0)))
    events = stream.events(stores.postgres, state.bulletin, lambda: bool(state.doctor.draining), group_id, seen)
    return StreamingResponse(events, media_type="text/event-stream", headers=stream.HEADERS)


@router.get("/{group_id}/analysis", responses=NOT_FOUND | problems(_409=NOT_YET))
async def analyse(_: Member, group_id: UUID, stores: TheStores, request: Request) -> Analysis:
    """Communities of opinion and central themes, once the focus group is finished and in the graph."""
    async with stores.postgres.connection() as connection:
        standing = await group.standing(connection, group_id)
    if standing is None:
        raise _no_such_group()
    state, in_graph = standing
    if state != "finished":
        raise HTTPException(status.HTTP_409_CONFLICT, "This focus group is not finished yet.")
    if not in_graph:
        raise await _no_graph_yet(request.app.state.doctor)
    if known := await analysis.known(stores, group_id):
        return known
    async with stores.postgres.connection() as connection:
        found = await _found(connection, group_id)
    return await analysis.analyse(stores, found)


@router.delete("/{group_id}", status_code=204, responses=NOT_FOUND)
async def delete(_: Member, group_id: UUID, database: Database) -> None:
    """Delete a focus group; its part of the graph goes by itself."""
    if not await group.delete(database, group_id):
        raise _no_such_group()
    await bulletin.announce(database, group_id)


async def _no_graph_yet(doctor: Doctor) -> HTTPException:
    """503 only while Neo4j is away: a graph that is being written is no failure, and must not count as one."""
    if (await doctor.seen())["neo4j"]:
        return HTTPException(status.HTTP_409_CONFLICT, "The graph is being written.", {"Retry-After": "1"})
    return HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, failures.NEO4J, {"Retry-After": "2"})


async def _found(connection: AsyncConnection, group_id: UUID) -> Group:
    found = await group.find(connection, group_id)
    if found is None:
        raise _no_such_group()
    return found


def _no_such_group() -> HTTPException:
    return HTTPException(status.HTTP_404_NOT_FOUND, "There is no such focus group.")
