"""`python -m toolchain`: put what the project needs onto this machine, step by step; what is there is left alone."""

import argparse
import os
import sys
from collections.abc import Iterable

from toolchain import go_toolchain
from toolchain.actionlint import Actionlint
from toolchain.base_image import BaseImage
from toolchain.browser import Browser
from toolchain.buildx import Buildx
from toolchain.command import StepError
from toolchain.docker_engine import DockerEngine
from toolchain.evaluation_stacks import EvaluationStacks
from toolchain.official import OfficialDownloads
from toolchain.plugins import BuiltInPlugin, BuiltPlugin
from toolchain.pulumi_cli import PulumiCli
from toolchain.report import StepLine
from toolchain.ssh_engine import engine_over_ssh
from toolchain.step import Step

PURPOSES = ("up", "test", "smoke", "lint")


def steps(purpose: str) -> list[Step]:
    """Return the steps in their order; the first one to need Pulumi's downloads asks whether they can be reached."""
    if purpose == "smoke":
        return [Browser()]
    if purpose == "lint":
        return [Actionlint()]
    downloads = OfficialDownloads()
    pulumi: list[Step] = [PulumiCli(downloads), BuiltPlugin("docker-build", downloads)]
    plugins: list[Step] = [BuiltInPlugin("docker", downloads), BuiltInPlugin("random", downloads)]
    engine: list[Step] = [DockerEngine(), BaseImage(downloads), Buildx()]
    if purpose == "test":
        return [Browser(), Actionlint(), *engine, *pulumi, *plugins]
    return [*engine, *pulumi, *plugins, EvaluationStacks()]


def take(wanted: Iterable[Step]) -> None:
    """Take the steps, each with its line. Raises StepError at the first that does not succeed."""
    for step in wanted:
        with StepLine(step.name) as line:
            try:
                line.done(step.present() or step.install(line.say))
            except StepError:
                line.failed()
                raise


def main() -> int:
    """Run the steps and return the exit code."""
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("purpose", nargs="?", choices=PURPOSES, default=PURPOSES[0], help="what the machine is for")
    chosen = parser.parse_args()
    try:
        with engine_over_ssh(os.environ):
            take(steps(chosen.purpose))
    except StepError as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. Run the same command again: what is in place stays.\n")
        return 130
    go_toolchain.remove_sources()
    return 0


if __name__ == "__main__":
    sys.exit(main())
