"""A person's way through the UI in a real browser, from a one-time link to findings and what they cost."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from smoke_tests.deployment import Deployment
from smoke_tests.person import Person, one_time_link
from smoke_tests.picture import png
from smoke_tests.website import Website

PERSONAS = 3
PICTURE = "bottle.png"
QUESTIONS = ["What would you pay for it?", "Who would you give it to?"]
RUN_SECONDS = 60


@pytest.fixture
def visitor(website: Website) -> Iterator[Person]:
    """Somebody who has no account yet; what they make in the browser is removed over HTTP."""
    person = Person(website)
    yield person
    if person.sign_in().status == 200:
        person.leave()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Errors that the browser tells a developer of."""
    told: list[str] = []
    page.on("console", lambda message: told.extend(complaint(message)))
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


def complaint(message: ConsoleMessage) -> Iterator[str]:
    """The message if it is an error; findings that are not there yet are none, and the browser calls them so."""
    waiting = message.location["url"].endswith("/analysis") and ("409" in message.text or "503" in message.text)
    if message.type == "error" and not waiting:
        yield f"{message.text} ({message.location['url']})"


def test_from_a_one_time_link_to_findings_and_what_they_cost(
    deployment: Deployment, page: Page, visitor: Person, complaints: list[str]
) -> None:
    project = f"Smoke {secrets.token_hex(4)}"
    with shown_when_it_fails(page):
        sign_up(page, visitor, one_time_link(deployment))
        personas = generate_personas(page, visitor)
        search(page, personas[0])
        make_project(page, visitor, project)
        upload_picture(page)
        plan_focus_group(page, personas)
        run_focus_group(page, personas)
        read_findings(page)
        see_tokens(page, project)
        sign_out(page, visitor)
    told = "\n".join(complaints)
    assert not complaints, f"the browser's console must hold no error and no violation of the security policy:\n{told}"


def sign_up(page: Page, person: Person, link: str) -> None:
    page.goto(link)
    expect(heading(page)).to_have_text("Create your account")
    page.get_by_label("Name").fill(person.email)
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    press(page, "Create account")
    expect(heading(page)).to_have_text("Projects")


def generate_personas(page: Page, person: Person) -> list[dict[str, Any]]:
    follow(page, "Personas")
    press(page, "Generate personas")
    dialog = page.get_by_role("dialog", name="Generate personas")
    dialog.get_by_role("textbox", name="Audience").fill("families in small towns who cook at home")
    dialog.get_by_role("spinbutton", name="How many").fill(str(PERSONAS))
    with page.expect_response(lambda answer: answer.url.endswith("/api/personas/generate")) as answered:
        press(dialog, "Generate")
    personas: list[dict[str, Any]] = answered.value.json()["items"]
    person.made.extend(f"/api/personas/{persona['id']}" for persona in personas)
    for persona in personas:
        expect(page.get_by_role("heading", name=persona["name"], exact=True).first).to_be_visible()
    return personas


def search(page: Page, persona: dict[str, Any]) -> None:
    page.get_by_role("searchbox", name="Search by meaning").fill(persona["description"])
    found = page.get_by_role("list", name="Personas").get_by_role("listitem").first
    expect(found.get_by_text(re.compile(r"\d+ % alike"))).to_be_visible()
    expect(found.get_by_role("heading")).to_have_text(persona["name"])


def make_project(page: Page, person: Person, name: str) -> None:
    follow(page, "Projects")
    page.get_by_role("textbox", name="Name of the new project").fill(name)
    with page.expect_response(lambda answer: answer.url.endswith("/api/projects") and answer.status == 201) as answered:
        press(page, "Create project")
    person.made.append(f"/api/projects/{answered.value.json()['id']}")
    page.get_by_role("list", name="Projects").get_by_role("link", name=name).click()
    expect(heading(page)).to_have_text(name)


def upload_picture(page: Page) -> None:
    page.get_by_label("File").set_input_files({"name": PICTURE, "mimeType": "image/png", "buffer": png()})
    page.get_by_role("textbox", name="Description").fill("A red bottle")
    press(page, "Upload")
    picture = page.get_by_role("list", name="Stimulus material").get_by_role("img", name="A red bottle")
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("picture => picture.naturalWidth") > 0, "an uploaded picture must be shown"


def plan_focus_group(page: Page, personas: list[dict[str, Any]]) -> None:
    page.get_by_role("link", name="New focus group").click()
    page.get_by_role("textbox", name="Topic").fill(f"A lemonade called {secrets.token_hex(4)}")
    for number, question in enumerate(QUESTIONS, start=1):
        field = page.get_by_role("textbox", name=f"Question {number}", exact=True)
        if not field.is_visible():
            press(page, "Add a question")
        field.fill(question)
    participants = page.get_by_role("group", name="Participants")
    for persona in personas:
        name = f"{persona['name']}, {persona['age']}, {persona['occupation']}"
        participants.get_by_role("checkbox", name=name, exact=True).first.check()
    expect(participants.get_by_text(f"{PERSONAS} of 2 to 12 chosen")).to_be_visible()
    page.get_by_role("combobox", name="Stimulus material").select_option(label=PICTURE)
    press(page, "Create focus group")
    expect(page.get_by_text("planned", exact=True)).to_be_visible()


def run_focus_group(page: Page, personas: list[dict[str, Any]]) -> None:
    press(page, "Run")
    expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=RUN_SECONDS * 1000)
    for question in QUESTIONS:
        speakers = page.get_by_role("list", name=question).get_by_role("heading")
        expect(speakers).to_have_count(len(personas))


def read_findings(page: Page) -> None:
    expect(page.get_by_role("img", name="Graph of participants and themes")).to_be_visible(timeout=RUN_SECONDS * 1000)
    themes = page.get_by_role("region", name="Findings").get_by_role("list", name="Themes")
    expect(themes.get_by_role("heading").first).to_be_visible()
    expect(themes.get_by_role("blockquote").first).to_be_visible()


def see_tokens(page: Page, project: str) -> None:
    follow(page, "Usage")
    row = page.get_by_role("table", name="Tokens by project").get_by_role("row", name=project).first
    expect(row).to_be_visible()
    calls, _, *tokens = (int(re.sub(r"\D", "", text)) for text in row.get_by_role("cell").all_inner_texts()[-4:])
    assert calls >= PERSONAS * len(QUESTIONS), "every answer must be counted as a call"
    assert min(tokens) > 0, "what was asked and answered must cost tokens"


def sign_out(page: Page, person: Person) -> None:
    press(page, f"Account: {person.email}")
    press(page, "Sign out")
    expect(heading(page)).to_have_text("Sign in")
    page.goto("/usage")
    expect(heading(page)).to_have_text("Sign in")


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def follow(page: Page, link: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=link).click()
    expect(heading(page)).to_have_text(link)


def press(place: Page | Locator, button: str) -> None:
    place.get_by_role("button", name=button, exact=True).click()


@contextmanager
def shown_when_it_fails(page: Page) -> Iterator[None]:
    """An error inside tells what the page showed."""
    try:
        yield
    except Exception as error:
        error.add_note(f"--- the page at {page.url}\n{page.locator('body').aria_snapshot()}")
        raise
