#!/usr/bin/env python3
"""Fits the vote and the confidence of the decision (workers/decision/src/fitted.toml) on labelled postings.

usage: decision.py vote|confidence MAP.json NAME=gold.jsonl:answers.jsonl …

MAP.json says per set which library roles a label accepts. The answers are `rolemill run --format jsonl` on the set; for
role sets with `--hide-title`. Run `vote` first, put its figures into fitted.toml, build, run the sets again, then fit
`confidence`: it is fitted on what the decision then says. Needs numpy and scipy.

The vote is a conditional logit over the roles of one posting: share = softmax(weights · features). Every label counts by
the square root of its number, so that a set's favourite does not rule. Figures are printed for postings held out, 5 folds.
"""
import collections
import json
import sys

import numpy as np
from scipy.optimize import minimize

FEATURES = ["trusted", "alias", "skill", "kra", "domain", "skill_raw", "kra_raw"]


def rows(arguments, accepted):
    for argument in arguments:
        name, paths = argument.split("=", 1)
        gold_path, answers = paths.split(":", 1)
        gold = {row["id"]: row["role"] for row in map(json.loads, open(gold_path))}
        for answer in map(json.loads, open(answers)):
            label = gold.get(answer["id"])
            if label in accepted[name] and answer["status"] == "completed":
                yield name, label, set(accepted[name][label]), answer["outputs"]


def standard(values):
    return (values - values.mean()) / max(values.std(), 1e-4)


def features(outputs):
    signals = outputs["signals"]
    slugs = sorted(score["slug"] for score in signals["domain"])
    column = lambda name, member: np.array([{s["slug"]: s.get(member) or 0.0 for s in signals[name]}.get(x, 0.0) for x in slugs], float)
    skill, kra = column("skill", "score"), column("kra", "score")
    titled = signals["notes"].get("title") is not None
    return slugs, np.stack([
        column("alias", "trusted"), column("alias", "score") * titled,
        standard(skill) if skill.any() else skill, standard(kra) if kra.any() else kra,
        standard(column("domain", "similarity")), skill, kra,
    ], -1)


def logit(x, y, weight, penalty=1e-3):
    def loss(b):
        score = x @ b
        e = np.exp(score - score.max(1, keepdims=True))
        total, hit = e.sum(1), np.maximum((e * y).sum(1), 1e-12)
        gradient = (e / total[:, None])[..., None] * x - (e * y / hit[:, None])[..., None] * x
        return (-(weight * np.log(hit / total)).sum() / weight.sum() + penalty * (b ** 2).sum(),
                (weight[:, None] * gradient.sum(1)).sum(0) / weight.sum() + 2 * penalty * b)
    return minimize(loss, np.zeros(x.shape[2]), jac=True, method="L-BFGS-B", bounds=[(0, None)] * x.shape[2]).x


def fit_vote(arguments, accepted):
    xs, ys, names, labels = [], [], [], []
    for name, label, ok, outputs in rows(arguments, accepted):
        slugs, x = features(outputs)
        xs.append(x)
        ys.append([slug in ok for slug in slugs])
        names.append(name)
        labels.append((name, label))
    x, y, names = np.array(xs), np.array(ys), np.array(names)
    counts = collections.Counter(labels)
    weight = np.array([1 / np.sqrt(counts[label]) for label in labels])
    fold = np.random.RandomState(0).randint(0, 5, len(x))
    first, third = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for k in range(5):
        held = fold == k
        order = np.argsort(-(x[held] @ logit(x[~held], y[~held], weight[~held])), 1)
        first[held] = np.take_along_axis(y[held], order[:, :1], 1)[:, 0]
        third[held] = np.take_along_axis(y[held], order[:, :3], 1).any(1)
    for name in dict.fromkeys(names):
        print(f"# {name}: top-1 {first[names == name].mean():.3f}, top-3 {third[names == name].mean():.3f} of {(names == name).sum()} (held out)")
    print("[vote]")
    for feature, value in zip(FEATURES, logit(x, y, weight)):
        print(f"{feature} = {value:.3f}")


def fit_confidence(arguments, accepted):
    shares, agreeing, titled, hits = [], [], [], []
    for _, _, ok, outputs in rows(arguments, accepted):
        decision = outputs["decision"]
        if decision["chosen_role"]:
            slug = decision["chosen_role"]["slug"]
            shares.append(next(r["score"] for r in decision["ranked"] if r["slug"] == slug))
            agreeing.append(min(len(decision["agreeing"]), 4))
            titled.append("alias" in decision["agreeing"])
            hits.append(slug in ok)
    share, hit, agreeing = np.clip(shares, .001, .999), np.array(hits, float), np.array(agreeing)
    x = np.column_stack([np.ones(len(share)), np.log(share / (1 - share)), titled] + [agreeing == n for n in range(5)]).astype(float)
    caps = np.array([.30, .60, .85, .95, .99])[agreeing]

    def fit(x, hit):
        def loss(b):
            z = x @ b
            p = 1 / (1 + np.exp(-z))
            return (np.mean(np.logaddexp(0, z) - hit * z) + 2e-3 * (b[3:] ** 2).sum(),
                    x.T @ (p - hit) / len(hit) + np.concatenate([[0, 0, 0], 4e-3 * b[3:]]))
        return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x

    fold = np.random.RandomState(1).randint(0, 5, len(hit))
    p = np.zeros(len(hit))
    for k in range(5):
        p[fold == k] = 1 / (1 + np.exp(-x[fold == k] @ fit(x[fold != k], hit[fold != k])))
    p = np.minimum(p, caps)
    order = np.argsort(p)
    bins = np.array_split(order, 10)
    print(f"# ECE over {len(hit)} answers, held out: {sum(abs((p[b] - hit[b]).sum()) for b in bins) / len(hit):.4f}")
    auto = None
    for threshold in np.arange(.80, .99, .005):
        taken = p >= threshold
        if taken.sum() >= 20 and hit[taken].mean() >= .95:
            auto = threshold
            print(f"# auto from {threshold:.3f}: {taken.sum()} answers, {hit[taken].mean():.3f} right")
            break
    b = fit(x, hit)
    print("[confidence]")
    print(f"bias = {b[0]:.3f}\nshare = {b[1]:.3f}\ntitled = {b[2]:.3f}\nagreement = [{', '.join(f'{v:.3f}' for v in b[3:])}]\nauto_from = {auto or 0.99:.3f}")


if __name__ == "__main__":
    what, mapping, *arguments = sys.argv[1:]
    {"vote": fit_vote, "confidence": fit_confidence}[what](arguments, json.load(open(mapping)))
