"""Twenty queries as people type them, each with the description of a persona that says the same in other words."""

PAIRS = [
    (
        "elderly woman on a small pension",
        "Retired seamstress of 74 who gets by on little money each month. She compares the prices of every purchase.",
    ),
    (
        "school educator who cares about the climate",
        "Teaches biology to twelve-year-olds and sorts the rubbish of the whole household. Worries about the planet.",
    ),
    (
        "someone who cycles to the office every morning",
        "Rides a bicycle to his desk job in all weathers. Sold his second car last spring.",
    ),
    (
        "strict vegetarian who cooks at home",
        "Eats only plant-based dishes and spends Sunday evenings in the kitchen. Tries a new recipe each week.",
    ),
    (
        "software engineer who loves gadgets",
        "Writes code for a startup and owns every new electronic device. Wears a smart watch and a smart ring.",
    ),
    (
        "new mum with an infant",
        "On leave with a four-month-old baby and short of sleep. Buys nappies in bulk.",
    ),
    (
        "long-haul truck driver",
        "Delivers freight across the continent and lives in the cab of his lorry five nights a week.",
    ),
    (
        "marathon runner training before work",
        "Jogs ten miles at dawn and has finished six races. Logs every workout.",
    ),
    (
        "undergraduate living in shared housing",
        "Studies history at a university in the north. Splits the rent with three flatmates.",
    ),
    (
        "wealthy buyer of designer goods",
        "Shops for exclusive handbags and premium watches. Money is no object for this heiress.",
    ),
    (
        "farmer with dairy cows",
        "Milks a herd of cattle before sunrise and grows fodder crops on the family land.",
    ),
    (
        "hospital doctor working at night",
        "A nurse on a surgical ward who has mostly late shifts. Sleeps until noon and eats from vending machines.",
    ),
    (
        "gamer who spends weekends at the console",
        "Plays esports with friends online until the small hours. Saves for a better graphics card.",
    ),
    (
        "grandfather who grows vegetables",
        "Spends mornings on his allotment among tomatoes and beans. His grandchildren pick the strawberries.",
    ),
    (
        "influencer posting outfits on instagram",
        "Shows her clothes to forty thousand followers on social media. Knows each trend a season early.",
    ),
    (
        "dog owner who hikes in the mountains",
        "Walks forest trails with two hounds at the heel. Camps in a tent even in November.",
    ),
    (
        "worried about privacy and data collection",
        "Pays in cash, blocks online tracking and does not trust companies with personal information.",
    ),
    (
        "commuter on the underground",
        "Takes the metro from a suburb into the centre and reads on the train.",
    ),
    (
        "classical pianist in a symphony orchestra",
        "A musician who practises the violin for hours and plays concerts at weekends.",
    ),
    (
        "diabetic avoiding sugar",
        "Watches her blood glucose since an illness and counts carbohydrates at each meal.",
    ),
]
