"""Those who keep the data of a stack safe."""

import json
from collections.abc import Mapping, Sequence

import pulumi

from infra.backup_jobs import Jobs, Kept
from infra.container import Process
from infra.network import Network
from infra.service import Service
from infra.services.api import Api
from infra.services.backup import Backup, BackupEngine, WalReceiver
from infra.services.neo4j import Neo4j
from infra.stack import Stack
from infra.stores import Stores
from stacks import backup
from stacks.settings import OFF_SITE_CREDENTIALS

KEEPING: tuple[type[Service], ...] = (BackupEngine, Backup, WalReceiver)


class Safekeeping:
    """A scheduler, the gate through which it starts and stops what it is told of, and the jobs that wait for it."""

    def __init__(self, stack: Stack, chosen: backup.Backup, watched: Sequence[Network]) -> None:
        self._stack = stack
        self._chosen = chosen
        # Before anything is declared: they may be refused.
        self._credentials = _credentials(stack) if chosen.off_site else {}
        self._inner = Network(stack, "keeping", internal=True)
        self._backup = Backup(stack, [self._inner, *watched])

    def over(self, stores: Stores, api: Api, *, data: Network, egress: Network) -> list[Service]:
        """Those who keep what these stores and the API hold."""
        stack, chosen = self._stack, self._chosen
        receiver = WalReceiver(stack, [data], postgres=stores.postgres)
        off_site = egress if chosen.off_site else None
        kept = Kept(stores=stores, api=api, data=data, off_site=off_site, receiver=receiver)
        jobs = Jobs(self._backup, kept, self._credentials, self._environment())
        names = {job.name: job.container.name for job in jobs.scheduled()}
        jobs.by_hand()
        of_neo4j = stores.neo4j.containers[0].name
        controlled = pulumi.Output.all(of_neo4j, *names.values()).apply(lambda known: may(known[0], known[1:]))
        engine = BackupEngine(stack, [self._inner], {"controlled": controlled})
        plan = pulumi.Output.all(**names, neo4j=of_neo4j).apply(self._plan)
        self._backup.run(
            Process(
                command=["schedule"],
                environment={**self._environment(), "BACKUP_AT": chosen.at, "ENGINE_URL": f"http://{engine.address}"},
                configuration={"jobs.json": plan},
                volumes=[jobs.work, jobs.key],
            ),
            after=[engine],
        )
        return [engine, self._backup, receiver]

    def _environment(self) -> dict[str, str]:
        chosen = self._chosen
        return {
            "STACK": self._stack.name,
            "KEEP_DAYS": str(chosen.keep_days),
            "KEEP_MONTHS": str(chosen.keep_months),
            "OFF_SITE": chosen.off_site or "",
        }

    def _plan(self, containers: Mapping[str, str]) -> str:
        """Which container does what."""
        plan = {"stack": self._stack.name, "containers": containers, "neo4j_grace_seconds": Neo4j.grace_seconds}
        return json.dumps(plan, indent=2, sort_keys=True)


def _credentials(stack: Stack) -> Mapping[str, pulumi.Input[str]]:
    given = stack.secret(OFF_SITE_CREDENTIALS)
    return {OFF_SITE_CREDENTIALS: given} if given else {}


def may(neo4j: str, jobs: Sequence[str]) -> str:
    """The gate's file: what may be done to which container."""
    return "".join(f"{name} start,stop\n" for name in [neo4j, *sorted(jobs)])
