"""Programs built from their Go modules where their downloads are out of reach."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from toolchain.command import Command
from toolchain.go_toolchain import MODULES, compiler, environment
from toolchain.machine import cache_folder
from toolchain.step import Say
from toolchain.unfinished import unfinished

ADVICE = "Check that Go reaches a module proxy and that 8 GB of disk are free; then run `make up` again."
BUILD_FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly", "-tags", "osusergo,grpcnotrace")


@dataclass(frozen=True)
class GoProgram:
    """The one tool of a module below toolchain/go/, whose go.mod pins its version; `version_symbol` is told it."""

    module: str
    source: str
    version_symbol: str | None = None
    prefix: str = "v"

    @property
    def folder(self) -> Path:
        """The module's folder in this project."""
        return MODULES / self.module

    @cached_property
    def pins(self) -> str:
        """The text of go.mod."""
        return (self.folder / "go.mod").read_text()

    @property
    def version(self) -> str:
        """The version that go.mod pins, without the v."""
        return self._only(rf"^(?:require )?\s*{re.escape(self.source)} v(\S+)")

    @property
    def package(self) -> str:
        """The package of the tool."""
        return self._only(r"^tool (\S+)")

    @property
    def recipe(self) -> str:
        """A name that changes with any pin and with the way of building."""
        parts = [self.pins, (self.folder / "go.sum").read_text(), *self._flags()]
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
        return f"{self.module}-{self.version}-{key}"

    @property
    def binary(self) -> Path:
        """Where the built program is or will be."""
        return cache_folder() / self.recipe / self.package.rpartition("/")[2]

    def build(self, say: Say) -> Path:
        """Return the built program, building it first where it is missing. Raises StepError."""
        if self.binary.exists():
            return self.binary
        go = self._compiler(say)
        say(f"building {self.module} {self.version} from its Go module")
        with unfinished(self.binary.parent) as folder:
            self._go([go, "build", *self._flags(), "-o", folder / self.binary.name, self.package])
        return self.binary

    def source_folder(self, say: Say) -> Path:
        """Return the folder of the pinned sources, downloaded where they are missing. Raises StepError."""
        answer = self._go([self._compiler(say), "mod", "download", "-json", self.source])
        return Path(json.loads(answer)["Dir"])

    def _flags(self) -> list[str]:
        told = f" -X {self.version_symbol}={self.prefix}{self.version}" if self.version_symbol else ""
        return [*BUILD_FLAGS, "-ldflags", f"-s -w{told}"]

    def _compiler(self, say: Say) -> Path:
        return compiler(self._only(r"^go (\S+)"), say)

    def _go(self, argv: list[str | Path]) -> str:
        return Command(argv, advice=ADVICE, folder=self.folder, environment=environment()).run()

    def _only(self, pattern: str) -> str:
        [found] = re.findall(pattern, self.pins, re.MULTILINE)
        return str(found)
