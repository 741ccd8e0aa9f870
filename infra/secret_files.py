"""Secrets as read-only files of a container."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

from infra.ownership import SECRETS_LABEL

if TYPE_CHECKING:
    from infra.service import Service

FOLDER = "/run/secrets"


class SecretFiles(pulumi.ComponentResource):
    """A small volume for one container, filled by a helper that is created and never started.

    So the files are in no `docker inspect`, no environment and no image. The provider leaves them root's, hence mode
    0444: what keeps them apart is the volume. Other contents make another volume, so that a running container keeps the
    files that it was started with, and its successor is replaced because it mounts the other one.
    """

    def __init__(self, owner: Service, name: str, files: Mapping[str, pulumi.Input[str]]) -> None:
        kind = "market-research:infra:SecretFiles"
        super().__init__(kind, f"{name}-secrets", None, pulumi.ResourceOptions(parent=owner))
        stack = owner.stack
        volume = docker.Volume(
            f"{name}-secrets",
            labels=stack.volume_labels({SECRETS_LABEL: name}),
            opts=pulumi.ResourceOptions.merge(
                stack.once_admitted(parent=self), pulumi.ResourceOptions(replacement_trigger=_fingerprint(files))
            ),
        )
        self.helper = docker.Container(
            f"{name}-secrets",
            image=stack.images[owner.name],
            start=False,
            must_run=False,
            network_mode="none",
            labels=stack.container_labels(name),
            volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path=FOLDER)],
            uploads=[
                docker.ContainerUploadArgs(
                    file=f"{FOLDER}/{file}", content=pulumi.Output.secret(content), permissions="0444"
                )
                for file, content in sorted(files.items())
            ],
            # Any image will do, and the engine keeps the one that a container was made of.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, ignore_changes=["image"]),
        )
        self.mount = docker.ContainerVolumeArgs(volume_name=volume.name, container_path=FOLDER, read_only=True)
        self.register_outputs({})


def _fingerprint(files: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """Differs when the contents do; says nothing of them, for each holds a long random password."""

    def digest(contents: Mapping[str, str]) -> str:
        text = "".join(f"{name}\0{contents[name]}\0" for name in sorted(contents))
        return hashlib.sha256(text.encode()).hexdigest()

    return pulumi.Output.unsecret(pulumi.Output.all(**files).apply(digest))
