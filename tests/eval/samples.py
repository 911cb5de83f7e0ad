#!/usr/bin/env python3
"""Compares the answers on the sample postings with their hand-made gold and prints one JSON object of figures.

usage: samples.py ROLEMILL [--verbose]      (--verbose names every difference on stderr)
"""
import json
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
VERBOSE = "--verbose" in sys.argv

lines = subprocess.run([sys.argv[1], "run", "--format", "jsonl", "--no-store", str(TESTS / "samples")], capture_output=True, text=True).stdout
answers = {pathlib.Path(answer["id"]).stem: answer for answer in map(json.loads, lines.splitlines())}
counts = {}


def count(name, right, what):
    hits, total = counts.get(name, (0, 0))
    counts[name] = (hits + bool(right), total + 1)
    if VERBOSE and not right:
        print(f"{name}: {what}", file=sys.stderr)


for path in sorted((TESTS / "gold").glob("*.json")):
    gold, answer = json.loads(path.read_text()), answers[path.stem]
    parse, decision = answer["outputs"]["parse"], answer["outputs"].get("decision") or {}
    fields, name = parse["fields"], path.stem
    count("jd_type right", parse["jd_type"] == gold["jd_type"], f"{name}: {parse['jd_type']}")
    value = lambda field, member: ((fields.get(field) or {}).get("value") or {}).get(member)
    stated = {
        "title": (fields.get("title") or {}).get("value"), "company": (fields.get("company") or {}).get("value"),
        "seniority_level": value("seniority", "level"), "work_mode": value("work_mode", "mode"),
        "employment_type": (fields.get("employment_type") or {}).get("value"),
        "experience_min_years": next((e["value"]["min"] for e in fields["experience"] if e["value"]["primary"]), None),
        "education_level": next((e["value"]["level"] for e in fields["education"]), None),
        "salary": {k: value("salary", k) for k in ("min", "max", "currency", "period")},
    }
    for field, found in stated.items():
        if field in gold:
            count(f"{field.replace('_', ' ')} right", found == gold[field], f"{name}: {found} instead of {gold[field]}")
    skills = {skill["canonical_id"]: skill for skill in parse["skills"]}
    for necessity, slugs in gold.get("skills", {}).items():
        for slug in slugs:
            count("skills recall", slug in skills, f"{name}: {slug}")
            if slug in skills:
                count("necessity right", skills[slug]["necessity"] == necessity, f"{name}: {slug} is {skills[slug]['necessity']}, not {necessity}")
    for choice in gold.get("any_of", []):
        groups = {skills.get(slug, {}).get("any_of_group") for slug in choice}
        count("choices right", len(groups) == 1 and None not in groups, f"{name}: {choice}")
    for slug in gold.get("negative", []):
        count("negations right", skills.get(slug, {}).get("polarity") == "negative", f"{name}: {slug}")
    for slug in gold.get("must_not", []):
        count("rightly absent", slug not in skills and not any(s["surface"].lower() == slug for s in parse["skills"]), f"{name}: {slug}")
    if "role" in gold:
        first = (decision.get("chosen_role") or {}).get("slug")
        count("role right", first in gold["role"], f"{name}: {first}")
        count("role among the first three", set(gold["role"]) & {role["slug"] for role in decision["ranked"][:3]}, f"{name}: {[r['slug'] for r in decision['ranked'][:3]]}")

print(json.dumps({name: round(hits / total, 4) for name, (hits, total) in counts.items()}))
