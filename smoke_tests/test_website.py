"""People reach the UI and the API at the public address."""

from html.parser import HTMLParser

from smoke_tests.deployment import Deployment
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website


class Assets(HTMLParser):
    """The files that a page asks the browser to load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.paths: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get({"script": "src", "link": "href", "img": "src"}.get(tag, ""))
        if address and not address.startswith("data:"):
            self.paths.append(address)


def test_the_platform_calls_itself_healthy_with_every_store_up(deployment: Deployment, website: Website) -> None:
    page = website.get("/health")
    assert page.status == 200, f"/health must answer 200 while PostgreSQL and Redis are there: {page.text}"
    assert page.json["status"] == "ok", "/health must say that requests are served"
    down = [store for store in deployment.stores if page.json[store] != "up"]
    assert not down, "/health must find every store up"


def test_the_api_says_that_it_lives(website: Website) -> None:
    assert website.get("/live").status == 200, "/live must answer as long as the API's process runs"


def test_the_api_describes_itself(website: Website) -> None:
    page = website.get("/api/openapi.json")
    assert page.status == 200, "everything below /api/ must reach the API"
    assert page.json["paths"], "the API must describe what it offers"


def test_the_ui_is_served_with_everything_that_it_loads(website: Website) -> None:
    page = website.get("/")
    assert page.status == 200, "the public address must show the UI"
    assert page.headers.get_content_type() == "text/html", "the UI is a page"
    paths = Assets(page.text).paths
    assert any(path.endswith(".js") for path in paths), "the UI must load its program"
    for path in paths:
        assert path.startswith("/"), f"the UI must load nothing from elsewhere, but asks for {path}"
        asset = website.get(path)
        assert asset.status == 200, f"the UI asks for {path}, which must be there"
        assert asset.headers.get_content_type() != "text/html", f"{path} must be the file itself, not the page again"
        assert asset.body, f"{path} must not be empty"


def test_nginx_tells_its_status_to_its_own_container_alone(deployment: Deployment, website: Website) -> None:
    port = deployment.outputs.services["frontend"].address.rpartition(":")[2]
    with deployment.beside("frontend") as guest, Tunnel(guest) as tunnel:
        page = Website(tunnel, f"http://127.0.0.1:{port}").get("/nginx_status")
    assert page.status == 200, "nginx must answer its status page to a probe in its container"
    assert "Active connections" in page.text, "the status page must count connections"
    assert website.get("/nginx_status").status == 403, "nginx's status is nobody else's business"
