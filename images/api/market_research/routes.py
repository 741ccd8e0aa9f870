"""The routes that tell how this process and its stores are."""

from fastapi import APIRouter, Request, Response, status

from market_research.health import Doctor, Health, Status

router = APIRouter(tags=["state"])


def _doctor(request: Request) -> Doctor:
    doctor: Doctor = request.app.state.doctor
    return doctor


@router.get("/health", responses={503: {"model": Health, "description": "starting, draining, or without a store"}})
async def health(request: Request, response: Response) -> Health:
    """Whether requests can be served; Neo4j may be down, for it stops daily for its backup."""
    found = await _doctor(request).health()
    if found.status != "ok":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    response.headers["Cache-Control"] = "no-store"
    return found


@router.get("/live")
async def live() -> dict[str, str]:
    """Whether the process runs."""
    return {"status": "live"}


@router.get("/api/status")
async def state(request: Request, response: Response) -> Status:
    """The same facts as `/health` with latencies, always 200."""
    response.headers["Cache-Control"] = "no-store"
    return await _doctor(request).status()
