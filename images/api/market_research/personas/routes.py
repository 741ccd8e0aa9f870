"""Personas: browsed, searched by meaning, generated for an audience, written by hand."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, status
from psycopg.errors import ForeignKeyViolation
from pydantic import BaseModel, ConfigDict, Field

from market_research import usage
from market_research.access import JSON_BODY, MEMBERS_ONLY, Member, TheLlm, TheStores, problems
from market_research.llm.model import Embedder, Profile, Vector
from market_research.llm.patience import within
from market_research.personas import persona, search
from market_research.personas.persona import Persona, Personas
from market_research.stores import Stores
from market_research.telemetry.metrics import PERSONAS
from market_research.text import Sentence, Storable

router = APIRouter(prefix="/api/personas", tags=["personas"], responses=MEMBERS_ONLY)

# The proxy in front gives up after 75: who asked would be told nothing, and pay for asking again.
GENERATION_SECONDS = 60
ADA: dict[str, str | int] = {
    "name": "Ada Nowak",
    "age": 34,
    "occupation": "nurse",
    "location": "Gdańsk",
    "description": "Cycles to work, buys organic food and saves for a flat.",
}


class NewPersona(Profile):
    """A persona written by hand."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(ADA)]})


class Audience(BaseModel):
    """Whom to make up, and how many."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"audience": "young parents who cycle", "count": 4}]})

    audience: Sentence
    count: int = Field(ge=1, le=12)


class Generated(BaseModel):
    """The personas that were made up."""

    items: list[Persona]


@router.get("")
async def browse(
    _: Member,
    stores: TheStores,
    llm: TheLlm,
    query: Annotated[str, Query(max_length=500), Storable] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Personas:
    """The newest personas, or those whose description is nearest to a query in meaning."""
    if not query.strip():
        async with stores.postgres.connection() as database:
            return await persona.newest(database, limit, offset)
    vector = await search.vector(query.strip(), stores, llm.embedder)
    async with stores.postgres.connection() as database:
        return await persona.nearest(database, vector, llm.embedder.name, limit, offset)


@router.post("", status_code=201, responses=JSON_BODY)
async def write(_: Member, profile: NewPersona, stores: TheStores, llm: TheLlm) -> Persona:
    """A persona written by hand."""
    async with within(search.SECONDS):
        vectors = await _vectors([profile], stores, llm.embedder)
    async with stores.postgres.connection() as database:
        made = await persona.insert(database, [profile], vectors, llm.embedder.name)
    PERSONAS.labels("manual").inc()
    return made[0]


@router.post("/generate", status_code=201, responses=JSON_BODY)
async def generate(_: Member, wanted: Audience, stores: TheStores, llm: TheLlm) -> Generated:
    """Personas that the language model makes up for an audience."""
    async with stores.postgres.connection() as database:
        known = await persona.known(database)
    async with within(GENERATION_SECONDS):
        asked = llm.model.personas(wanted.audience, wanted.count, known)
        profiles = await usage.counted(stores.postgres, llm.model.name, asked)
        vectors = await _vectors(profiles, stores, llm.embedder)
    async with stores.postgres.connection() as database:
        made = await persona.insert(database, profiles, vectors, llm.embedder.name)
    PERSONAS.labels("generated").inc(len(made))
    return Generated(items=made)


@router.delete("/{persona_id}", status_code=204, responses=problems(_404="no such persona", _409="takes part"))
async def delete(_: Member, persona_id: UUID, stores: TheStores) -> None:
    """Forget a persona that takes part in no focus group."""
    try:
        async with stores.postgres.connection() as database:
            found = await persona.delete(database, persona_id)
    except ForeignKeyViolation:
        raise HTTPException(
            status.HTTP_409_CONFLICT, "This persona takes part in a focus group: delete that first."
        ) from None
    if not found:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such persona.")


async def _vectors(profiles: Sequence[Profile], stores: Stores, embedder: Embedder) -> list[Vector]:
    asked = embedder.embed([persona.meaning(profile) for profile in profiles])
    return await usage.counted(stores.postgres, embedder.name, asked)
