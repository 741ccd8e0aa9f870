"""A drill's two ends: the newest backup of each store laid out for the product's images, and what they found judged."""

import json
from pathlib import Path
from typing import Any

from backup import exchange, folders, manifest, neo4j, postgres, redis, repository, settings, upkeep
from backup.manifest import Head, Manifest
from backup.repository import Repository
from backup.restore import fetch_file, read_rows
from backup.results import Result
from backup.settings import JobError, Request

FOLDER = "drill"
EXPECTED = "expected"
"""The facts that were backed up, a file for each store."""
LAID_OUT = {"postgres": "postgres.dump", "redis": redis.FILE, "neo4j": f"neo4j/{neo4j.FILE}"}
FOUND = {"postgres": "postgres.tsv", "redis": "redis.tsv", "neo4j": f"neo4j/{neo4j.FACTS}", "files": "files.json"}
"""Where the stores' images leave what they found: JSON, or rows of a name, a tab and a value."""


def fetch(request: Request, result: Result) -> None:
    """Lay the newest backup of each store out in /exchange/drill, from off-site where there is a copy there."""
    source = repository.off_site() if settings.off_site() else repository.local()
    upkeep.reach(source.target.address)
    newest = {head.store: head for head in manifest.counting(source.snapshots())}
    chosen = [store for store in FOUND if store in newest and store in (request.stores or newest)]
    if not chosen:
        raise JobError(f"repository {source.target.address}: no backup that counts: there is nothing to drill with")
    for path in ([], ["neo4j"], [EXPECTED]):
        exchange.emptied(FOLDER, *path)
    for store in chosen:
        expected = _lay_out(source, newest[store])
        exchange.write(f"{FOLDER}/{EXPECTED}/{store}.json", json.dumps(expected.facts))
    result.bytes = sum(newest[store].bytes for store in chosen)
    result.report = {store: newest[store].backup for store in chosen}


def _lay_out(source: Repository, head: Head) -> Manifest:
    if head.store in LAID_OUT:
        if head.store == "postgres":
            exchange.write(f"{FOLDER}/facts.sql", postgres.FACTS.read_text())
        return fetch_file(source, head, settings.EXCHANGE / FOLDER / LAID_OUT[head.store])
    # The uploads need no service to be read: what comes back is told here.
    expected = manifest.load(source, head)
    with source.stream(f"{head.data}:/{expected.file}", "") as archive:
        exchange.write(f"{FOLDER}/{FOUND[head.store]}", json.dumps(folders.sums_of_archive(archive)))
    return expected


def judge(_request: Request, result: Result) -> None:
    """Compare what was found with what was expected, store by store. JobError when anything differs."""
    top = settings.EXCHANGE / FOLDER
    stores = sorted(path.stem for path in (top / EXPECTED).glob("*.json"))
    if not stores:
        raise JobError(f"{top}: nothing was laid out: let drill-fetch run first")
    told = {store: _told(top, store) for store in stores}
    result.report = {store: {"ok": not sentences, "differences": sentences} for store, sentences in told.items()}
    sentences = [f"{store}: {one}" for store, sentences in told.items() for one in sentences]
    result.differences, result.facts_equal = sentences[: manifest.MOST_DIFFERENCES], not sentences
    if sentences:
        raise JobError(f"the drill failed, backups are not to be trusted: {sentences[0]}; see /work/reports")
    exchange.emptied(FOLDER)


def _told(top: Path, store: str) -> list[str]:
    found = top / FOUND[store]
    if not found.exists():
        return ["nothing was found: its container did not come so far; look at its log"]
    facts = read_rows(found) if found.suffix == ".tsv" else _read(found)
    return manifest.differences(_read(top / EXPECTED / f"{store}.json"), facts)


def _read(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text())
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise JobError(f"{path}: not a JSON object of facts")
    return read
