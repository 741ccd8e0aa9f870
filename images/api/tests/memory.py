"""A Redis in memory that can go away."""

from redis.exceptions import ConnectionError as RedisConnectionError


class Memory:
    """As much of Redis as a cache needs."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.lifetimes: dict[str, int] = {}
        self.away = False

    async def get(self, key: str) -> str | None:
        self._answer()
        return self.entries.get(key)

    async def set(self, key: str, value: str, ex: int) -> None:
        self._answer()
        self.entries[key] = value
        self.lifetimes[key] = ex

    def _answer(self) -> None:
        if self.away:
            raise RedisConnectionError("connection refused")
