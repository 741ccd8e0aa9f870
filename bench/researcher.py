"""One user of the crowd: reads more than it writes, and thinks in between."""

import random
import secrets
import time
from typing import Any

from locust import FastHttpUser, between, task
from locust.exception import RescheduleTask, StopUser

from bench.crowd import OWN_ACCOUNT, Account, Crowd
from bench.plan import RUN

QUERIES = (
    "young parents who cook at home",
    "commutes by bicycle",
    "saves money for a house",
    "lives with two dogs",
    "vegan who bakes bread",
)
QUESTIONS = ("What would you pay for it?", "What do you like about the look?")
PARTICIPANTS = 3
GENERATED = 2
TRIES = 30


class Researcher(FastHttpUser):
    """Somebody who prepares, holds and reads focus groups."""

    wait_time = between(1, 3)
    crowd: Crowd
    account: Account

    def on_start(self) -> None:
        """Sign up, which logs in: nobody shares an account."""
        self.account = Account()
        if not self.client.post("/api/accounts", json=self.account.sign_up(self.crowd.invite())).ok:
            raise StopUser
        self.crowd.accounts.add(self.account)

    def on_stop(self) -> None:
        """Delete the account."""
        if self.client.delete(OWN_ACCOUNT).ok:
            self.crowd.accounts.discard(self.account)

    @task(1)  # comes back the next day: one of 37 things that somebody does
    def sign_in(self) -> None:
        self.client.post("/api/session", json=self.account.sign_in())

    @task(10)
    def browse_personas(self) -> None:
        offset = random.choice((0, 0, 20))
        self.client.get(f"/api/personas?limit=20&offset={offset}", name="/api/personas")

    @task(10)
    def search_personas(self) -> None:
        query = random.choice(QUERIES).replace(" ", "%20")
        self.client.get(f"/api/personas?query={query}", name="/api/personas?query=")

    @task(8)
    def look_at_projects(self) -> None:
        projects = self._ask("GET", "/api/projects")["items"]
        if projects:
            self.wait()
            self.client.get(f"/api/projects/{random.choice(projects)['id']}", name="/api/projects/{id}")

    @task(2)
    def look_at_usage(self) -> None:
        self.client.get("/api/usage")

    @task(2)
    def generate_personas(self) -> None:
        wanted = {"audience": random.choice(QUERIES), "count": GENERATED}
        made = self._ask("POST", "/api/personas/generate", json=wanted)["items"]
        self.crowd.made.extend(f"/api/personas/{persona['id']}" for persona in made)

    @task(4)
    def hold_a_focus_group(self) -> None:
        project = self._ask("POST", "/api/projects", json={"name": f"Load {secrets.token_hex(4)}"})["id"]
        self.crowd.made.append(f"/api/projects/{project}")
        self.wait()
        plan = {
            "topic": f"A lemonade called {secrets.token_hex(4)}",
            "questions": QUESTIONS,
            "persona_ids": random.sample(self.crowd.personas, PARTICIPANTS),
        }
        path = f"/api/projects/{project}/focus-groups"
        group = self._ask("POST", path, json=plan, name="/api/projects/{id}/focus-groups")["id"]
        self.wait()
        self._run(f"/api/focus-groups/{group}")
        self.client.get(f"/api/focus-groups/{group}", name="/api/focus-groups/{id}")
        self._read(f"/api/focus-groups/{group}/analysis")

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        """What comes back as JSON; after a failure, which is counted already, the user turns to something else."""
        answer = self.client.request(method, path, **options)
        if not answer.ok:
            raise RescheduleTask
        return answer.json()

    def _run(self, group: str) -> None:
        """Start it, and follow it to its end."""
        started = time.perf_counter()
        self.client.post(f"{group}/run", name="/api/focus-groups/{id}/run")
        told = "".join(self.client.iter_lines(f"{group}/events", name="/api/focus-groups/{id}/events"))
        self.environment.events.request.fire(
            request_type="",
            name=RUN,
            response_time=(time.perf_counter() - started) * 1000,
            response_length=len(told),
            exception=None if '"finished"' in told else AssertionError("the stream ended before the run did"),
            context={},
        )

    def _read(self, findings: str) -> None:
        """Read the findings as soon as they are there: the graph follows the answers."""
        name = "/api/focus-groups/{id}/analysis"
        for left in reversed(range(TRIES)):
            with self.client.get(findings, name=name, catch_response=True) as answer:
                if answer.status_code not in (409, 503):
                    return
                answer.request_meta["name"] = f"{name}, not there yet"
                if left:
                    answer.success()
            time.sleep(int(answer.headers["Retry-After"]))
