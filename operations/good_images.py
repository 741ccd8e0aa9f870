"""The images of deploys that were seen to work, kept on the engine by tags, which `docker image prune` leaves alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from operations.running_stack import Replica, RunningStack

KEPT = 3
ROLLED_BACK = ("api", "frontend")
"""What a rollback touches: a store's image is never taken back under its data."""


class GoodImages:
    """Tags `<project>/<service>:<stack>-good-<UTC time>`; the newest are those of the last deploy that worked."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self._mark = f"{stack.name}-good-"

    def keep(self) -> str:
        """Tag what runs now, and let go of all but the newest; returns the time in the tags."""
        at = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        for service, image in running_images(self._stack.replicas()).items():
            repository = self._repository(service)
            found = self.of(service)
            if any(kept == image for kept in list(found.values())[-1:]):
                continue
            self._stack.engine.client.api.tag(image, repository, f"{self._mark}{at}")
            for tag in list(found)[: -(KEPT - 1)]:
                self._stack.engine.client.api.remove_image(tag, noprune=True)
        return at

    def of(self, service: str) -> Mapping[str, str]:
        """Image IDs by tag, the oldest first."""
        prefix = f"{self._repository(service)}:{self._mark}"
        images = self._stack.engine.client.api.images(name=self._repository(service))
        tags = {tag: image["Id"] for image in images for tag in image["RepoTags"] or [] if tag.startswith(prefix)}
        return dict(sorted(tags.items()))

    def before(self, service: str) -> str | None:
        """The tag of the newest good image that is not the one that runs, if there is any."""
        current = running_images(self._stack.replicas()).get(service)
        older = [tag for tag, image in self.of(service).items() if image != current]
        return older[-1] if older else None

    def _repository(self, service: str) -> str:
        return f"{self._stack.file.project}/{service}"


def running_images(replicas: Sequence[Replica]) -> dict[str, str]:
    """Image IDs of the services that a rollback may touch."""
    return {one.service: one.facts["Image"] for one in replicas if one.service in ROLLED_BACK}
