"""Projects, and the focus groups that are planned in them."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, HTTPException, status
from psycopg.errors import ForeignKeyViolation
from pydantic import BaseModel, ConfigDict

from market_research.access import JSON_BODY, MEMBERS_ONLY, Database, Member, TheShelf, TheStores, problems
from market_research.groups import group
from market_research.groups.group import ForeignMaterialError, Group, GroupSummary, NewGroup
from market_research.projects import project, stimulus
from market_research.projects.project import ProjectSummary
from market_research.projects.stimulus import Stimulus
from market_research.telemetry.metrics import GROUPS, PROJECTS
from market_research.text import Title

router = APIRouter(prefix="/api", tags=["projects"], responses=MEMBERS_ONLY)

NO_PROJECT = problems(_404="no such project")


class NewProject(BaseModel):
    """What to call it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Cargo bikes in Poznań"}]})

    name: Title


class Projects(BaseModel):
    """All projects, the newest first."""

    items: list[ProjectSummary]


class Project(BaseModel):
    """A project with what it has."""

    id: UUID
    name: str
    created_at: datetime
    focus_groups: list[GroupSummary]
    stimuli: list[Stimulus]


@router.get("/projects")
async def show_all(_: Member, database: Database) -> Projects:
    """All projects."""
    return Projects(items=await project.newest(database))


@router.post("/projects", status_code=201, responses=JSON_BODY)
async def begin(_: Member, new: NewProject, database: Database) -> ProjectSummary:
    """A new project."""
    made = await project.insert(database, new.name)
    PROJECTS.inc()
    return made


@router.get("/projects/{project_id}", responses=NO_PROJECT)
async def show(_: Member, project_id: UUID, database: Database) -> Project:
    """A project with its focus groups and material."""
    found = await project.find(database, project_id)
    if found is None:
        raise no_such_project()
    return Project(
        id=found.id,
        name=found.name,
        created_at=found.created_at,
        focus_groups=await group.of_project(database, project_id),
        stimuli=await stimulus.of_project(database, project_id),
    )


@router.delete("/projects/{project_id}", status_code=204, responses=NO_PROJECT)
async def delete(_: Member, project_id: UUID, stores: TheStores, shelf: TheShelf) -> None:
    """Delete a project with everything in it."""
    async with stores.postgres.connection() as connection:
        stimuli = await project.delete(connection, project_id)
    if stimuli is None:
        raise no_such_project()
    await shelf.drop(*stimuli)


@router.post("/projects/{project_id}/focus-groups", status_code=201, responses=NO_PROJECT | JSON_BODY)
async def plan(_: Member, project_id: UUID, new: NewGroup, database: Database) -> Group:
    """Plan a focus group; it runs when it is told to."""
    try:
        group_id = await group.insert(database, project_id, new)
    except ForeignMaterialError:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such material in this project.") from None
    except ForeignKeyViolation as error:
        what = "persona" if "participant" in (error.diag.constraint_name or "") else "project"
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no such {what}.") from None
    GROUPS.inc()
    found = await group.find(database, group_id)
    assert found is not None  # noqa: S101 - made in this transaction
    return found


def no_such_project() -> HTTPException:
    """What a project's address is told when there is none."""
    return HTTPException(status.HTTP_404_NOT_FOUND, "There is no such project.")
