"""The envelopes that everybody passes on: about 4 KB of JSON each, the same on every machine."""
import hashlib
import json
import random
import uuid

BYTES = 4096
SEED = 20260

TITLES = [
    "Backend Engineer", "Data Analyst", "Site Reliability Engineer", "Product Designer", "QA Engineer",
    "Machine Learning Engineer", "Frontend Developer", "Project Manager", "Security Engineer", "Database Administrator",
]
CITIES = ["Lisbon", "Kraków", "Utrecht", "Tallinn", "Málaga", "Ghent", "Aarhus", "Brno", "Leipzig", "Cork"]
COMPANIES = ["Northwharf", "Palegrove", "Ostrava Grid", "Kestrel Freight", "Lumen & Pike", "Tidewright", "Cobalt Orchard"]
TOOLS = [
    "Python", "Go", "Rust", "PostgreSQL", "Kafka", "RabbitMQ", "Kubernetes", "Terraform", "React", "TypeScript", "Spark",
    "Airflow", "Grafana", "Redis", "Docker", "Ansible", "Figma", "Tableau", "Java", "C#",
]
DUTIES = [
    "Build and run services in {a} that other teams depend on every day",
    "Move nightly jobs from {a} to {b} without stopping the reports that rely on them",
    "Write down how our {a} installation works, so that the next person needs half the time",
    "Take part in an on-call rota of one week in six and improve what woke you up",
    "Review changes of colleagues and explain decisions in plain language",
    "Measure before and after each change with {a} and share the figures",
    "Plan the coming quarter together with design, support and {b} specialists",
    "Keep the costs of our {a} clusters visible and below the agreed budget",
]
NEEDS = [
    "At least {n} years of work with {a}",
    "Good knowledge of {a} and {b}; other tools can be learned here",
    "You have kept a {a} system alive under real load",
    "English at level B2 or better, written and spoken",
    "A degree in computer science, or the same knowledge gained at work",
    "Experience with {a} is welcome but not required",
]
OFFER = [
    "Thirty days of leave and a budget for courses",
    "Two days a week in the office, the rest where you like",
    "A salary between {n}5,000 and {n}9,000 euros a year",
    "A laptop of your choice and a quiet room to think",
]


def _fill(chance, sentence):
    a, b = chance.sample(TOOLS, 2)
    return sentence.format(a=a, b=b, n=chance.randint(2, 7))


def _posting(chance, length):
    """The text of a posting in UTF-8, cut to exactly `length` bytes."""
    title, city, company = chance.choice(TITLES), chance.choice(CITIES), chance.choice(COMPANIES)
    lines = [title, f"{company}, {city}", ""]
    while len("\n".join(lines).encode()) < length:
        for heading, sentences in (("What you do", DUTIES), ("What you bring", NEEDS), ("What we offer", OFFER)):
            lines.append(heading)
            lines.extend(f"- {_fill(chance, sentence)}." for sentence in chance.sample(sentences, 4))
            lines.append("")
    return title, "\n".join(lines).encode()[:length].decode(errors="ignore")


def _encode(envelope):
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))


def _envelope(number):
    chance = random.Random(SEED + number)
    run_id = uuid.uuid5(uuid.NAMESPACE_URL, f"https://rolemill.dev/bench/{number}")
    envelope = {
        "schema_version": "1.0",
        "run_id": str(run_id),
        "attempt": 0,
        "created_at": f"2026-03-{number % 28 + 1:02}T08:{number % 60:02}:00Z",
        "source": {"system": "bench", "external_id": f"posting-{number}"},
        "document": {"text": "", "content_type": "text/plain", "sha256": "0" * 64, "title_hint": ""},
        "options": {"fragment": False},
        "versions": {"pipeline": "bench", "library": "bench", "prompts": {}, "models": {}},
        "outputs": {},
        "ledger": [],
        "timings": [],
    }
    # A line break takes two bytes in JSON: the text is measured once, then shortened by what it takes too much.
    room = BYTES - len(_encode(envelope).encode())
    title, text = _posting(chance, room)
    surplus = len(json.dumps([text, title], ensure_ascii=False).encode()) - len('["", ""]') - room
    text = text.encode()[: room - surplus].decode(errors="ignore")
    envelope["document"].update(text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), title_hint=title)
    return envelope


def write(path, count):
    """Writes `count` envelopes to `path`, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        for number in range(count):
            print(_encode(_envelope(number)), file=out)
