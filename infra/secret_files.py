"""Secrets as read-only files of a container."""

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

FOLDER = "/run/secrets"


class SecretFiles(pulumi.ComponentResource):
    """A small volume for one container, filled by a helper that is created and never started.

    So the files are in no `docker inspect`, no environment and no image. The provider leaves them root's, hence mode
    0444: what keeps them apart is the volume.
    """

    def __init__(
        self,
        name: str,
        files: Mapping[str, pulumi.Input[str]],
        *,
        image: pulumi.Input[str],
        labels: list[docker.ContainerLabelArgs],
        parent: pulumi.Resource,
    ) -> None:
        kind = "market-research:infra:SecretFiles"
        super().__init__(kind, f"{name}-secrets", None, pulumi.ResourceOptions(parent=parent))
        volume = docker.Volume(f"{name}-secrets", opts=pulumi.ResourceOptions(parent=self))
        self.helper = docker.Container(
            f"{name}-secrets",
            image=image,
            start=False,
            must_run=False,
            network_mode="none",
            labels=labels,
            volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path=FOLDER)],
            uploads=[
                docker.ContainerUploadArgs(
                    file=f"{FOLDER}/{file}", content=pulumi.Output.secret(content), permissions="0444"
                )
                for file, content in sorted(files.items())
            ],
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.mount = docker.ContainerVolumeArgs(volume_name=volume.name, container_path=FOLDER, read_only=True)
        self.register_outputs({})
