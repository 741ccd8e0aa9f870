"""The API's documentation as a page without scripts: the usual one loads its assets from the internet."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>body{{font:1rem/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}th{{text-align:left}}
td,th{{padding:.4rem 1rem .4rem 0;vertical-align:top}}</style>
<h1>{title} {version}</h1><p>The whole description: <a href="openapi.json">openapi.json</a></p>
<table><tr><th>Method</th><th>Path</th><th>What it does</th></tr>{rows}</table></html>"""
ROW = "<tr><td>{method}</td><td><code>{path}</code></td><td>{text}</td></tr>"


@router.get("/api/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every operation in one line."""
    schema = request.app.openapi()
    rows = [
        ROW.format(method=method.upper(), path=escape(path), text=escape(operation.get("description", "")))
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    title, version = escape(schema["info"]["title"]), escape(schema["info"]["version"])
    return HTMLResponse(PAGE.format(title=title, version=version, rows="\n".join(rows)))
