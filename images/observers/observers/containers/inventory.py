"""Which containers there are and what each uses, kept up to date so that a scrape need not ask."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from observers.containers.container import Container
from observers.containers.engine import Engine, EngineError, GoneError, filters
from observers.containers.restarts import Restarts
from observers.containers.sample import Sample

log = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
"""Between two looks when nothing has happened."""
SETTLE_SECONDS = 0.5
"""Events come in swarms; one look is enough for all of them."""
SAMPLE_SILENCE_SECONDS = 15.0
"""The engine sends a sample a second."""
FORGET_SECONDS = 30.0
"""What is older tells nothing of the present."""


@dataclass(frozen=True)
class Entry:
    """A container with its restarts, and what it used a moment ago if it runs."""

    container: Container
    restarts: int
    sample: Sample | None


class Inventory:
    """The containers that bear some labels; a thread for each running one listens to its samples."""

    def __init__(self, engine: Engine, labels: Mapping[str, str]) -> None:
        self._engine = engine
        self._conditions = filters(label=[f"{key}={value}" for key, value in labels.items()])
        self._again = threading.Event()
        self._lock = threading.Lock()
        self._restarts = Restarts()
        self._containers: dict[str, Container] = {}
        self._samples: dict[str, Sample] = {}
        self._listening: set[str] = set()
        self._looked = 0.0
        self._failing = False

    def look_again(self) -> None:
        """Something has happened."""
        self._again.set()

    @property
    def current(self) -> bool:
        """Whether the engine has answered lately."""
        return time.monotonic() - self._looked < FORGET_SECONDS

    def entries(self) -> list[Entry]:
        """All that is known of the present: nothing while the engine is away."""
        with self._lock:
            containers = list(self._containers.values()) if self.current else []
            return [Entry(one, self._restarts.total(one), self._fresh_sample(one)) for one in containers]

    def follow(self) -> None:
        """Look for ever."""
        while True:
            try:
                self.look()
                self._say(failing=False, text="the engine answers again")
            except EngineError as error:
                self._say(failing=True, text=str(error))
            self._again.wait(LOOK_SECONDS)
            time.sleep(SETTLE_SECONDS)
            self._again.clear()

    def look(self) -> None:
        """Ask the engine for all containers, and listen to those that run."""
        found = {}
        for listed in self._engine.ask("/containers/json", all="1", filters=self._conditions):
            if container := self._described(listed["Id"]):
                found[container.id] = container
        with self._lock:
            for container in found.values():
                self._restarts.note(container)
            self._containers = found
            self._samples = {one: sample for one, sample in self._samples.items() if one in found}
            unheard = {one for one, container in found.items() if container.running} - self._listening
            self._listening |= unheard
            self._looked = time.monotonic()
        for one in unheard:
            threading.Thread(target=self._listen, args=(one,), name=f"samples of {one[:12]}", daemon=True).start()

    def _described(self, one: str) -> Container | None:
        try:
            container = Container.of(self._engine.ask(f"/containers/{one}/json"))
        except GoneError:
            return None
        return container if container.awaited else None

    def _listen(self, one: str) -> None:
        """Keep the newest sample of a container until it is not running any more; the next look begins anew."""
        try:
            for stats in self._engine.stream(f"/containers/{one}/stats", SAMPLE_SILENCE_SECONDS, stream="1"):
                sample = Sample.of(stats)
                with self._lock:
                    if one not in self._containers or not self._containers[one].running:
                        return
                    if sample:
                        self._samples[one] = sample
        except EngineError as error:
            log.debug("%s", error)
        finally:
            with self._lock:
                self._listening.discard(one)

    def _fresh_sample(self, container: Container) -> Sample | None:
        sample = self._samples.get(container.id)
        return sample if sample and container.running and time.time() - sample.taken < FORGET_SECONDS else None

    def _say(self, *, failing: bool, text: str) -> None:
        """Log a change, not every failure."""
        if failing != self._failing:
            self._failing = failing
            log.warning("%s", text)
