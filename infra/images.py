"""The images of the stack: built from images/<service>/, all of them before any container is touched."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker_build as docker_build

from infra.hot_reload import TARGET

if TYPE_CHECKING:
    from infra.roles import Facts
    from infra.stack import Stack

LOG_LINES = 25


class Images(pulumi.ComponentResource):
    """The image of each service, built once for all that share one; settings may name another one instead."""

    def __init__(self, stack: Stack, services: Sequence[type[Facts]]) -> None:
        super().__init__("market-research:infra:Images", "images", None, pulumi.ResourceOptions(parent=stack))
        self._stack = stack
        given = {one.name: image for one in services if (image := stack.limits[one.name].image)}
        folders = dict.fromkeys(one.image_folder for one in services if one.name not in given)
        built = {folder: self._built(folder) for folder in folders}
        self._references = {
            one.name: pulumi.Output.from_input(given[one.name]) if one.name in given else built[one.image_folder]
            for one in services
        }
        self.register_outputs({})

    def __getitem__(self, name: str) -> pulumi.Output[str]:
        """The image of a service, known only when every image is built and the stack is admitted.

        A preview does not wait for the others: one unknown digest would show every container as replaced.
        """
        if pulumi.runtime.is_dry_run():
            return self._references[name]
        every = pulumi.Output.all(**self._references)
        return pulumi.Output.all(every, self._stack.admission).apply(lambda known: known[0][name])

    def _built(self, name: str) -> pulumi.Output[str]:
        folder = f"../images/{name}"
        dockerfile, target = _recipe(folder, without_source=name in self._stack.sources)
        show_log = partial(_show_build_log, dockerfile, target)
        options = self._stack.once_admitted(parent=self)
        options.retain_on_delete = (
            True  # as with compose: the next `up` finds it built, and `docker image prune` removes it
        )
        options.hooks = pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(f"{name}-build", show_log)])
        return docker_build.Image(
            name,
            context={"location": folder},
            dockerfile={"location": dockerfile},
            target=target,
            tags=[f"{pulumi.get_project()}/{name}:{self._stack.name}"],
            builder={"name": "default"},
            exec_=True,  # the buildx plugin works with both image stores
            load=True,
            push=False,
            build_on_preview=False,
            opts=options,
        ).digest


def _recipe(folder: str, *, without_source: bool) -> tuple[str, str | None]:
    """The Dockerfile and the stage to build; none is the last one."""
    return (f"{folder}/{TARGET}.Dockerfile", TARGET) if without_source else (f"{folder}/Dockerfile", None)


async def _show_build_log(dockerfile: str, target: str | None, failure: pulumi.ErrorHookArgs) -> bool:
    """Log the end of a failed build, which the plugin keeps to itself; the build is not tried again.

    To get at it the build runs once more, up to the step that fails: all before that is cached.
    """
    folder = f"../images/{failure.name}"
    stage = [f"--target={target}"] if target else []
    command = [
        "docker",
        "buildx",
        "build",
        "--progress=plain",
        "--builder=default",
        "--file",
        dockerfile,
        *stage,
        folder,
    ]
    build = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = await build.communicate()
    if build.returncode == 0:
        pulumi.log.error(f"images/{failure.name} did not build once, and does now: run `pulumi up` again")
        return False
    last = [f"  {line}" for line in output.decode(errors="replace").splitlines()[-LOG_LINES:]]
    lines = [f"images/{failure.name} does not build; no container was touched. The build ends:", *last]
    pulumi.log.error("\n".join(lines))
    return False
