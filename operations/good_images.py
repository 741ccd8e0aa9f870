"""The images of deploys that were seen to work, kept on the engine by tags, which `docker image prune` leaves alone."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import docker

from operations.running_stack import RunningStack
from operations.status import health

KEPT = 3
ROLLED_BACK = ("api", "frontend")
"""What a rollback touches: a store's image is never taken back under its data."""

Images = Mapping[str, str]
"""Image IDs by service."""


class GoodImages:
    """Tags `<project>/<service>:<stack>-good-<UTC time>`: what carries one time worked together."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self._api = stack.engine.client.api
        self._mark = f"{stack.name}-good-"

    def keep(self, *, went_back: bool = False) -> str:
        """Tag what runs now as the newest set, and let go of old sets; returns the set's time.

        A set that a rollback went back to keeps its time, and so what was before it stays before it.
        """
        running, sets = self.running(), self.sets()
        same = [time for time, images in sets.items() if images == running]
        if same and (went_back or same[-1] == list(sets)[-1]):
            return same[-1]
        at = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        for service, image in running.items():
            self._api.tag(image, self._repository(service), f"{self._mark}{at}")
        others = [time for time in sets if time not in same]
        for old in [*same, *others[: 1 - KEPT]]:
            self._let_go(old)
        return at

    def keep_first(self) -> None:
        """Tag what runs healthy if nothing was kept yet: what `pulumi up` brought can be gone back to, too."""
        theirs = [one for one in self._stack.replicas() if one.service in ROLLED_BACK]
        if theirs and not self.sets() and all(health(one) == "healthy" for one in theirs):
            self.keep()

    def forget(self) -> None:
        """Take every tag away: the stack is no more."""
        for time in self.sets():
            self._let_go(time)

    def sets(self) -> dict[str, Images]:
        """The images that worked together, by time (`yyyymmddThhmmss`), the oldest first."""
        found: dict[str, dict[str, str]] = {}
        for service in ROLLED_BACK:
            prefix = f"{self._repository(service)}:{self._mark}"
            for image in self._api.images(name=self._repository(service)):
                for tag in image["RepoTags"] or []:
                    if tag.startswith(prefix):
                        found.setdefault(tag.removeprefix(prefix), {})[service] = image["Id"]
        return dict(sorted(found.items()))

    def before(self) -> str | None:
        """The time of the newest set before what runs now, if there is any; of the newest if that was never good."""
        running, sets = self.running(), self.sets()
        times = list(sets)
        same = [time for time in times if sets[time] == running]
        older = times[: times.index(same[-1])] if same else times
        different = [time for time in older if sets[time] != running]
        return different[-1] if different else None

    def forget_after(self, time: str) -> None:
        """Take the tags from what a rollback has left, so that no later one leads there."""
        for newer in [one for one in self.sets() if one > time]:
            self._let_go(newer)

    def forget_set(self, images: Images) -> None:
        """Take the tags from images that were seen to work together until somebody looked closer."""
        for time in [time for time, those in self.sets().items() if those == images]:
            self._let_go(time)

    def running(self) -> Images:
        """What runs now; while two versions of a service stand side by side, the newer one."""
        return {one.service: str(one.facts["Image"]) for one in self._stack.replicas() if one.service in ROLLED_BACK}

    def _let_go(self, time: str) -> None:
        for service in self.sets()[time]:
            with suppress(docker.errors.APIError):  # a container made by hand may still use it
                self._api.remove_image(f"{self._repository(service)}:{self._mark}{time}")

    def _repository(self, service: str) -> str:
        return f"{self._stack.file.project}/{service}"
