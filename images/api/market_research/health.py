"""Whether this process can serve, from what its stores say."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from market_research import __version__
from market_research.watch import DOWN, Sight, Watch

FRESH_SECONDS = 1.0

State = Literal["up", "down"]


def newest_migration() -> str:
    """The revision this image was built for: the files are numbered, so Alembic need not be loaded to know."""
    versions = Path(__file__).parent / "migrations" / "versions"
    return max(file.name.partition("_")[0] for file in versions.glob("[0-9]*.py"))


class Health(BaseModel):
    """What a probe reads: `ok` while requests can be served."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [{
        "status": "ok", "postgres": "up", "redis": "up", "neo4j": "down", "migration": "0001", "version": "0.1.0",
    }]})  # fmt: skip

    status: Literal["ok", "starting", "draining", "unavailable"]
    postgres: State
    redis: State
    neo4j: State
    migration: str | None = Field(description="revision that the database is at; null when unknown or before the first")
    version: str


class Status(Health):
    """What people read: the same facts, with figures."""

    expected_migration: str = Field(description="revision that this version of the API was built for")
    latency_ms: dict[str, float | None]
    uptime_seconds: float


class Doctor:
    """Looks at all stores at once and remembers the outcome for a second."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self.draining = False
        self._watches = watches
        self._expected = newest_migration()
        self._started = time.monotonic()
        self._served = False
        self._seen: dict[str, Sight] = {}
        self._seen_at = float("-inf")
        self._looking = asyncio.Lock()

    async def health(self) -> Health:
        """The state of this process, at most a second old."""
        await self._look()
        return Health.model_validate(self._facts())

    async def status(self) -> Status:
        """As `health`, with latencies and migrations."""
        await self._look()
        return Status.model_validate(
            self._facts()
            | {
                "expected_migration": self._expected,
                "latency_ms": {name: sight.latency_ms for name, sight in self._seen.items()},
                "uptime_seconds": round(time.monotonic() - self._started, 1),
            }
        )

    async def seen(self) -> dict[str, bool]:
        """Which stores answer, at most a second ago."""
        await self._look()
        return {name: sight.up for name, sight in self._seen.items()}

    async def _look(self) -> None:
        async with self._looking:
            fresh = time.monotonic() - self._seen_at < FRESH_SECONDS
            if fresh or (self.draining and self._seen):
                return
            sights = await asyncio.gather(*(watch.look() for watch in self._watches))
            self._seen = {watch.name: sight for watch, sight in zip(self._watches, sights, strict=True)}
            self._seen_at = time.monotonic()
            self._served = self._served or self._able()

    def _able(self) -> bool:
        return all(self._seen.get(watch.name, DOWN).up for watch in self._watches if watch.required)

    def _facts(self) -> dict[str, object]:
        if self.draining:
            status = "draining"
        elif self._able():
            status = "ok"
        else:
            status = "unavailable" if self._served else "starting"
        states = {name: "up" if sight.up else "down" for name, sight in self._seen.items()}
        return {**states, "status": status, "migration": self._seen["postgres"].answer, "version": __version__}
