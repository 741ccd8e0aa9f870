"""What the environment and the secret files tell the API; a mistake names the variable or file and what is allowed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from market_research.address import Neo4jAddress, PostgresAddress, RedisAddress
from market_research.llm.prices import Price

SECRETS = Path("/run/secrets")


class SettingsError(Exception):
    """A setting is missing or wrong; the text has one line per mistake and never repeats a value."""


class Settings(BaseSettings):
    """The environment of every process of this image; pools are counted in connections per worker.

    Without `llm_url` an offline model speaks; without `embedding_model` an offline embedder is used. `llm_private` lets
    the language model be at an address that is not public.
    With `hot_reload` one worker starts anew whenever its source changes. The share `trace_ratio` of all traces is sent
    to `traces_url`, which takes Zipkin's JSON.
    """

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    postgres_url: PostgresAddress
    redis_url: RedisAddress
    neo4j_url: Neo4jAddress
    llm_model: str | None = None
    llm_url: Annotated[str, Field(pattern=r"^https?://[^/\s@]+")] | None = None
    llm_private: bool = False
    embedding_model: str | None = None
    files_folder: Path = Path("/srv/files")
    workers: int = Field(1, ge=1, le=32)
    postgres_pool_size: int = Field(5, ge=1, le=100)
    redis_pool_size: int = Field(20, ge=1, le=1000)
    neo4j_pool_size: int = Field(10, ge=1, le=400)
    drain_seconds: float = Field(1, ge=0, le=60)
    hot_reload: bool = False
    traces_url: Annotated[str, Field(pattern=r"^https?://[^/\s@]+/\S*$")] | None = None
    trace_ratio: float = Field(1, ge=0, le=1)
    llm_prices: Annotated[dict[str, Price], NoDecode] = Field(default_factory=dict)

    @field_validator("llm_url")
    @classmethod
    def _names_a_model(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url and not info.data.get("llm_model"):
            raise ValueError("needs LLM_MODEL beside it: the model to ask there")
        return url

    @field_validator("llm_prices", mode="before")
    @classmethod
    def _in_json(cls, prices: object) -> object:
        try:
            return json.loads(prices) if isinstance(prices, str) else prices
        except ValueError:
            raise ValueError(
                'write JSON: {"<model>": {"input_usd": 1.5, "output_usd": 6}}, for a million tokens'
            ) from None

    @classmethod
    def load(cls) -> Self:
        """Read the environment; SettingsError on a mistake."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError(_explain(error, str.upper, cls._missing)) from None

    @classmethod
    def _missing(cls, name: str) -> str:
        forms = [form for mark in cls.model_fields[name].metadata if (form := getattr(mark, "func", None))]
        return f"not set: write {forms[0]}" if forms else "not set"


class _SecretFiles(BaseSettings):
    """Passwords that come from files alone, so that none is ever put into the environment."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (file_secret_settings,)

    @classmethod
    def load(cls, folder: Path = SECRETS) -> Self:
        """Read the files in `folder`; SettingsError names those that are missing or empty."""
        if not folder.is_dir():
            raise SettingsError(f"{folder}: no such folder; mount the secret files there, read-only")
        try:
            return cls(_secrets_dir=folder)
        except ValidationError as error:
            raise SettingsError(_explain(error, lambda name: str(folder / name), lambda _: "no such file")) from None


class Passwords(_SecretFiles):
    """What the API logs in with; a language model that asks for no key has none."""

    postgres_password: SecretStr = Field(min_length=1)
    redis_password: SecretStr = Field(min_length=1)
    neo4j_password: SecretStr = Field(min_length=1)
    llm_api_key: SecretStr | None = Field(None, min_length=1)

    @field_validator("llm_api_key")
    @classmethod
    def _fits_into_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        text = key.get_secret_value() if key else ""
        if not (text.isascii() and text.isprintable()):
            raise ValueError("a key is one line of printable ASCII characters")
        return key

    @property
    def llm_key(self) -> str | None:
        """The language model's key in clear."""
        return self.llm_api_key.get_secret_value() if self.llm_api_key else None


class SchemaPasswords(_SecretFiles):
    """What changing the schema takes, as its owner."""

    postgres_password: SecretStr = Field(min_length=1)


class MigrationPasswords(SchemaPasswords):
    """What the migration job logs in with."""

    neo4j_password: SecretStr = Field(min_length=1)


def _explain(error: ValidationError, place: Callable[[str], str], missing: Callable[[str], str]) -> str:
    """One line per mistake: where it is, what is wrong, what is allowed."""
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        name = str(mistake["loc"][0])
        text = missing(name) if mistake["type"] == "missing" else mistake["msg"].removeprefix("Value error, ")
        lines.append(f"{place(name)}: {text}")
    return "\n".join(lines)
