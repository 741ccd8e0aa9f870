"""Projects, their stimulus material, and the focus groups that are planned in them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, HTTPException, Query, Request, status
from fastapi.responses import FileResponse
from psycopg.errors import ForeignKeyViolation
from pydantic import BaseModel, ConfigDict
from starlette.requests import ClientDisconnect

from market_research.access import JSON_BODY, MEMBERS_ONLY, Database, Member, TheStores, problems
from market_research.groups import group
from market_research.groups.group import ForeignMaterialError, Group, GroupSummary, NewGroup
from market_research.projects import project, stimulus
from market_research.projects.project import ProjectSummary
from market_research.projects.stimulus import (
    LARGEST_BYTES,
    SIGNATURES,
    NewStimulus,
    NoSpaceError,
    Shelf,
    Stimulus,
    TooLargeError,
    UnknownMediaError,
)
from market_research.text import Storable, Title

router = APIRouter(prefix="/api", tags=["projects"], responses=MEMBERS_ONLY)

NO_PROJECT = problems(_404="no such project")
NO_STIMULUS = problems(_404="no such material")
BODY = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SIGNATURES}, "required": True}


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
    return await project.insert(database, new.name)


@router.get("/projects/{project_id}", responses=NO_PROJECT)
async def show(_: Member, project_id: UUID, database: Database) -> Project:
    """A project with its focus groups and material."""
    found = await project.find(database, project_id)
    if found is None:
        raise _no_such_project()
    return Project(
        id=found.id,
        name=found.name,
        created_at=found.created_at,
        focus_groups=await group.of_project(database, project_id),
        stimuli=await stimulus.of_project(database, project_id),
    )


@router.delete("/projects/{project_id}", status_code=204, responses=NO_PROJECT)
async def delete(_: Member, project_id: UUID, request: Request, stores: TheStores) -> None:
    """Delete a project with everything in it."""
    async with stores.postgres.connection() as connection:
        stimuli = await project.delete(connection, project_id)
    if stimuli is None:
        raise _no_such_project()
    await _shelf(request).drop(*stimuli)


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
    found = await group.find(database, group_id)
    assert found is not None  # noqa: S101 - made in this transaction
    return found


@router.post(
    "/projects/{project_id}/stimuli",
    status_code=201,
    max_body_size=2 * LARGEST_BYTES,
    openapi_extra={"requestBody": BODY},
    responses=NO_PROJECT
    | problems(_400="broken off", _413="larger than 10 MB", _415="no picture or PDF", _507="no space left"),
)
async def upload(
    _: Member,
    project_id: UUID,
    request: Request,
    stores: TheStores,
    name: Annotated[Title, Query()],
    description: Annotated[str, Query(max_length=1000), Storable] = "",
) -> Stimulus:
    """Take a picture (PNG, JPEG, GIF, WebP) or a PDF as the request's body, at most 10 MB."""
    new_id, shelf = uuid4(), _shelf(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    async with stores.postgres.connection() as connection:
        if await project.find(connection, project_id) is None:
            raise _no_such_project()
    try:
        size = await shelf.put(new_id, media_type, request.stream())
    except TooLargeError:
        text = f"At most {LARGEST_BYTES // 2**20} MB."
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, text) from None
    except UnknownMediaError:
        text = "Only pictures (PNG, JPEG, GIF, WebP) and PDF are taken, each under its own content type."
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, text) from None
    except ClientDisconnect:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "The upload was broken off.") from None
    except NoSpaceError:
        raise HTTPException(status.HTTP_507_INSUFFICIENT_STORAGE, "No space is left for files.") from None
    try:
        async with stores.postgres.connection() as connection:
            new = NewStimulus(id=new_id, name=name, description=description, media_type=media_type, size=size)
            return await stimulus.insert(connection, project_id, new)
    except BaseException as error:
        await shelf.drop(new_id)
        if isinstance(error, ForeignKeyViolation):
            raise _no_such_project() from None
        raise


@router.get(
    "/stimuli/{stimulus_id}",
    response_class=FileResponse,
    responses=NO_STIMULUS | {200: {"content": {kind: {} for kind in SIGNATURES}, "description": "the file"}},
)
async def contents(_: Member, stimulus_id: UUID, request: Request, database: Database) -> FileResponse:
    """The file: a picture to look at, a PDF to save."""
    found = await stimulus.find(database, stimulus_id)
    path = _shelf(request).path(stimulus_id)
    if found is None or not path.is_file():
        raise _no_such_stimulus()
    return FileResponse(
        path,
        media_type=found.media_type,
        filename=found.name,
        content_disposition_type="inline" if found.media_type.startswith("image/") else "attachment",
        headers={"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'; sandbox"},
    )


@router.delete("/stimuli/{stimulus_id}", status_code=204, responses=NO_STIMULUS | problems(_409="is being shown"))
async def discard(_: Member, stimulus_id: UUID, request: Request, stores: TheStores) -> None:
    """Delete material that no focus group shows."""
    try:
        async with stores.postgres.connection() as connection:
            found = await stimulus.delete(connection, stimulus_id)
    except ForeignKeyViolation:
        raise HTTPException(
            status.HTTP_409_CONFLICT, "A focus group shows this material: delete the focus group first."
        ) from None
    if not found:
        raise _no_such_stimulus()
    await _shelf(request).drop(stimulus_id)


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def _no_such_project() -> HTTPException:
    return HTTPException(status.HTTP_404_NOT_FOUND, "There is no such project.")


def _no_such_stimulus() -> HTTPException:
    return HTTPException(status.HTTP_404_NOT_FOUND, "There is no such material.")
