"""A drill's two ends: the newest backup of each store laid out for the product's images, and what they found judged."""

import json
from pathlib import Path
from typing import Any

from backup import exchange, folders, manifest, postgres, repository, settings, space, upkeep
from backup.manifest import Facts, Manifest
from backup.repository import Repository
from backup.restore import EXPECTED, FETCHED, fetch_file
from backup.results import Result, put
from backup.settings import JobError, Request
from backup.work import Work

FOLDER = "drill"
FOUND, FOUND_ROWS = "facts.json", "facts.tsv"
"""What a product's image found: JSON, or psql's rows of a name, a tab and a value."""
LAID_OUT = {**FETCHED, "postgres": postgres.DUMP}


def fetch(request: Request, result: Result) -> None:
    """Lay the newest backup of each store out in /exchange/drill, from off-site where there is a copy there."""
    source = repository.off_site() if settings.off_site() else repository.local()
    upkeep.reach(source.target.address)
    newest = {head.store: head for head in manifest.counting(source.snapshots())}
    chosen = [store for store in (*LAID_OUT, "files") if store in newest and store in (request.stores or newest)]
    if not chosen:
        raise JobError(f"repository {source.target.address}: no backup that counts: there is nothing to drill with")
    exchange.emptied(FOLDER)
    takes = sum(newest[store].bytes * space.TAKES[store] for store in chosen if store in LAID_OUT)
    space.need(settings.EXCHANGE, takes, "a drill")
    for store in chosen:
        folder = exchange.emptied(FOLDER, store)
        if store == "files":
            _fetch_files(source, manifest.load(source, newest[store]), newest[store].data, folder)
        else:
            expected = fetch_file(source, newest[store], folder)
            if store == "postgres":
                _add_sql(expected, folder)
    result.bytes = sum(newest[store].bytes for store in chosen)
    result.report = {store: newest[store].backup for store in chosen}


def _fetch_files(source: Repository, expected: Manifest, data: str, folder: Path) -> None:
    """The uploads need no service to be read: what came back is told here."""
    with source.stream(f"{data}:/{expected.file}", "") as archive:
        put(folder / FOUND, folders.sums_of_archive(archive))
    put(folder / EXPECTED, expected.facts)


def _add_sql(expected: Manifest, folder: Path) -> None:
    """What PostgreSQL's image needs beside the dump: the roles that it speaks of, and the questions."""
    for name, text in {"roles.sql": expected.roles, "facts.sql": postgres.FACTS.read_text()}.items():
        (folder / name).write_text(text)
        exchange.hand_over(folder / name)


def judge(_request: Request, result: Result) -> None:
    """Compare what was found with what was expected, store by store. JobError when anything differs."""
    top = settings.EXCHANGE / FOLDER
    stores = sorted(path.name for path in top.iterdir() if path.is_dir()) if top.is_dir() else []
    if not stores:
        raise JobError(f"{top}: nothing was laid out: let drill-fetch run first")
    told = {store: _told(top / store) for store in stores}
    result.report = {store: {"ok": not sentences, "differences": sentences} for store, sentences in told.items()}
    result.differences = [f"{store}: {one}" for store, sentences in told.items() for one in sentences]
    result.differences = result.differences[: manifest.MOST_DIFFERENCES]
    result.facts_equal = not result.differences
    if result.differences:
        raise JobError(
            f"the drill failed, backups are not to be trusted: {result.differences[0]}; see {Work().reports}"
        )
    exchange.emptied(FOLDER)


def _told(folder: Path) -> list[str]:
    found = _found(folder)
    if found is None:
        return ["nothing was found: its container did not come so far; look at its log"]
    return manifest.differences(_read(folder / EXPECTED), found)


def _found(folder: Path) -> Facts | None:
    if (folder / FOUND).exists():
        return _read(folder / FOUND)
    if (folder / FOUND_ROWS).exists():
        lines = (folder / FOUND_ROWS).read_text().splitlines()
        return {name: value for name, _, value in (line.partition("\t") for line in lines)}
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text())
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise JobError(f"{path}: not a JSON object of facts")
    return read
