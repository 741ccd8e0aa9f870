"""People of the offline model, and what they say."""

import asyncio

from market_research.llm.model import Opinion, Profile
from market_research.llm.offline import OfflineModel

TOPIC = "A yoghurt made from oats, in a glass jar"
QUESTIONS = ("What do you think of it?", "Would you buy it?", "What would make you tell a friend about it?")


def people(audience: str, count: int = 12) -> list[Profile]:
    return asyncio.run(OfflineModel().personas(audience, count)).value


def says(profile: Profile, question: str = QUESTIONS[0], topic: str = TOPIC, material: str | None = None) -> Opinion:
    return asyncio.run(OfflineModel().opinion(profile, topic, question, material)).value


def written_by_hand(name: str, age: int, occupation: str) -> Profile:
    return Profile(name=name, age=age, occupation=occupation, location="Turin, Italy", description="Likes long walks.")
