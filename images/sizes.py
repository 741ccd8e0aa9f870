"""Print each image's size against its target and the seed document's figure; exit 1 when one is over its target.

Sizes are MB of 10^6 bytes, as `docker image inspect` reports them for the images of a stack (default: dev). The sum is
that of the images which the seed has, too; the edge, those who watch and who makes backups are shown where the stack
has them.
"""

import sys

import docker
from docker.errors import ImageNotFound

TARGETS = {"api": 120, "frontend": 16, "postgres": 85, "redis": 25, "neo4j": 225, "edge": 25}
WATCHING = {
    "prometheus": 185,
    "alertmanager": 60,
    "exporters": 65,
    "observers": 50,
    "engine": 25,
    "victorialogs": 20,
    "logcollector": 35,
    "zipkin": 120,
    "dashboards": 20,
}
KEEPING = {"backup": 110}
OPTIONAL = {"edge", *WATCHING, *KEEPING}
ALL = TARGETS | WATCHING | KEEPING
SEED = {"api": 2300, "frontend": 570, "postgres": 420, "redis": 110, "neo4j": 720}
SUM_TARGET = 475


def main(stack: str) -> int:
    client = docker.from_env()
    sizes: dict[str, float] = {}
    for name in ALL:
        reference = f"market-research/{name}:{stack}"
        try:
            sizes[name] = client.images.get(reference).attrs["Size"] / 1e6
        except ImageNotFound:
            if name in OPTIONAL:
                continue
            sys.stderr.write(f"{reference} is not built: bring the stack up first (`make up`)\n")
            return 1
    rows = [(name, size, ALL[name], SEED.get(name)) for name, size in sizes.items()]
    rows.append(("sum", sum(sizes[name] for name in SEED), SUM_TARGET, sum(SEED.values())))
    print(f"{'image':<13}{'size':>9}{'target':>9}{'seed':>9}{'of seed':>9}")  # noqa: T201 - the report is the purpose
    for name, size, target, seed in rows:
        verdict = "" if size <= target else "  over its target"
        compared = f"{seed:>6} MB{size / seed:>9.0%}" if seed else " " * 18
        print(f"{name:<13}{size:>6.1f} MB{target:>6} MB{compared}{verdict}")  # noqa: T201
    return 0 if all(size <= target for _, size, target, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "dev"))
