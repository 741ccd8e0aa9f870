"""Files that a container finds when it starts: secrets, and configuration that the settings decide about."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi
import pulumi_docker as docker

from infra.ownership import SECRETS_LABEL

if TYPE_CHECKING:
    from infra.container import Body

Contents = Mapping[str, pulumi.Input[str]]
"""Texts by file name."""


class MountedFiles(pulumi.ComponentResource):
    """A small volume for one container, filled by a helper that is created and never started.

    So the files are in no `docker inspect`, no environment and no image. The provider leaves them root's, hence mode
    0444: what keeps them apart is the volume. Other contents make another volume, so that a running container keeps the
    files that it was started with, and its successor is replaced because it mounts the other one. Filled `in_place` the
    volume stays, and with it the container, which sees the new contents; only other names make another one.
    """

    suffix: ClassVar[str]
    folder: ClassVar[str]

    def __init__(self, body: Body, name: str, files: Contents, *, in_place: bool = False) -> None:
        kind = f"market-research:infra:{type(self).__name__}"
        own = f"{name}-{self.suffix}"
        super().__init__(kind, own, None, pulumi.ResourceOptions(parent=body.owner))
        stack = body.stack
        made_of = ",".join(sorted(files)) if in_place else _fingerprint(stack.fingerprint_key, files)
        volume = docker.Volume(
            own,
            labels=stack.volume_labels({SECRETS_LABEL: name}),
            opts=pulumi.ResourceOptions.merge(
                stack.once_admitted(parent=self),
                pulumi.ResourceOptions(replacement_trigger=made_of),
            ),
        )
        self.helper = docker.Container(
            own,
            image=body.image,
            start=False,
            must_run=False,
            network_mode="none",
            labels=stack.container_labels(name),
            volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path=self.folder)],
            uploads=[
                docker.ContainerUploadArgs(file=f"{self.folder}/{file}", content=self.content(text), permissions="0444")
                for file, text in sorted(files.items())
            ],
            # Any image will do, and the engine keeps the one that a container was made of.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, ignore_changes=["image"]),
        )
        self.mount = docker.ContainerVolumeArgs(volume_name=volume.name, container_path=self.folder, read_only=True)
        self.register_outputs({})

    @staticmethod
    def content(text: pulumi.Input[str]) -> pulumi.Input[str]:
        """What Pulumi is given of a file."""
        return text


class SecretFiles(MountedFiles):
    """Secrets, encrypted in Pulumi's state."""

    suffix = "secrets"
    folder = "/run/secrets"

    @staticmethod
    def content(text: pulumi.Input[str]) -> pulumi.Input[str]:
        """Marked as a secret."""
        return pulumi.Output.secret(text)


class ConfigurationFiles(MountedFiles):
    """Configuration, which a preview shows."""

    suffix = "configuration"
    folder = "/run/configuration"


def _fingerprint(key: pulumi.Input[str], files: Contents) -> pulumi.Output[str]:
    """Differs when the contents do; without the key nobody can try out which password it stands for."""

    def digest(values: Sequence[Any]) -> str:
        secret, contents = values
        text = "".join(f"{name}\0{contents[name]}\0" for name in sorted(contents))
        return hmac.digest(secret.encode(), text.encode(), "sha256").hex()

    return pulumi.Output.unsecret(pulumi.Output.all(key, files).apply(digest))
