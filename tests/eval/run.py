#!/usr/bin/env python3
"""Measures how good the answers are and prints one table; the figures are kept as JSON.

usage: run.py ROLEMILL OUT.json [EVAL_FOLDER]

With EVAL_FOLDER (make eval EVAL=…) its sets and its scorers are used: each set goes through `rolemill run`, the scorers
define the metrics. Without it, the project's own sample postings under tests/samples with their hand-made gold are used.
"""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROLEMILL, OUT = sys.argv[1], pathlib.Path(sys.argv[2])
EVAL = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None
HERE = pathlib.Path(__file__).resolve().parent
WORK = pathlib.Path(tempfile.mkdtemp(prefix="rolemill-eval-"))

# What has to be reached: first step, final.
TARGETS = {
    "skills recall": (0.85, 0.92), "skills precision": (0.72, 0.78), "skills recall, all spans": (None, 0.55),
    "role top-1, title hidden": (0.60, 0.72), "role top-3, title hidden": (0.80, 0.90),
    "titles top-1": (0.70, 0.74), "titles top-3": (None, 0.88),
    "items F1, headings kept": (None, 0.95), "necessity, headings kept": (None, 0.98),
    "items F1, headings removed": (None, 0.80), "necessity, headings removed": (None, 0.80),
    "auto right": (None, 0.95), "section boundary F1": (None, 0.95),
}
AT_MOST = {"ECE": (None, 0.06), "unsupported values": (0, 0), "crashes": (0, 0)}


def run(name, source, *flags, wrapper=None):
    """Puts a JSONL file through rolemill and returns the answers' path and the seconds it took."""
    answers = WORK / f"{name}.jsonl"
    began = time.monotonic()
    with open(source) as stdin, open(answers, "w") as stdout:
        done = subprocess.run([ROLEMILL, "run", "--format", "jsonl", "--no-store", *flags, "-"], stdin=stdin, stdout=stdout)
    if done.returncode not in (0, 3):
        sys.exit(f"rolemill run failed on {name} with exit code {done.returncode}")
    return answers, time.monotonic() - began


def score(*command):
    printed = subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in printed.splitlines()]


def drop_title(source):
    """The titles set holds the title as the only text."""
    rows = WORK / "titles.in.jsonl"
    with open(rows, "w") as out:
        for row in map(json.loads, open(source)):
            print(json.dumps({"id": row["id"], "title": row["title"], "text": None}), file=out)
    return rows


def evaluate_sets():
    figures = {}
    answers, _ = run("skills", EVAL / "skills_skillspan_docs.jsonl")
    predictions = WORK / "skills.pred.jsonl"
    with open(answers) as stdin, open(predictions, "w") as stdout:
        subprocess.run([sys.executable, EVAL / "to_pred.py"], stdin=stdin, stdout=stdout, check=True)
    [skills] = score(EVAL / "score_skills.py", EVAL / "skills_skillspan_docs.jsonl", predictions)
    figures |= {"skills recall": skills["recall_norm"], "skills recall, all spans": skills["recall_spans"],
                "skills precision": skills["precision"]}

    sets = {name: EVAL / f"{name}.jsonl" for name in ("roles_tech_titlehidden", "roles_indeed", "roles_gjobs")}
    for mode, flag in (("title hidden", "--hide-title"), ("title masked", "--mask-title"), ("title given", None)):
        both = WORK / f"roles.{mode}.jsonl"
        with open(both, "w") as out:
            for name, path in sets.items():
                answers, _ = run(f"{name}.{mode}", path, *([flag] if flag else []))
                out.write(answers.read_text())
        *per_set, together = score(EVAL / "score_roles.py", EVAL / "roles_map.json", both,
                                   *[f"{name}={path}" for name, path in sets.items()])
        for line in per_set:
            short = {"roles_tech_titlehidden": "role", "roles_indeed": "role (indeed)", "roles_gjobs": "role (gjobs)"}[line["set"]]
            figures[f"{short} top-1, {mode}"] = line["top1"]
            figures[f"{short} top-3, {mode}"] = line["top3"]
        if mode == "title hidden":
            figures |= {"ECE": together["ece"], "auto right": together["auto_right"], "auto answers": together["auto"]}

    answers, _ = run("titles", drop_title(EVAL / "titles_tech.jsonl"))
    titles, _ = score(EVAL / "score_roles.py", EVAL / "roles_map.json", answers, f"titles_tech={EVAL / 'titles_tech.jsonl'}")
    figures |= {"titles top-1": titles["top1"], "titles top-3": titles["top3"]}

    google = EVAL / "fields_google.jsonl"
    stripped = WORK / "google.stripped.jsonl"
    stripped.write_text(subprocess.run([sys.executable, EVAL / "score_items.py", "--strip", google], check=True,
                                       capture_output=True, text=True).stdout)
    for mode, source in (("headings kept", google), ("headings removed", stripped)):
        answers, _ = run(f"google.{mode}", source)
        [items] = score(EVAL / "score_items.py", google, answers)
        figures |= {f"items F1, {mode}": items["f1"], f"necessity, {mode}": items["necessity"]}

    answers, seconds = run("corpus", EVAL / "corpus_1500.jsonl")
    figures |= soundness(answers)
    figures["JDs per second"] = round(sum(1 for _ in open(EVAL / "corpus_1500.jsonl")) / seconds, 1)
    return figures


def stated_values(fields):
    for value in fields.values():
        for stated in value if isinstance(value, list) else [value]:
            if stated is not None:
                yield stated


def soundness(answers):
    """What must hold in every answer: sections tile, quotes are the text's, every value has its source."""
    lines = crashes = tiling = unsupported = false_quotes = 0
    rejected = {}
    for answer in map(json.loads, open(answers)):
        lines += 1
        parse = answer.get("outputs", {}).get("parse")
        if parse is None:
            crashes += 1
            continue
        if answer["status"] == "rejected":
            rejected[parse["jd_type"]] = rejected.get(parse["jd_type"], 0) + 1
        text, at = parse["text"], 0
        for section in parse["sections"]:
            tiling += section["start"] != at
            at = section["end"]
        tiling += at != len(text) and bool(parse["sections"])
        spans = [span for skill in parse["skills"] for span in skill["spans"]]
        unsupported += sum(not skill["spans"] for skill in parse["skills"])
        for stated in stated_values(parse["fields"]):
            spans += stated.get("spans", [])
            unsupported += stated["source"] == "text" and not stated["spans"]
            unsupported += stated["source"] == "inferred" and not stated.get("reason")
        false_quotes += sum(text[span["start"]:span["end"]] != span["quote"] for span in spans)
    return {"postings": lines, "crashes": crashes, "breaks in the tiling": tiling, "unsupported values": unsupported,
            "false quotes": false_quotes, "rejected": rejected}


def evaluate_samples():
    return json.loads(subprocess.run([sys.executable, HERE / "samples.py", ROLEMILL], check=True, capture_output=True, text=True).stdout)


def table(figures):
    width = max(map(len, figures))
    print(f"{'figure':{width}}  {'measured':>9}  {'first step':>10}  {'to reach':>8}")
    for name, value in figures.items():
        first, final = TARGETS.get(name) or AT_MOST.get(name) or (None, None)
        good = final is None or value is not None and (value <= final if name in AT_MOST else value >= final)
        shown = "-" if value is None else json.dumps(value) if isinstance(value, dict) else f"{value:g}"
        limit = lambda x: "" if x is None else f"{x:g}"
        print(f"{name:{width}}  {shown:>9}  {limit(first):>10}  {limit(final):>8}  {'' if final is None else 'reached' if good else 'not yet'}")


figures = evaluate_sets() if EVAL else evaluate_samples()
table(figures)
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(figures, indent=1) + "\n")
print(f"\nkept as {OUT}")
