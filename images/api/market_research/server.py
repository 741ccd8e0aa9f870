"""The server process: settings in, requests served until SIGTERM."""

import sys
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from market_research import checks, logs
from market_research.accounts.presence import Presence
from market_research.app import Parts, create_app
from market_research.groups.bulletin import Bulletin
from market_research.groups.interview import Interview
from market_research.groups.runner import Runner
from market_research.health import Doctor
from market_research.llm.llm import Llm
from market_research.projects.shelf import Shelf
from market_research.projects.stimulus import keep_tidy
from market_research.settings import Passwords, Settings, SettingsError
from market_research.stores import Stores, postgres_options
from market_research.telemetry import exposition, gauges, tracing
from market_research.watch import PATIENCE_SECONDS, Watch

PORT = 8000
# A proxy keeps idle connections for a minute: the server must not be the first to close one.
IDLE_SECONDS = 65
FINISH_SECONDS = 20


def application() -> FastAPI:
    """The application as each worker makes it from the environment."""
    logs.configure()
    settings, passwords = Settings.load(), Passwords.load()
    tracing.configure(settings)
    stores = Stores.at(settings, passwords)
    llm = Llm.at(settings, passwords)
    bulletin = Bulletin(postgres_options(settings.postgres_url, passwords.postgres_password.get_secret_value()))
    shelf = Shelf(settings.files_folder)
    runner = Runner(stores, Interview(stores, llm), bulletin)
    doctor = _doctor(settings, passwords)
    presence = Presence(stores.redis)
    parts = Parts(
        doctor=doctor,
        stores=stores,
        llm=llm,
        bulletin=bulletin,
        shelf=shelf,
        presence=presence,
        background=(
            bulletin.listen,
            runner.run,
            partial(keep_tidy, stores.postgres, shelf),
            partial(gauges.look, stores, doctor, presence),
        ),
    )
    app = create_app(parts, settings.drain_seconds)
    tracing.observe(app)
    return app


def serve() -> None:
    """Serve until SIGTERM; a wrong setting ends the process with a line per mistake."""
    try:
        settings = Settings.load()
        Passwords.load()
    except SettingsError as error:
        sys.exit(str(error))
    logs.configure()
    exposition.serve()
    uvicorn.run(
        f"{__name__}:{application.__name__}",
        factory=True,
        host="0.0.0.0",  # noqa: S104 - the container's networks decide who reaches it
        port=PORT,
        workers=settings.workers,
        reload=settings.hot_reload,
        reload_dirs=str(Path(__file__).parent) if settings.hot_reload else None,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )


def _doctor(settings: Settings, passwords: Passwords) -> Doctor:
    postgres = checks.postgres_question(settings.postgres_url, passwords.postgres_password.get_secret_value())
    redis = checks.redis_question(settings.redis_url, passwords.redis_password.get_secret_value(), PATIENCE_SECONDS)
    neo4j = checks.neo4j_question(settings.neo4j_url, passwords.neo4j_password.get_secret_value())
    return Doctor(
        [
            Watch("postgres", postgres, required=True),
            Watch("redis", redis, required=True),
            Watch("neo4j", neo4j, required=False),
        ]
    )
