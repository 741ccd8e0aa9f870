"""`python -m market_research.migrate`: everything the stores need before this version of the API may start."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from alembic.util import CommandError
from neo4j import GraphDatabase
from neo4j.exceptions import AuthConfigurationError, ClientError, DriverError, Neo4jError, ServiceUnavailable
from sqlalchemy.exc import SQLAlchemyError

from market_research import graph, schema
from market_research.address import Address
from market_research.settings import SECRETS, MigrationPasswords, Settings, SettingsError
from market_research.watch import reason

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 1
Result = TypeVar("Result")


class MigrationError(Exception):
    """A step failed; the text is one line with the cause and the way out."""
