"""What people in a focus group talk about, and how they put it."""

from dataclasses import dataclass

from market_research.llm.model import Stance


@dataclass(frozen=True)
class Theme:
    """A theme: words of a question that raise it, sentences for each stance, and the topics that it is kept to."""

    raised_by: str
    positive: tuple[str, ...]
    neutral: tuple[str, ...]
    negative: tuple[str, ...]
    # Names of concepts; without any the theme fits every topic.
    topics: frozenset[str] = frozenset()

    def sentences(self, stance: Stance) -> tuple[str, ...]:
        """Ways to say this stance."""
        return {"positive": self.positive, "neutral": self.neutral, "negative": self.negative}[stance]


FOOD = frozenset({"food", "vegan", "meat", "cook", "baker", "coffee", "tea", "alcohol", "sweet", "organic", "diet"})
PRIVATE = frozenset({"technology", "phone", "online", "social_media", "data", "privacy", "finance", "game", "health"})

THEMES = {
    "price": Theme(
        "price cost pay spend money expensive cheap afford budget worth subscription discount",
        ("For what I get, the price is fair.", "I would pay that without thinking twice."),
        ("The price is about what I expected.",),
        ("It costs more than I am willing to spend.", "At that price I would keep what I have."),
    ),
    "quality": Theme(
        "quality good well-made reliable perform work",
        ("The quality convinces me.", "It looks like somebody took care when they made it."),
        ("The quality is what everybody else offers, too.",),
        ("I do not trust the quality yet.", "It feels like corners were cut."),
    ),
    "design": Theme(
        "design look colour shape packaging style beautiful appearance advert picture",
        ("I like how it looks.", "The design is simple, and that speaks to me."),
        ("The design neither attracts nor bothers me.",),
        ("The design is not made for people like me.", "It tries too hard to look modern."),
    ),
    "sustainability": Theme(
        "sustainable environment climate green waste recycle plastic organic planet",
        ("It matters to me that it does less harm to the environment.", "The green side of it wins me over."),
        ("If it is green, all the better, but that does not decide it.",),
        ("The green claims sound like advertising.", "I see too much waste in it."),
    ),
    "convenience": Theme(
        "convenient easy simple quick time use practical handy daily routine",
        ("It would save me time every day.", "It is easy, and easy is what I need."),
        ("It would not change much in my routine.",),
        ("It sounds like one more thing to take care of.", "I would have to change my habits for it."),
    ),
    "trust": Theme(
        "trust believe honest claim promise confidence doubt worry concern risk",
        ("I believe what they promise.", "They are open about what they do, so I trust them."),
        ("I would wait for what others say.",),
        ("I do not believe the promises.", "Somebody who is honest would say more about it."),
    ),
    "health": Theme(
        "health healthy body ingredient fit safe wellbeing sugar",
        ("I think it would do me good.", "It fits how I look after myself."),
        ("I do not see that it is better or worse for my health.",),
        ("I wonder what it does to my health.", "For my health I would rather stay away from it."),
    ),
    "taste": Theme(
        "taste flavour eat drink delicious sweet bitter",
        ("If it tastes as it looks, I am in.", "The taste is what I would come back for."),
        ("The taste is probably fine.",),
        ("I cannot imagine that I would like the taste.", "The taste never comes up to the real thing."),
        FOOD,
    ),
    "brand": Theme(
        "brand name company logo maker known reputation",
        ("I know the name, and that counts for something.", "It is a brand that I would show to friends."),
        ("The brand means nothing to me, good or bad.",),
        ("I would be paying for the name.", "Big brands talk a lot and deliver little."),
    ),
    "privacy": Theme(
        "privacy data personal track information camera account share",
        ("I have the feeling that my data stays mine.", "They ask for no more data than they need."),
        ("They will collect data, as everybody does.",),
        ("I do not want to give away my data for that.", "I would ask who reads along."),
        PRIVATE,
    ),
    "durability": Theme(
        "durable last long break repair years solid warranty",
        ("It looks as if it would last for years.", "I could have it repaired, and that is worth a lot."),
        ("It will last as long as such things last.",),
        ("I expect it to break after two years.", "Nobody will repair that."),
    ),
    "service": Theme(
        "service help support staff return delivery advice customer shop",
        ("I like that there is somebody to ask.", "With good service I stay a customer for years."),
        ("I would hardly ever need the service.",),
        ("When something goes wrong, I would be on my own.", "I do not want to talk to a machine when I need help."),
    ),
    "novelty": Theme(
        "new novel innovative different idea change first future modern",
        ("I have not seen this before, and I want to try it.", "It is a fresh idea."),
        ("It is new, but I am in no hurry.",),
        ("I do not need something new when the old works.", "It is new for the sake of being new."),
    ),
    "safety": Theme(
        "safe safety danger accident secure risk protect child",
        ("I would feel safe with it.", "I would let my family use it without worry."),
        ("It is as safe as anything else, I suppose.",),
        ("I am not sure that it is safe.", "I would not let a child near it."),
    ),
}
