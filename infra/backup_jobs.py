"""The containers that make backups, restore them, and try whether they can be restored: declared, and started later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_docker as docker

from infra.container import Process
from infra.dormant import Dormant, of
from infra.lasting_volume import at, lasting_volume
from infra.logins import Logins
from infra.mounted_files import ConfigurationFiles
from infra.network import Network
from infra.service import TMPFS, Service
from infra.services.api import Api
from infra.services.backup import Backup, WalReceiver
from infra.services.neo4j import Neo4j
from infra.services.postgres import BACKUP_PASSWORD as POSTGRES_PASSWORD
from infra.services.postgres import DATABASE, Postgres
from infra.services.redis import BACKUP_PASSWORD as REDIS_PASSWORD
from infra.services.redis import Redis
from infra.stack import CHECKOUT
from infra.stores import Stores
from stacks.backup import JOB_CPUS, JOB_MEMORY_MB, graph_job_memory_mb, redis_job_memory_mb
from stacks.settings import ServiceSettings

TRIALS = CHECKOUT / "images" / "backup" / "trials"
SHELLS = {Postgres: "bash", Redis: "sh"}
HIDDEN = f"{TMPFS},size=1m"
"""What takes the place of a volume that an image declares and a job does not need."""

Texts = Mapping[str, pulumi.Input[str]]
Volumes = Sequence[docker.ContainerVolumeArgs]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept; the networks on which it, and a copy elsewhere if there is one, is reached; the WAL's receiver."""

    stores: Stores
    api: Api
    data: Network
    off_site: Network | None
    receiver: WalReceiver


class Jobs:
    """Every job of a stack, and the volumes by which they hand things on."""

    def __init__(self, backup: Backup, kept: Kept, off_site: Texts, environment: Mapping[str, str]) -> None:
        self._backup = backup
        self._stack = backup.stack
        self._kept = kept
        self._credentials = off_site
        self._environment = environment
        self._work, self._exchange, self._scratch = (self._volume(name) for name in ("work", "exchange", "scratch"))
        keys = lasting_volume(backup, self._stack, "backup-key")
        self.work, self.key = at("/work", self._work), at("/run/key", keys)
        self._shown_key = at("/run/key", keys, read_only=True)

    def scheduled(self) -> list[Dormant]:
        """What the scheduler starts, in the order in which it is needed."""
        return [*self._makers(), *self._drills(), *self._copy()]

    def by_hand(self) -> list[Dormant]:
        """What only `research` starts, by the engine itself: it replaces data or the key, or reads all there is."""
        verify = self._job("backup-verify", _process("job verify"))
        return [verify, *self._restorers(), *self._exchange_of_keys()]

    def _makers(self) -> Iterator[Dormant]:
        kept, stores = self._kept, self._kept.stores
        yield self._job("backup-postgres", self._at_postgres("job postgres", stores.postgres.keeper), kept.data)
        yield self._job("backup-redis", self._at_redis("job redis"), kept.data)
        yield self._job("backup-files", _process("job files", volumes=[at("/files", _data(kept.api), read_only=True)]))
        yield self._graph("neo4j-dump", "dump-database /exchange/neo4j", _data(stores.neo4j), store_away=True)
        yield self._graph("neo4j-count", "count-dump /exchange/neo4j", self._scratch)
        yield self._job("backup-neo4j", _process("job neo4j"))
        yield self._job("backup-state", _process("job state"))
        yield self._job("backup-check", _process("job check"))
        yield self._job("backup-base", self._at_postgres("job base", stores.postgres.keeper), kept.data)
        yield self._job("backup-wal", _process("job wal", volumes=[at("/wal", _data(kept.receiver))]))

    def _restorers(self) -> Iterator[Dormant]:
        kept, stores = self._kept, self._kept.stores
        yield self._job("restore-fetch", _process("restore fetch"))
        may_do_all = {"postgres_superuser_password": stores.postgres.superuser_password}
        yield self._job(
            "restore-postgres", replace(self._at_postgres("restore postgres"), secrets=may_do_all), kept.data
        )
        yield self._job("restore-files", _process("restore files", volumes=[at("/files", _data(kept.api))]))
        of_redis = [at(str(Redis.data_path), _data(stores.redis))]
        yield self._scripted("restore-redis", Redis, "restore-redis.sh", of_redis)
        yield self._graph("restore-neo4j", "load-dump /exchange/neo4j", _data(stores.neo4j), store_away=True)
        yield self._scripted("recover-postgres", Postgres, "recover.sh")
        yield self._job("restore-clear", _process("restore clear"))

    def _drills(self) -> Iterator[Dormant]:
        yield self._job("drill-fetch", _process("drill fetch", secrets=self._credentials), self._kept.off_site)
        yield self._scripted("drill-postgres", Postgres, "drill-postgres.sh")
        yield self._scripted("drill-redis", Redis, "drill-redis.sh")
        yield self._graph("drill-neo4j", "count-dump /exchange/drill/neo4j", self._scratch)
        yield self._job("drill-judge", _process("drill judge"))

    def _copy(self) -> Iterator[Dormant]:
        if self._kept.off_site:
            yield self._job("backup-copy", _process("job copy", secrets=self._credentials), self._kept.off_site)

    def _exchange_of_keys(self) -> Iterator[Dormant]:
        elsewhere = self._kept.off_site
        exchange = _process("job key", secrets=self._credentials)
        yield self._job("backup-key", exchange, elsewhere, exchanges_key=True)
        if elsewhere:
            fetch = _process("restore fetch-repository", secrets=self._credentials)
            yield self._job("restore-fetch-off-site", fetch, elsewhere)

    def _at_postgres(self, command: str, logins: Logins | None = None) -> Process:
        where = {"POSTGRES_ADDRESS": self._kept.stores.postgres.address, "POSTGRES_DATABASE": DATABASE}
        if not logins:
            return _process(command, environment=where)
        login = logins.used
        environment = {**where, "POSTGRES_LOGIN": login.name}
        return _process(command, environment=environment, secrets={POSTGRES_PASSWORD: login.password})

    def _at_redis(self, command: str) -> Process:
        redis = self._kept.stores.redis
        assert redis.keeper  # noqa: S101 - there are backups
        login = redis.keeper.used
        environment = {"REDIS_ADDRESS": redis.address, "REDIS_LOGIN": login.name}
        return _process(command, environment=environment, secrets={REDIS_PASSWORD: login.password})

    def _job(
        self, name: str, process: Process, network: Network | None = None, *, exchanges_key: bool = False
    ) -> Dormant:
        """In the image of those who make backups."""
        body = of(Backup, self._stack, self._backup, self._limits(name))
        process = replace(
            process,
            environment={**self._environment, **process.environment},
            volumes=[
                self.work,
                at("/repository", _data(self._backup)),
                at("/exchange", self._exchange),
                self.key if exchanges_key else self._shown_key,
                *process.volumes,
            ],
        )
        return Dormant(replace(body, networks=[network] if network else []), name, process)

    def _scripted(self, name: str, service: type[Service], script: str, volumes: Volumes = ()) -> Dormant:
        """In the image of a store, by a script that the image need not know."""
        body = of(service, self._stack, self._backup, self._limits(name))
        mounted = {volume.container_path for volume in volumes}
        hidden = {} if service.data_path in mounted else {str(service.data_path): HIDDEN}
        process = Process(
            command=[SHELLS[service], f"{ConfigurationFiles.folder}/{script}"],
            environment={"POSTGRES_DATABASE": DATABASE} if service is Postgres else {},
            configuration={name: (TRIALS / name).read_text() for name in (script, f"private-{service.name}.sh")},
            volumes=[at("/exchange", self._exchange), *volumes],
        )
        return Dormant(replace(body, tmpfs={**body.tmpfs, **hidden}), name, process, store_away=bool(volumes))

    def _graph(self, name: str, command: str, data: docker.Volume, *, store_away: bool = False) -> Dormant:
        """In the image of Neo4j, beside the server or in its place."""
        limits = self._stack.limits[Neo4j.name]
        smaller = limits.model_copy(update={"memory_mb": graph_job_memory_mb(limits.memory_mb)})
        volumes = [at("/exchange", self._exchange), at(str(Neo4j.data_path), data)]
        body = of(Neo4j, self._stack, self._backup, smaller)
        return Dormant(body, name, Process(command=command.split(), volumes=volumes), store_away=store_away)

    def _limits(self, name: str) -> ServiceSettings:
        """Those of Redis open all that it holds, so they need what it has, and room for themselves."""
        redis = self._stack.limits[Redis.name].memory_mb
        memory_mb = redis_job_memory_mb(redis) if name.endswith(f"-{Redis.name}") else JOB_MEMORY_MB
        return ServiceSettings(cpus=JOB_CPUS, memory_mb=memory_mb)

    def _volume(self, name: str) -> docker.Volume:
        labels = self._stack.volume_labels()
        return docker.Volume(f"backup-{name}", labels=labels, opts=self._stack.once_admitted(parent=self._backup))


def _process(command: str, **more: Any) -> Process:
    return Process(command=command.split(), **more)


def _data(service: Service) -> docker.Volume:
    assert service.data  # noqa: S101 - it has a data path
    return service.data
