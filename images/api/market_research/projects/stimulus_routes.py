"""Stimulus material: uploaded, looked at, discarded."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, HTTPException, Query, Request, status
from fastapi.responses import FileResponse
from psycopg.errors import ForeignKeyViolation
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from market_research.access import MEMBERS_ONLY, Database, Member, TheShelf, TheStores, problems
from market_research.projects import project, stimulus
from market_research.projects.routes import NO_PROJECT, no_such_project
from market_research.projects.shelf import LARGEST_BYTES, SIGNATURES, NoSpaceError, TooLargeError, UnknownMediaError
from market_research.projects.stimulus import NewStimulus, Stimulus
from market_research.text import Storable, Title

router = APIRouter(prefix="/api", tags=["projects"], responses=MEMBERS_ONLY)

NO_STIMULUS = problems(_404="no such material")
BODY = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SIGNATURES}, "required": True}


class Caption(BaseModel):
    """What an upload is called, and what the participants are told of it."""

    name: Title
    description: Annotated[str, Field(max_length=1000), Storable] = ""


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
    shelf: TheShelf,
    caption: Annotated[Caption, Query()],
) -> Stimulus:
    """Take a picture (PNG, JPEG, GIF, WebP) or a PDF as the request's body, at most 10 MB."""
    new_id = uuid4()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    async with stores.postgres.connection() as connection:
        if await project.find(connection, project_id) is None:
            raise no_such_project()
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
            new = NewStimulus(
                id=new_id, name=caption.name, description=caption.description, media_type=media_type, size=size
            )
            return await stimulus.insert(connection, project_id, new)
    except BaseException as error:
        await shelf.drop(new_id)
        if isinstance(error, ForeignKeyViolation):
            raise no_such_project() from None
        raise


@router.get(
    "/stimuli/{stimulus_id}",
    response_class=FileResponse,
    responses=NO_STIMULUS | {200: {"content": {kind: {} for kind in SIGNATURES}, "description": "the file"}},
)
async def contents(_: Member, stimulus_id: UUID, database: Database, shelf: TheShelf) -> FileResponse:
    """The file: a picture to look at, a PDF to save."""
    found = await stimulus.find(database, stimulus_id)
    path = shelf.path(stimulus_id)
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
async def discard(_: Member, stimulus_id: UUID, stores: TheStores, shelf: TheShelf) -> None:
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
    await shelf.drop(stimulus_id)


def _no_such_stimulus() -> HTTPException:
    return HTTPException(status.HTTP_404_NOT_FOUND, "There is no such material.")
