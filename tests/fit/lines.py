#!/usr/bin/env python3
"""Fits the word weights by which a statement without a heading is placed (shared/text/src/lines.tsv).

usage: lines.py PARTS.jsonl OUT.tsv

PARTS.jsonl: one posting a line, {"id", "parts": [[kind, is_heading, opening, after_gap, words], …]}, as printed by
`cargo run -p text --example dump < postings.jsonl`. The postings need no labels: the headings that they have themselves are
the labels of the statements below them. A word is kept when it stands in at least MIN_DOCS postings, so that the file
holds the language of postings and nothing of a single one.
"""
import collections
import json
import re
import sys

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

MIN_DOCS = 15
CLASSES = ["overview", "about_company", "responsibilities", "qualifications", "preferred", "benefits", "compensation",
           "terms", "application", "eeo", "accommodation", "legal"]
CLASS_OF = {
    "overview": "overview", "about_company": "about_company", "about_team": "about_company",
    "responsibilities": "responsibilities", "qualifications_required": "qualifications",
    "qualifications_unspecified": "qualifications", "skills_list": "qualifications", "experience": "qualifications",
    "education": "qualifications", "certifications": "qualifications", "qualifications_preferred": "preferred",
    "benefits": "benefits", "compensation": "compensation", "location_workmode": "terms", "employment_terms": "terms",
    "travel": "terms", "visa_clearance": "terms", "application_process": "application", "contact": "application",
    "eeo": "eeo", "accommodation": "accommodation", "legal": "legal",
}
CUES = [
    ("accommodation", r"reasonable accommodation|accommodations? (during|for|to|in|needs|request)|request (an )?accommodation|need assistance .*disabilit"),
    ("eeo", r"equal[ -](employment[ -])?opportunit|without regard to|regardless of (race|age|gender|sex)|protected veteran|race, colou?r|sexual orientation|m/f/d/v|diverse workforce|celebrate diversity"),
    ("application", r"\bapply (now|online|today|at|via|directly|here|by|through)\b|(submit|send|forward|email) (us )?(your|a|their) (cover|resume|cv|application|updated)|applications? (are|will be|must be) |only (those )?(qualified|selected|shortlisted|successful)?\s?(candidates|applicants)|(position|posting|job) (will )?(remain|be|is) open|closing date|application deadline"),
    ("legal", r"(recruitment|staffing|search) (agenc|firm)|unsolicited|privacy (policy|notice)|personal (information|data) (will|is|collected)|not intended to be (an )?(all|exhaustive)|construed as|reserves the right|background (check|screening)"),
    ("compensation", r"\$ ?\d[\d,.]*k?( ?[-–] ?\$?\d|.{0,12}(per|/|an) ?(hour|hr|year|annum|month))|salary (range|of|is|:)"),
    ("benefits", r"\b401\(?k\)?|dental|paid time off|\bpto\b|health insurance|parental leave|life insurance"),
]
CUES = [(c, re.compile(p, re.I)) for c, p in CUES]


def features(opening, words):
    tokens = [w.strip("'’").replace("’", "'").lower() for w in re.split(r"[^\w+#'’]", words) if w.strip("'’")]
    tokens = ["0" if t.isdigit() else t for t in tokens]
    f = {"w:" + t for t in tokens}
    if tokens:
        f.add("f:" + tokens[0])
    if len(tokens) > 1:
        f.add("b:" + tokens[0] + " " + tokens[1])
    n = len(tokens)
    f.add("n:" + ("2" if n <= 2 else "6" if n <= 6 else "14" if n <= 14 else "30" if n <= 30 else "99"))
    f.add("o:" + opening.lower())
    if words.endswith((".", "!", "?")):
        f.add("s:stop")
    if words.endswith(":"):
        f.add("s:colon")
    return f


def examples(path):
    rows = []
    for doc, line in enumerate(open(path)):
        kind, since = None, 0
        for k, is_heading, opening, gap, words in json.loads(line)["parts"]:
            if is_heading:
                kind, since = k, 0
                continue
            since += 1
            label = CLASS_OF.get(kind) if since <= 25 else None
            for cue, pattern in CUES:
                if pattern.search(words):
                    label = cue
                    break
            if label:
                rows.append((doc, label, features(opening, words)))
    return rows


rows = examples(sys.argv[1])
seen = collections.defaultdict(set)
for doc, _, f in rows:
    for x in f:
        seen[x].add(doc)
vocabulary = {x: i for i, x in enumerate(sorted(x for x, docs in seen.items() if len(docs) >= MIN_DOCS))}


def matrix(rows):
    indptr, indices = [0], []
    for _, _, f in rows:
        indices += sorted(vocabulary[x] for x in f if x in vocabulary)
        indptr.append(len(indices))
    return csr_matrix((np.ones(len(indices), dtype=np.float32), indices, indptr), shape=(len(rows), len(vocabulary)))


def fit(rows):
    y = np.array([CLASSES.index(label) for _, label, _ in rows])
    weight = np.array([{"overview": .8}.get(label, 1.0) for _, label, _ in rows])
    return LogisticRegression(C=0.35, max_iter=300).fit(matrix(rows), y, sample_weight=weight)


# Labels that the model of the other folds holds for nearly impossible are headings' mistakes: they are left out.
groups = np.array([doc for doc, _, _ in rows])
keep = np.ones(len(rows), bool)
hits = total = 0
per = collections.defaultdict(lambda: [0, 0])
for train, test in GroupKFold(5).split(rows, groups=groups):
    model = fit([rows[i] for i in train])
    p = model.predict_proba(matrix([rows[i] for i in test]))
    for i, q in zip(test, p):
        truth = CLASSES.index(rows[i][1])
        keep[i] = q[truth] > 0.02
        if keep[i]:
            ok = q.argmax() == truth
            hits += ok
            total += 1
            per[rows[i][1]][0] += ok
            per[rows[i][1]][1] += 1
print(f"{len(rows)} statements of {len(set(groups))} postings, {len(vocabulary)} features, {100 * (1 - keep.mean()):.1f} % left out")
print(f"accuracy on held-out postings: {hits / total:.3f}")
for c in CLASSES:
    if per[c][1]:
        print(f"  {c:18} {per[c][0] / per[c][1]:.3f} of {per[c][1]}")
model = fit([r for r, k in zip(rows, keep) if k])
scale = 24.0
weights = np.round(model.coef_ * scale).astype(int).clip(-127, 127)
with open(sys.argv[2], "w") as out:
    out.write("# Word weights for placing a statement that no heading places; made by tests/fit/lines.py. A unit is 1/24 nat.\n")
    out.write("class\t" + "\t".join(CLASSES) + "\n")
    out.write("bias\t" + "\t".join(str(int(round(b * scale))) for b in model.intercept_) + "\n")
    for x, i in sorted(vocabulary.items()):
        column = weights[:, i]
        if np.abs(column).max() >= 6:
            out.write(x + "\t" + "\t".join(map(str, column)) + "\n")
