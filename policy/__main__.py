"""The policy pack: `pulumi preview --policy-pack policy`, where Pulumi's own language host is installed.

Pulumi does not tell a pack what is retained on delete: the rule `retain` only holds for `research plan` and `deploy`.
"""

import os
from pathlib import Path

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.deserialize import serialize_properties

from policy.resource import Resource, Stack, ruled
from policy.rules import RULES, Rule, violations
from stacks.passphrase import passphrase_is_known

CHECKOUT = Path(__file__).resolve().parents[1]


def validation(name: str, rules: list[Rule]) -> ResourceValidationPolicy:
    """The rules of one name as Pulumi's policy."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        kind = ruled(args.resource_type)
        if kind is None:
            return
        stack = pulumi.get_stack()
        facts = Stack(stack, passphrase_is_known(CHECKOUT, stack, os.environ))
        # The SDK's own view of the inputs refuses to show what a preview does not know yet.
        for sentence in violations(Resource(kind, args.name, serialize_properties(args.props)), facts, rules):
            report(sentence, None)

    description = "; ".join(rule.allowed for rule in rules)
    return ResourceValidationPolicy(name=name, description=description, validate=validate)


PolicyPack(
    name="market-research",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        validation(name, [rule for rule in RULES if rule.name == name])
        for name in dict.fromkeys(rule.name for rule in RULES if rule.name != "retain")
    ],
)
