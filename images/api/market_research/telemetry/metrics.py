"""Every metric of the API, by OpenTelemetry's names where there are some.

The processes of one container write to the same folder (see exposition.py); a gauge says how theirs are put together.
"""

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "http_server_request_duration_seconds",
    "How long requests took to answer; of event streams, to begin.",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
ACTIVE_REQUESTS = Gauge(
    "http_server_active_requests",
    "Requests that are being answered.",
    ["http_request_method"],
    multiprocess_mode="livesum",
)
TOKENS = Histogram(
    "gen_ai_client_token_usage",
    "Tokens that a call of a language model read and wrote.",
    ["gen_ai_operation_name", "gen_ai_request_model", "gen_ai_token_type"],
    buckets=(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536),
)
CALL_SECONDS = Histogram(
    "gen_ai_client_operation_duration_seconds",
    "How long calls of a language model took; error_type is empty when it answered.",
    ["gen_ai_operation_name", "gen_ai_request_model", "error_type"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 20, 40, 80),
)
COST = Counter("llm_cost_usd", "US dollars that language models cost, by the prices set.", ["gen_ai_request_model"])
CACHE_LOOKUPS = Counter("cache_lookups", "Answers looked for in Redis.", ["cache", "result"])
PERSONAS = Counter("personas_created", "Personas made.", ["source"])
for source in ("generated", "manual"):
    PERSONAS.labels(source)
PROJECTS = Counter("projects_created", "Projects made.")
USERS_ACTIVE = Gauge(
    "users_active", "Accounts that made a request within the window.", ["window"], multiprocess_mode="livemax"
)
GROUPS = Counter("focus_groups_created", "Focus groups planned.")
GROUPS_FINISHED = Counter("focus_groups_finished", "Runs of focus groups that came to an end.", ["outcome"])
for outcome in ("finished", "failed"):  # there from the start, so that the first one is a change
    GROUPS_FINISHED.labels(outcome)
GROUP_SECONDS = Histogram(
    "focus_group_duration_seconds",
    "How long a run of a focus group took, its waiting for stores and models left out.",
    buckets=(0.1, 0.5, 1, 5, 15, 60, 180, 600, 1800),
)
GROUPS_RUNNING = Gauge("focus_groups_running", "Focus groups that are being run.", multiprocess_mode="livesum")
GROUPS_WAITING = Gauge(
    "focus_groups_waiting", "Focus groups that nobody runs yet, or that wait for a model.", multiprocess_mode="livemax"
)
CONNECTIONS = Gauge(
    "db_client_connection_count", "Connections of a pool.", ["pool", "state"], multiprocess_mode="livesum"
)
MOST_CONNECTIONS = Gauge("db_client_connection_max", "How many a pool may have.", ["pool"], multiprocess_mode="livesum")
PENDING = Gauge(
    "db_client_connection_pending_requests", "Who waits for a connection.", ["pool"], multiprocess_mode="livesum"
)
STORE_UP = Gauge("store_up", "1 while a store answers this API.", ["store"], multiprocess_mode="livemin")
BUILD = Gauge("api_build_info", "1, with the version.", ["version"], multiprocess_mode="livemax")
