#!/usr/bin/env python3
"""Writes the `adoption` figures of schema/library/technologies.toml anew.

usage: technologies.py "<O*NET folder>/Technology Skills.txt"

adoption = ln(1 + n) / ln(1 + N), n = the number of occupations that list the technology, N = that of the most listed one;
.1 more for a Hot Technology and .05 for one In Demand, 1 at the most. A technology that O*NET does not list has none. O*NET's
examples meet the library's skills by name and alias, a maker's name before it left out.
"""
import collections
import csv
import glob
import math
import pathlib
import re
import sys
import tomllib

LIBRARY = pathlib.Path(__file__).resolve().parent.parent.parent / "schema" / "library"
MAKERS = re.compile(r"^(?:microsoft|oracle|apache|ibm|adobe|google|amazon|sap|autodesk|atlassian|the mathworks|salesforce|red hat|vmware|cisco) ")


def folded(name):
    return " ".join(re.sub(r"[^a-z0-9+#.]+", " ", name.lower()).split())


def skills_by_name():
    by_name = {}
    for path in glob.glob(str(LIBRARY / "*.toml")):
        domain = tomllib.load(open(path, "rb"))
        for subs in domain.get("skills", {}).values():
            for skills in subs.values():
                for slug, skill in skills.items():
                    names = [skill["name"], *(alias.split("|")[0].lstrip("=?") for alias in skill.get("aliases", []))]
                    for name in names:
                        by_name.setdefault(folded(name), slug)
    return by_name


def adoption(source):
    by_name = skills_by_name()
    occupations, hot, in_demand = collections.defaultdict(set), set(), set()
    for row in csv.DictReader(open(source, encoding="utf-8"), delimiter="\t"):
        name = folded(row["Example"])
        slug = by_name.get(name) or by_name.get(MAKERS.sub("", name))
        if slug:
            occupations[slug].add(row["O*NET-SOC Code"])
            hot.update([slug] if row["Hot Technology"] == "Y" else [])
            in_demand.update([slug] if row["In Demand"] == "Y" else [])
    most = max(map(len, occupations.values()))
    return {
        slug: round(min(1.0, math.log1p(len(listed)) / math.log1p(most) + 0.1 * (slug in hot) + 0.05 * (slug in in_demand)), 2)
        for slug, listed in occupations.items()
    }


def main():
    figures = adoption(sys.argv[1])
    path = LIBRARY / "technologies.toml"
    lines, written = [], 0
    for line in path.read_text().splitlines():
        entry = re.match(r"([a-z0-9-]+) = \{ ", line)
        if entry:
            line = re.sub(r", adoption = [0-9.]+", "", line)
            if entry[1] in figures:
                line = line.replace(" }", f", adoption = {figures[entry[1]]} }}")
                written += 1
        lines.append(line)
    path.write_text("\n".join(lines) + "\n")
    print(f"{written} technologies have an adoption figure")


if __name__ == "__main__":
    main()
