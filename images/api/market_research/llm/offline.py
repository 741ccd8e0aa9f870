"""The model that needs no network: made-up people with made-up opinions, the same ones every time."""

from market_research.llm import casting, speech
from market_research.llm.model import NOBODY, Known, Opinion, Profile, Reply, Tokens


class OfflineModel:
    """Draws lots among prepared words; the lots depend on what is asked and on nothing else.

    People of one age and line of work look at things alike, so that a graph of their answers has communities.
    """

    name = "offline"

    async def personas(self, audience: str, count: int, known: Known = NOBODY) -> Reply[list[Profile]]:
        """The next people of this audience: asked for more, it gives the same ones and others after them."""
        people: list[Profile] = []
        for ordinal in range(known.count, known.count + count):
            people.append(casting.person(audience, ordinal, known.names | {one.name for one in people}))
        return Reply(people, Tokens(_count(audience), sum(map(_size, people))))

    async def opinion(self, profile: Profile, topic: str, question: str, material: str | None) -> Reply[Opinion]:
        """What this person says."""
        opinion = speech.opinion(profile, topic, question, material)
        asked = _size(profile) + _count(f"{topic} {question} {material or ''}")
        return Reply(opinion, Tokens(asked, _count(opinion.text)))


def _count(text: str) -> int:
    return len(text.split())


def _size(profile: Profile) -> int:
    return _count(" ".join(map(str, profile.model_dump().values())))
