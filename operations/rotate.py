"""`research rotate`: other passwords for the stores, while people are at work."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer
from rich.console import Console

from infra.logins import is_moving
from operations.audit import noted, record, signed
from operations.backup import leave_state
from operations.command_line import DEFAULT_STACK, AsJson, StackName, aside, console, print_json
from operations.confirmation import Yes, confirm, must_be_somebody
from operations.deploy import SHORT_JOB_SECONDS, Wait
from operations.deploy_lock import DeployLock
from operations.exit_codes import ExitCode, OperationError
from operations.generations import generations, raised
from operations.keeper import Keeper
from operations.logins import Login, known, let_in
from operations.plan import planned, show
from operations.pulumi_cli import Pulumi
from operations.running_stack import RunningStack
from operations.stack_file_edit import rewritten
from operations.verification import verify

STORES = ("postgres", "redis", "neo4j")
ALL = "all"
FOLLOWS_WITHIN_SECONDS = 40
"""Stores read their files every two seconds; Neo4j lets nobody try for five after three wrong passwords."""
POLL_SECONDS = 2

What = Annotated[list[str], typer.Argument(metavar="STORE...|all", help="postgres, redis, neo4j, or all of them.")]


def rotate(
    what: What, stack: StackName = DEFAULT_STACK, yes: Yes = False, wait: Wait = 0, json: AsJson = False
) -> None:
    """Give the stores other passwords: clients change over to a login that is good already, then the one they left gets
    a password that nobody was ever told. What leaked is refused from there on, and whoever came in with it is put out.

    With an edge no request fails; without one the API is away for as long as its plan says. No store is restarted. What
    was interrupted is ended by the same command. Every password that the stack itself made is among them. Others: the
    backups' key has `research backup rotate-key`; what you brought (`llm_api_key`, `tls_certificate`, ...) is changed
    where it comes from, then by `pulumi config set --secret` and `research deploy`; the key of the fingerprints in
    Pulumi's state opens nothing. Exit code 1 when an old password is still good or a new one is not.
    """
    stores = _wanted(what)
    must_be_somebody(yes)
    running = RunningStack.find(stack)
    running.file.must_exist()
    out = aside() if json else console()
    with ExitStack() as until_done:
        until_done.enter_context(noted(running.file, "rotate", "failed"))
        lock = DeployLock(running.engine, running.file.project, stack)
        until_done.enter_context(lock.held(f"rotate {', '.join(stores)}", wait, out))
        if Keeper.works(running):
            until_done.enter_context(Keeper(running).alone("a rotation", max(wait, SHORT_JOB_SECONDS)))
        done = Rotation(running, stores, out).carried_out(yes)
        if Keeper.works(running):
            leave_state(running, Keeper(running))
    record(running.file, "rotate", ", ".join(done["generations"]))
    if json:
        print_json(done)


def _wanted(what: Sequence[str]) -> list[str]:
    unknown = [one for one in what if one not in (*STORES, ALL)]
    if unknown:
        raise OperationError(ExitCode.WRONG_USE, f"{unknown[0]}: not to be rotated; there are {', '.join(STORES)}, all")
    return [store for store in STORES if store in what or ALL in what]


@dataclass(frozen=True)
class Rotation:
    """The way of some stores from one generation at rest to the next."""

    stack: RunningStack
    stores: Sequence[str]
    out: Console

    @property
    def pulumi(self) -> Pulumi:
        """The command on this stack."""
        return Pulumi(self.stack.name, self.stack.file.checkout)

    def carried_out(self, yes: bool) -> dict[str, Any]:
        """Do what an earlier rotation left over, then rotate the other stores; what was done, with seconds."""
        refused, seconds, left = 0, {}, self._left_over()
        if left is not None:
            seconds = {"rest": replace(self, stores=left).ended(yes)}
        ended = left or []
        if rest := [store for store in self.stores if store not in ended]:
            refused, took = replace(self, stores=rest).rotated(yes)
            seconds |= took
        return self._report([store for store in STORES if store in (*ended, *rest)], refused, seconds)

    def rotated(self, yes: bool) -> tuple[int, dict[str, float]]:
        """Change over, draw anew, and see what the stores say; how many old passwords they refuse, and the seconds."""
        moving = [store for store, number in generations(self.stack.file, self.stores).items() if is_moving(number)]
        if moving:
            self.out.print(f"clients of {', '.join(moving)} were about to change over: going on from there")
        with rewritten(self.stack.file, raised(self.stack.file, [one for one in self.stores if one not in moving])):
            show(self.stack.name, planned(self.stack.file), self.out)
            confirm(f"Rotate {', '.join(self.stores)} of stack {self.stack.name}?", yes)
        change_over = self._updated("clients change over to their other login")
        before = known(self.pulumi, self.stores)
        self.stack.file.path.write_text(raised(self.stack.file, self.stores))
        draw_anew = self._updated("the passwords that they left are drawn anew")
        return self._prove(before), {"change over": change_over, "draw anew": draw_anew}

    def ended(self, yes: bool) -> float:
        """Do the rest of a rotation: what it made stale Pulumi has forgotten, and a login has one password."""
        what = f"the last rotation{' of ' if self.stores else ''}{', '.join(self.stores)}"
        self.out.print(f"{what} was interrupted in its second step: the rest comes first")
        confirm(f"Do the rest of {what} of stack {self.stack.name}?", yes)
        seconds = self._updated("the passwords that clients had left are drawn anew")
        self._prove([])
        return seconds

    def _report(self, stores: Sequence[str], refused: int, seconds: dict[str, float]) -> dict[str, Any]:
        told = ", ".join(f"{what} {of_it} s" for what, of_it in seconds.items())
        tried = f", {refused} old passwords tried and refused" if refused else ""
        self.out.print(f"[green]{', '.join(stores)} rotated[/]{tried}: {told}", soft_wrap=True)
        numbers = generations(self.stack.file, stores)
        name = self.stack.file.path.name
        self.out.print(f"{name} has the new numbers: commit it, before another checkout's deploy takes them back")
        return {"stack": self.stack.name, "generations": numbers, "refused": refused, "seconds": seconds}

    def _left_over(self) -> list[str] | None:
        """The stores whose rotation has ended early in its second step, as far as the steps that are left tell; none
        when nothing is left to do. Raises OperationError when a deploy is due.
        """
        steps = [step for step in self.pulumi.preview() if step["op"] not in ("same", "read")]
        numbers = generations(self.stack.file, self.stores)
        if not steps or any(is_moving(number) for number in numbers.values()):
            return None
        if all(_is_of_secrets(step["urn"]) for step in steps):
            names = {step["urn"].rpartition("::")[2].partition("-")[0] for step in steps}
            return [store for store in STORES if store in names]
        raise OperationError(
            ExitCode.BROKEN,
            f"stack {self.stack.name} is not what this checkout says, and a rotation changes nothing but passwords: "
            f"type `research deploy -s {self.stack.name}` first, and see its plan; nothing was changed",
        )

    def _updated(self, reason: str) -> float:
        """Let Pulumi bring the stack to what its file says, look by the public address, and return the seconds."""
        began = time.monotonic()
        message = signed(f"rotate {', '.join(self.stores)}: {reason}")
        self.pulumi.show("up", "--yes", "--skip-preview", "--suppress-outputs", "--message", message)
        verify(self.stack, self.pulumi.answer("stack", "output", "url").strip())
        self.out.print(f"{reason}: done, and the stack works")
        return round(time.monotonic() - began, 1)

    def _prove(self, before: Sequence[Login]) -> int:
        """See that the stores let in whom the state knows, and nobody with a password of before; how many these are."""
        now = known(self.pulumi, self.stores)
        current = {one.name: one.password for one in now}
        old = [one for one in before if current.get(one.name) != one.password]
        deadline = time.monotonic() + FOLLOWS_WITHIN_SECONDS
        while shut_out := [one for one, good in zip(now, let_in(self.stack, now), strict=True) if not good]:
            if time.monotonic() > deadline:
                raise self._broken("do not let in", shut_out)
            time.sleep(POLL_SECONDS)
        if still := [one for one, good in zip(old, let_in(self.stack, old), strict=True) if good]:
            raise self._broken("still let in, by the old password,", still)
        return len(old)

    def _broken(self, what: str, logins: Sequence[Login]) -> OperationError:
        users = ", ".join(f"{one.user} of {one.store}" for one in logins)
        store = logins[0].store
        return OperationError(
            ExitCode.BROKEN,
            f"the stores {what} {users}: `research logs {store} -s {self.stack.name}` tells why; a restart of its "
            "container makes a store take what its files say",
        )


def _is_of_secrets(urn: str) -> bool:
    kind, name = urn.split("::")[2:4]
    return kind.endswith(":RandomPassword") or name.endswith("-secrets")
