"""
Names of people, firms and places. All of them are made up, and every address ends in `.example` ([RFC 2606]).
"""

from __future__ import annotations

import unicodedata

__all__ = [
    "CITIES",
    "FIRMS",
    "FIRST",
    "JOBS",
    "LAST",
    "NAMED",
    "PROJECTS",
    "STAFF",
    "STREETS",
    "plain",
]

STAFF = (
    ("me", ("Mara", "Ellison", "mara@birch.example"), "Partner, bridges", "+49 555 208 0011"),
    ("tomas", ("Tomás", "Varga", "tomas@birch.example"), "Structural engineer", "+49 555 208 0012"),
    ("yuki", ("Yuki", "Tanabe", "yuki@birch.example"), "Office manager", "+49 555 208 0013"),
)
"""Role in stories; first name, last name, address; job; phone."""

NAMED = (
    ("client", "Ingrid", "Solheim", "i.solheim", "kesterholm.example", "City of Kesterholm", "Head of bridges", "en"),
    ("client", "Owen", "Prideaux", "o.prideaux", "harbourtrust.example", "Harbour Trust", "Estate manager", "en"),
    ("client", "Beatriz", "Nogueira", "b.nogueira", "nordby.example", "Nordby Town Council", "Town architect", "en"),
    ("client", "Henrik", "Aalto", "h.aalto", "northernrail.example", "Northern Rail", "Station projects", "en"),
    ("client", "Farah", "Daneshvar", "farah.d", "lido.example", "Kesterholm Lido", "Director", "en"),
    (
        "supplier",
        "Jonas",
        "Brandl",
        "j.brandl",
        "brandl-holzbau.example",
        "Brandl Holzbau",
        "Arbeitsvorbereitung",
        "de",
    ),
    ("supplier", "Katrin", "Öttl", "k.oettl", "kieswerk.example", "Kieswerk Übersee", "Disposition", "de"),
    ("supplier", "Sean", "Mulcahy", "sean", "mulcahysteel.example", "Mulcahy Steel", "Contracts manager", "en"),
    ("supplier", "Priya", "Raman", "priya.raman", "lamtimber.example", "Lam Timber", "Sales engineer", "en"),
    ("supplier", "Anton", "Grewe", "a.grewe", "grewecranes.example", "Grewe Cranes", "Dispatcher", "en"),
    ("authority", "Ruth", "Adebayo", "r.adebayo", "permits.example", "Building Control", "Case officer", "en"),
    ("authority", "Marek", "Zelinka", "m.zelinka", "testhouse.example", "Materials Test House", "Laboratory", "en"),
    ("surveyor", "Silje", "Haugen", "silje", "fjordsurvey.example", "Fjord Survey", "Surveyor", "en"),
    ("surveyor", "Kofi", "Mensah", "kofi", "plumbline.example", "Plumb Line", "Surveyor", "en"),
    ("vendor", "Lena", "Abt", "service", "copyshop.example", "Abt Office Machines", "Service desk", "en"),
    ("vendor", "Dario", "Conti", "dario.conti", "conticover.example", "Conti Insurance Brokers", "Broker", "en"),
    ("friend", "Claire", "Dufour", "claire.dufour", "ecole-ponts.example", "École du Bois", "Professeure", "fr"),
    ("friend", "Mei", "Lindqvist", "mei", "spanconf.example", "Spans Conference", "Programme chair", "en"),
    ("friend", "Gareth", "Pugh", "gareth", "rowingclub.example", "Kesterholm Rowing Club", "Secretary", "en"),
    ("friend", "明子", "高橋", "akiko", "osakabridges.example", "大阪橋梁研究室", "准教授", "ja"),
    ("friend", "Ελένη", "Παππά", "eleni", "gefyra.example", "Γέφυρα Μελετητική", "Πολιτικός μηχανικός", "el"),
    ("friend", "Оксана", "Мельник", "oksana", "mistok.example", "Місток", "Інженерка", "uk"),
    ("friend", "נועה", "ברק", "noa", "gesher.example", "גשר הנדסה", "מהנדסת", "he"),
    ("friend", "Łukasz", "Żak", "lukasz", "kladka.example", "Kładka sp. z o.o.", "Konstruktor", "en"),
)
"""Role, first name, last name, mailbox, domain, firm, job, language."""

FIRST = (
    "Ada", "Aisha", "Alva", "Amir", "Anneke", "Arjun", "Bence", "Birgit", "Bruno", "Carmen", "Chidi", "Daniela",
    "David", "Dina", "Elif", "Elias", "Emre", "Esther", "Fenna", "Fiona", "Gabriel", "Greta", "Hana", "Hugo", "Ines",
    "Iris", "Ivan", "Jana", "Jelle", "João", "Julia", "Kaan", "Karim", "Lars", "Leila", "Liam", "Lotte", "Luca",
    "Magnus", "Maja", "Malik", "Marta", "Mina", "Nadia", "Nils", "Nora", "Olga", "Oscar", "Paula", "Pavel", "Petra",
    "Quentin", "Rafael", "Renata", "Rosa", "Samir", "Sara", "Simon", "Sofia", "Stefan", "Tara", "Theo", "Tilda", "Umar",
    "Vera", "Viktor", "Wanda", "Willem", "Yara", "Zoë",
)  # fmt: skip

LAST = (
    "Abrams", "Almeida", "Andersen", "Bakker", "Bauer", "Bellini", "Berger", "Bianchi", "Castillo", "Chowdhury",
    "Çelik", "Dąbrowska", "Delgado", "Eriksen", "Farkas", "Fischer", "Fontaine", "García", "Gruber", "Haddad",
    "Hansen", "Horváth", "Ibrahim", "Ivanova", "Jansen", "Jørgensen", "Kaya", "Keller", "Kowalski", "Krüger",
    "Lambert", "Larsen", "Leclerc", "Lindholm", "Lopes", "Marchetti", "Meyer", "Moreau", "Müller", "Nakamura",
    "Nguyen", "Novák", "O'Leary", "Okafor", "Olsen", "Østby", "Park", "Petrov", "Popescu", "Quist", "Rasmussen",
    "Reyes", "Rossi", "Sánchez", "Schäfer", "Silva", "Singh", "Smit", "Sørensen", "Svoboda", "Tóth", "Vasquez",
    "Vermeer", "Virtanen", "Wagner", "Walsh", "Weber", "Yıldız", "Zeman", "Ziegler",
)  # fmt: skip

FIRMS = (
    ("City of Kesterholm", "kesterholm.example"),
    ("Nordby Town Council", "nordby.example"),
    ("Northern Rail", "northernrail.example"),
    ("Harbour Trust", "harbourtrust.example"),
    ("Brandl Holzbau", "brandl-holzbau.example"),
    ("Mulcahy Steel", "mulcahysteel.example"),
    ("Lam Timber", "lamtimber.example"),
    ("Calder Lighting", "calderlighting.example"),
    ("Elm Quay Joinery", "elmquayjoinery.example"),
    ("Fjord Survey", "fjordsurvey.example"),
    ("Greyfriars Architects", "greyfriars.example"),
    ("Studio Halden", "studiohalden.example"),
    ("Wren Landscape", "wrenlandscape.example"),
    ("Kittel & Daughters", "kittel.example"),
    ("Engineers' Library", "englibrary.example"),
    ("Kesterholm University", "uni-kesterholm.example"),
    ("Tarn Geotechnics", "tarngeo.example"),
    ("Post & Beam Weekly", "timberweekly.example"),
)

JOBS = (
    "Architect", "Project manager", "Site manager", "Quantity surveyor", "Draughtsperson", "Structural engineer",
    "Geotechnical engineer", "Carpenter", "Welding inspector", "Landscape architect", "Buyer", "Accountant",
    "Lighting designer", "Editor", "Lecturer", "Safety coordinator", "Foreman", "Town planner",
)  # fmt: skip

PROJECTS = (
    ("Heron Bridge", "Heron weir", "HB-207"),
    ("Harbour Crossing", "old harbour", "HC-188"),
    ("Nordby Lookout", "Nordby hill", "NL-214"),
    ("Station Canopy", "station forecourt", "SC-196"),
    ("Lido Pavilion", "lido meadow", "LP-219"),
    ("Mill Lane Underpass", "Mill Lane", "ML-173"),
    ("Elm Quay Stairs", "Elm Quay landing", "EQ-201"),
)
"""Name, the place as it stands behind "the", number at the office."""

CITIES = (
    ("Kesterholm", "24990", "Germany"),
    ("Nordby", "6720", "Denmark"),
    ("Übersee", "83236", "Germany"),
    ("Elm Quay", "EQ4 7RB", "United Kingdom"),
    ("Saint-Aubin", "1425", "Switzerland"),
    ("Tarnby", "2770", "Denmark"),
)

STREETS = (
    "Mill Lane", "Harbour Street", "Station Road", "Weir Walk", "Lindenallee", "Am Kai", "Ropewalk", "Chapel Hill",
    "Nørregade", "Quai des Bateliers", "Timber Yard", "Observatory Row",
)  # fmt: skip


def plain(text: str) -> str:
    """
    Write a name as a mail address has it: small letters without marks.
    """
    text = text.replace("ø", "o").replace("Ø", "o").replace("ı", "i").replace("ł", "l").replace("Ł", "l")
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in bare.lower() if letter.isalnum() or letter == ".")
