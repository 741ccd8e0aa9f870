"""What happens to containers: the engine tells it as it happens, and forgets it soon."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from observers.containers.engine import Engine, EngineError, filters

log = logging.getLogger(__name__)

NEWS = ["start", "die", "destroy", "health_status", "oom"]
SILENCE_SECONDS = 60.0
PAUSE_SECONDS = 1.0


class Events:
    """Counts by name how often containers ran out of memory since this process started; `news` hears of every event."""

    def __init__(self, engine: Engine, labels: Mapping[str, str], news: Callable[[], None]) -> None:
        self._engine = engine
        self._conditions = filters(
            type=["container"], event=NEWS, label=[f"{key}={value}" for key, value in labels.items()]
        )
        self._news = news
        self._lock = threading.Lock()
        self._out_of_memory: Counter[str] = Counter()
        self._latest = time.time_ns()

    def out_of_memory(self, name: str) -> int:
        """How often."""
        with self._lock:
            return self._out_of_memory[name]

    def follow(self) -> None:
        """Listen for ever; after a silence or an absence of the engine, from the last event on."""
        while True:
            since = f"{self._latest // 10**9}.{self._latest % 10**9:09}"
            try:
                for event in self._engine.stream("/events", SILENCE_SECONDS, since=since, filters=self._conditions):
                    self._take(event)
            except EngineError as error:
                log.debug("%s", error)
                time.sleep(PAUSE_SECONDS)

    def _take(self, event: Mapping[str, Any]) -> None:
        if event["timeNano"] <= self._latest:
            return  # heard before the connection was lost
        self._latest = event["timeNano"]
        if event["Action"] == "oom":
            name = event["Actor"]["Attributes"].get("name", "")
            log.warning("container %s ran out of memory", name)
            with self._lock:
                self._out_of_memory[name] += 1
        self._news()
