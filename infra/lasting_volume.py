"""Volumes that outlive their stack, and where containers find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

if TYPE_CHECKING:
    from infra.stack import Stack


def lasting_volume(owner: pulumi.Resource, stack: Stack, name: str) -> docker.Volume:
    """Its name is fixed, so that a later stack of that name finds it again; `research data remove` removes it."""
    return docker.Volume(
        f"{name}-data",
        name=f"{pulumi.get_project()}-{stack.name}-{name}",
        labels=stack.volume_labels(),
        opts=pulumi.ResourceOptions.merge(
            stack.once_admitted(parent=owner), pulumi.ResourceOptions(retain_on_delete=True)
        ),
    )


def at(path: str, volume: docker.Volume, *, read_only: bool | None = None) -> docker.ContainerVolumeArgs:
    """The volume in a container."""
    return docker.ContainerVolumeArgs(volume_name=volume.name, container_path=path, read_only=read_only)
