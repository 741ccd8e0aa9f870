"""Twenty people, each with a question that means them and says it in other words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NearPair:
    """A question, and the persona that it has to find before the other nineteen."""

    query: str
    who: str
    description: str

    @property
    def persona(self) -> dict[str, str | int]:
        """The persona as the API takes it."""
        name, age, occupation, location = self.who.split(", ")
        facts = {"name": name, "occupation": occupation, "location": location}
        return {**facts, "age": int(age), "description": self.description}


NEAR_PAIRS = (
    NearPair(
        "nursing the sick in a hospital at night",
        "Ingrid Solheim, 34, nurse, Bergen",
        "Works night shifts on a hospital ward, sleeps through the morning and orders groceries from her phone.",
    ),
    NearPair(
        "somebody who gave up meat and cooks vegan meals",
        "Tomasz Wrona, 29, photographer, Poznan",
        "Has been a vegan for six years: no meat, no milk, and a kitchen full of lentils, tofu and spices.",
    ),
    NearPair(
        "goes to work by bike in rain and snow",
        "Lotte de Wit, 41, architect, Utrecht",
        "Cycles to the office in any weather on an old bicycle; the family sold its car and does not miss it.",
    ),
    NearPair(
        "owner of puppies who spends freely on the vet",
        "Marek Dolny, 52, locksmith, Brno",
        "Two dogs sleep at the foot of his bed, and nothing is too good for them: insured, trained, fed fresh food.",
    ),
    NearPair(
        "young people at university sharing a rented apartment",
        "Aisling Byrne, 21, student, Galway",
        "Studies chemistry, rents a room in a flat with three other students and waits for every discount.",
    ),
    NearPair(
        "pensioner growing vegetables behind the house",
        "Giorgio Ferri, 71, retired postman, Modena",
        "Since he retired he has grown tomatoes, beans and roses in his garden and gives most of them away.",
    ),
    NearPair(
        "parents of a newborn who need nappies",
        "Hana Sato, 31, accountant on leave, Osaka",
        "Her first baby is four months old; she compares nappies, prams and bottles while the infant sleeps.",
    ),
    NearPair(
        "plays computer games online until midnight",
        "Kevin Okafor, 24, warehouse worker, Leeds",
        "Spends his evenings gaming with friends on the internet and upgrades his computer before anything else.",
    ),
    NearPair(
        "truck driver far from home on the motorway",
        "Zoltan Varga, 47, lorry driver, Szeged",
        "Drives a truck across four countries each week, eats at rest stops and calls his wife from the road.",
    ),
    NearPair(
        "athlete training for a long distance race",
        "Femke Jansen, 38, dentist, Ghent",
        "Runs before sunrise and trains for her third marathon with a heart rate sensor and a strict plan.",
    ),
    NearPair(
        "puts money aside and invests for later",
        "Ruth Adler, 44, notary, Basel",
        "Saves a third of her income, compares what banks pay and invests the rest in funds with low fees.",
    ),
    NearPair(
        "renovating an old house with his own hands",
        "Declan Moore, 36, electrician, Cork",
        "Bought a cottage that nobody wanted and does all repairs himself: roof, floors, bathroom, one at a time.",
    ),
    NearPair(
        "goes to the cinema and talks about films",
        "Camille Roux, 27, bookseller, Lyon",
        "Watches four movies a week, two of them on the big screen, and argues about directors for hours.",
    ),
    NearPair(
        "musician with a guitar playing songs in a band",
        "Diego Paz, 33, gardener for the city, Cordoba",
        "Plays bass and sings in a band that rehearses in a cellar; music takes every weekend and spare coin.",
    ),
    NearPair(
        "angler who loves fishing at the lake",
        "Pekka Laine, 58, carpenter, Tampere",
        "Every summer he fishes from a small boat and smokes the catch on the shore with his brothers.",
    ),
    NearPair(
        "allergic person who must avoid gluten in bread",
        "Nadia Haddad, 30, translator, Tunis",
        "An allergy to wheat made her read every label; she bakes gluten-free loaves and trusts few restaurants.",
    ),
    NearPair(
        "reads books on the train to work",
        "Oliver Grant, 49, insurance clerk, Reading",
        "An hour by rail each way gives him time for novels; he reads sixty a year and hates crowded platforms.",
    ),
    NearPair(
        "farmer milking cows in the country",
        "Greta Huber, 55, dairy farmer, Allgau",
        "Gets up at half past four for forty cows, and sells cheese from the farm to people who hike past.",
    ),
    NearPair(
        "programmer writing software remotely, no office",
        "Ravi Menon, 35, software developer, Kochi",
        "Works from home for a company abroad and writes code beside the window with two large screens.",
    ),
    NearPair(
        "grandparent minding the children after school",
        "Bernadette Kruger, 66, former shop assistant, Graz",
        "Picks up her grandchildren when lessons end, cooks for them and helps with homework until evening.",
    ),
)
