"""Bring up the stack that `pulumi --stack` names."""

import pulumi

from infra.engine import Engine
from infra.market_research import market_research
from infra.stack import chosen_settings

outputs = market_research(chosen_settings(), Engine.connect())
for field, value in outputs.items():
    pulumi.export(field, value)
