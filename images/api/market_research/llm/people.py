"""Names, places and occupations of made-up people."""

# Two lines of work that are concepts of the lexicon, too: an audience may mean them.
RETIRED, STUDY = "retired", "student"

# First names, last names, and where they live.
CULTURES = tuple(
    (firsts.split(), lasts.split(), [f"{town.replace('_', ' ')}, {country}" for town in towns.split()])
    for firsts, lasts, towns, country in (
        ("Zofia Jakub Hanna Tomasz Alicja Marek", "Nowak Mazur Wójcik Zając Duda", "Kraków Gdańsk Poznań", "Poland"),
        ("Lena Jonas Greta Matthias Anke Felix", "Brandt Keller Vogel Schuster Pohl", "Leipzig Köln", "Germany"),
        ("Priya Arjun Meera Rohan Kavya Vikram", "Iyer Sharma Reddy Kapoor Nair Bose", "Pune Chennai", "India"),
        ("Ngozi Emeka Amara Tunde Folake Chidi", "Okafor Adeyemi Balogun Eze Bello", "Lagos Ibadan", "Nigeria"),
        ("Beatriz Thiago Camila Rafael Luana", "Souza Almeida Ribeiro Barros Rocha", "Recife Curitiba", "Brazil"),
        ("Haruka Kenji Yumi Takumi Naoko Daichi", "Sato Fujimoto Tanaka Mori Endo", "Osaka Sapporo Kobe", "Japan"),
        ("Lucía Diego Valeria Javier Ximena", "Herrera Castillo Vargas Ríos Soto", "Puebla Mérida Oaxaca", "Mexico"),
        ("Grace Oliver Imogen Callum Freya", "Hughes Fletcher Barker Sutton Walsh", "Leeds Bristol Cardiff", "UK"),
        ("Elif Emre Zeynep Kaan Defne Murat", "Demir Aydemir Koç Arslan Yavuz", "İzmir Bursa Ankara", "Turkey"),
        ("Linh Minh Thảo Quân Mai Đức", "Nguyễn Trần Lê Phạm Hoàng Vũ", "Huế Đà_Nẵng Hanoi", "Vietnam"),
    )
)

# By line of work; each with the ages at which one has it.
AGES = {STUDY: range(18, 28), RETIRED: range(62, 85)}
WORKING_AGES = range(22, 65)
OCCUPATIONS = {
    "care": ("nurse", "primary school teacher", "social worker", "physiotherapist", "pharmacist"),
    "tech": ("software developer", "data analyst", "network engineer", "IT consultant", "game developer"),
    "trade": ("electrician", "train conductor", "carpenter", "farmer", "car mechanic"),
    RETIRED: ("retired engineer", "retired teacher", "retired train conductor", "retired nurse", "retired shopkeeper"),
    "service": ("sales clerk", "chef", "hairdresser", "waiter", "hotel receptionist"),
    "arts": ("photographer", "musician", "journalist", "illustrator", "bookseller"),
    "office": ("accountant", "lawyer", "bank clerk", "marketing manager", "civil servant"),
    STUDY: ("biology student", "law student", "economics student", "apprentice baker", "music student"),
}

HABITS = (
    "cooks at home most evenings",
    "has little spare time",
    "spends weekends outdoors",
    "shops late at night on the phone",
    "takes the tram to work",
    "reads reviews for an hour before buying anything",
    "meets friends every Friday",
    "looks after an old dog",
    "plays chess on Thursdays",
    "grows tomatoes on the balcony",
    "travels abroad once a year",
    "volunteers for the neighbourhood on Saturdays",
)
