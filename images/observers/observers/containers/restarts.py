"""How often the containers of a name were started anew, also when one was replaced by another."""

from dataclasses import dataclass

from observers.containers.container import Container


@dataclass(frozen=True)
class _Seen:
    id: str
    started: float
    restarts: int
    total: int


class Restarts:
    """Counts that only grow while this process lives: the engine's own start anew with every container."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def note(self, container: Container) -> None:
        """Compare a container with what was seen under its name before."""
        before = self._seen.get(container.name)
        if before is None:
            total = container.restarts
        elif before.id != container.id:
            total = before.total + 1 + container.restarts
        else:
            by_policy = max(0, container.restarts - before.restarts)
            by_hand = before.started not in (0.0, container.started)
            total = before.total + max(by_policy, int(by_hand))
        self._seen[container.name] = _Seen(container.id, container.started, container.restarts, total)

    def total(self, container: Container) -> int:
        """Of the container's name."""
        return self._seen[container.name].total
