"""The stack as its parts see it: settings, labels, images, and the right to come up at all."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pulumi
import pulumi_docker as docker
import pulumi_random as random

from infra import ownership
from infra.admission import away_problems, handover_problems, host_problems, listening_at
from infra.certificate import certificate_problems
from infra.engine import Engine, published
from infra.hot_reload import hot_reload_problems
from infra.images import Images
from infra.limits import capped, limit_problems
from infra.roles import Facts, chosen, start_first
from stacks.passphrase import passphrase_is_known
from stacks.settings import TLS_CERTIFICATE, ServiceSettings, SettingsError, StackSettings, load_settings

CHECKOUT = Path(__file__).resolve().parents[1]


def chosen_settings() -> StackSettings:
    """What Pulumi.<stack>.yaml chooses. Raises RunError naming file and key."""
    values = pulumi.runtime.get_config_env()
    if "docker:host" in values:
        raise pulumi.RunError(
            f"Pulumi.{pulumi.get_stack()}.yaml: docker:host is known to one plugin alone, while images are built and "
            "health is awaited elsewhere. Take it out and set DOCKER_HOST, which all go by; ssh:// will do"
        )
    try:
        return load_settings(values, project=pulumi.get_project(), stack=pulumi.get_stack())
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


class Stack(pulumi.ComponentResource):
    """One deployment of the platform; the parent of everything.

    Raises RunError with all that speaks against it, before anything on the engine is touched.
    """

    def __init__(self, settings: StackSettings, services: Sequence[type[Facts]], engine: Engine) -> None:
        super().__init__("market-research:infra:Stack", pulumi.get_project())
        self.name = pulumi.get_stack()
        self.file = f"Pulumi.{self.name}.yaml"
        self.settings = settings
        self._config = pulumi.Config()
        self.engine = engine
        self._services = chosen(services, settings)
        reloading = self._services if settings.hot_reload else []
        self.sources = {service.name: service.source for service in reloading if service.source}
        self.limits = self._admitted_limits(services)
        mark = self._checkout_mark()
        self.fingerprint_key = random.RandomPassword(
            "fingerprints", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        ).result
        self.installation = random.RandomId("installation", byte_length=4, opts=pulumi.ResourceOptions(parent=self)).hex
        self.admission = self.installation.apply(self._refuse_strangers)
        docker.Volume("checkout", labels=self.volume_labels(mark), opts=self.once_admitted(parent=self))
        self.images = Images(self, self._services)
        self.register_outputs({})

    def has(self, service: type[Facts]) -> bool:
        """Whether this stack runs the service."""
        return service in self._services

    def starts_first(self, service: type[Facts]) -> bool:
        """Whether the service's next version starts before the last one stops: the edge stands before it.

        Not while the last one holds a port of the host, which the edge is about to take over.
        """
        if service not in start_first(self._services):
            return False
        running = self.engine.containers({**self.identity, "pulumi.service": service.name}, running_only=True)
        return not any(published(one) for one in running)

    @property
    def identity(self) -> dict[str, str]:
        """The labels that tell this stack's resources from all others."""
        return ownership.stack_labels(pulumi.get_project(), self.name)

    def container_labels(self, service: str) -> list[docker.ContainerLabelArgs]:
        """Whose container it is."""
        labels: dict[str, pulumi.Input[str]] = {
            **self.identity,
            "pulumi.service": service,
            ownership.INSTALLATION_LABEL: self.installation,
        }
        return [docker.ContainerLabelArgs(label=key, value=labels[key]) for key in sorted(labels)]

    def volume_labels(self, more: Mapping[str, str] | None = None) -> list[docker.VolumeLabelArgs]:
        """Whose volume it is, and what else is to be known of it."""
        labels = {**self.identity, **(more or {})}
        return [docker.VolumeLabelArgs(label=key, value=value) for key, value in labels.items()]

    def once_admitted(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a resource that must not be touched before ownership is clear."""
        if pulumi.runtime.is_dry_run():
            return pulumi.ResourceOptions(parent=parent)
        return pulumi.ResourceOptions(parent=parent, depends_on=self.admission.apply(lambda _: []))

    def secret(self, name: str) -> pulumi.Output[str] | None:
        """A secret of Pulumi.<stack>.yaml, if it is set. Raises RunError when anybody could read it there."""
        if self._config.get(name) is None:
            return None
        if not pulumi.runtime.is_config_secret(self._config.full_key(name)):
            raise pulumi.RunError(
                f"{self.file}: {name} is in the file in clear. Make another one where it comes from, then: "
                f"`pulumi config set --secret {name} --stack {self.name}`"
            )
        if passphrase_is_known(CHECKOUT, self.name, os.environ):
            raise pulumi.RunError(
                f"{self.file}: {name} is encrypted with the published evaluation passphrase, or an empty one, so that "
                f"everybody who has the file has it. {self._own_passphrase} Then set "
                "another one, this one counts as known"
            )
        return self._config.get_secret(name)

    @property
    def _own_passphrase(self) -> str:
        command = f"pulumi stack change-secrets-provider passphrase --stack {self.name}"
        return f"Choose your own first: `{command}`, and let PULUMI_CONFIG_PASSPHRASE_FILE name its file."

    def _admitted_limits(self, services: Sequence[type[Facts]]) -> Mapping[str, ServiceSettings]:
        _refuse(limit_problems(self.settings, services, self.file))
        _refuse(self._exposure_problems())
        _refuse(self._certificate_problems())
        _refuse(hot_reload_problems(self.settings, self.sources, start_first(self._services), self.engine, self.file))
        running = self.engine.containers(self.identity, running_only=True)
        if not pulumi.runtime.is_dry_run():
            _refuse(away_problems(running, self.file))
        _refuse(handover_problems(self.settings, self._services, running, self.file))
        host = self.engine.host(self.identity, listening_at(self.settings))
        _refuse(host_problems(self.settings, self._services, host, self.file))
        limits, warnings = capped(self.settings.services, host)
        for warning in warnings:
            pulumi.log.warn(f"{self.file}: {warning}")
        return limits

    def _certificate_problems(self) -> Iterable[str]:
        pem = self._config.get(TLS_CERTIFICATE)
        return [f"{self.file}: {TLS_CERTIFICATE}: {one}" for one in certificate_problems(pem)] if pem else []

    def _exposure_problems(self) -> list[str]:
        if not (self.settings.is_public and passphrase_is_known(CHECKOUT, self.name, os.environ)):
            return []
        return [
            f"{self.file}: bind_address {self.settings.bind_address} is open to other machines, but the stack's "
            f"secrets are encrypted with the published evaluation passphrase, or an empty one. {self._own_passphrase}"
        ]

    def _checkout_mark(self) -> dict[str, str]:
        """The mark of this checkout, which an empty volume carries as its label: replacing that costs nothing."""
        known = self.engine.volume_labels(self.identity, ownership.CHECKOUT_LABEL)
        other = next(filter(None, (ownership.other_checkout(mark, CHECKOUT) for mark in known)), None)
        if other:
            raise pulumi.RunError(ownership.second_checkout_message(self.name, other, CHECKOUT))
        return {ownership.CHECKOUT_LABEL: ownership.mark_to_keep(known, CHECKOUT)}

    def _refuse_strangers(self, installation: str) -> None:
        names = ownership.strangers(self.engine.containers(self.identity), installation)
        if names:
            raise pulumi.RunError(ownership.strangers_message(self.name, pulumi.get_project(), names))


def _refuse(problems: Iterable[str]) -> None:
    found = list(problems)
    if found:
        raise pulumi.RunError("\n".join(found))
