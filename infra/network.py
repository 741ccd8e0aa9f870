"""A network of the stack."""

import pulumi
import pulumi_docker as docker

from infra.stack import Stack


class Network(pulumi.ComponentResource):
    """Who may talk to whom; an `internal` network has no way out of the host."""

    def __init__(self, stack: Stack, name: str, *, internal: bool = False) -> None:
        super().__init__("market-research:infra:Network", name, None, pulumi.ResourceOptions(parent=stack))
        self.name = name
        labels = [docker.NetworkLabelArgs(label=key, value=value) for key, value in stack.identity.items()]
        network = docker.Network(name, internal=internal, labels=labels, opts=stack.once_admitted(parent=self))
        self.docker_name = network.name
        self.register_outputs({"docker_name": self.docker_name})
