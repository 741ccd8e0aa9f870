"""What the page forbids to whatever gets into it, and to other sites, in a real browser."""

import pytest
from playwright.sync_api import Page

ELSEWHERE = "https://elsewhere.example/x"
INJECTED: dict[str, tuple[str, dict[str, str]]] = {
    "a script in the page": ("script", {"text": "window.hit = 1"}),
    "an attribute that is a script": ("img", {"src": "/nothing.png", "onerror": "window.hit = 1"}),
    "a script of another site": ("script", {"src": ELSEWHERE}),
    "another site in a frame": ("iframe", {"src": ELSEWHERE}),
    "a picture that tells another site": ("img", {"src": ELSEWHERE}),
    "a style that loads from another site": ("p", {"style": f"background: url({ELSEWHERE})"}),
    "another place for the page's own scripts": ("base", {"href": ELSEWHERE}),
}
INJECT = """
([tag, attributes]) => new Promise((forbidden) => {
    document.addEventListener("securitypolicyviolation", (violation) => forbidden(violation.effectiveDirective));
    setTimeout(() => forbidden(null), 5000);
    const element = document.createElement(tag);
    if (attributes.text) element.textContent = attributes.text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    document.body.append(element);
})
"""


@pytest.mark.parametrize("attack", INJECTED)
def test_what_gets_into_the_page_neither_runs_nor_loads(page: Page, attack: str) -> None:
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto("/")
    assert page.evaluate(INJECT, INJECTED[attack]), f"the browser must forbid {attack}"
    assert page.evaluate("window.hit") is None, f"{attack} must not run"
    assert ELSEWHERE not in asked, f"{attack} must reach nobody"


def test_the_page_cannot_be_framed_nor_reached_by_the_page_that_opened_it(page: Page) -> None:
    answer = page.goto("/")
    assert answer
    headers = answer.all_headers()
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
