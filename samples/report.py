"""Reads a table of temperatures and writes a report in three formats."""

import csv
import json
import os
import tempfile

ROWS = [
    ("Oslo", -3.5),
    ("Lima", 19.0),
    ("Oslo", -1.0),
    ("Cairo", 28.5),
    ("Lima", 21.5),
]


def write_table(path, rows):
    with open(path, "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["city", "degrees"])
        for row in rows:
            writer.writerow(row)


def read_table(path):
    by_city = {}
    with open(path, "r") as f:
        for row in csv.DictReader(f):
            by_city.setdefault(row["city"], []).append(float(row["degrees"]))
    return by_city


def summary(values):
    return {
        "count": len(values),
        "low": min(values),
        "high": max(values),
        "mean": sum(values) / len(values),
    }


def write_text(path, by_city):
    lines = []
    for city, values in sorted(by_city.items()):
        numbers = summary(values)
        lines.append(f"{city:<10} {numbers['mean']:6.1f} ({numbers['low']} to {numbers['high']})")
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")


def write_json(path, by_city):
    with open(path, "w") as out:
        json.dump({city: summary(values) for city, values in by_city.items()}, out, indent=2)


def main():
    folder = tempfile.mkdtemp()
    table = os.path.join(folder, "table.csv")
    write_table(table, ROWS)
    by_city = read_table(table)
    write_text(os.path.join(folder, "report.txt"), by_city)
    write_json(os.path.join(folder, "report.json"), by_city)
    f = open(os.path.join(folder, "report.txt"))
    try:
        print(f.read())
    finally:
        f.close()
    for name in os.listdir(folder):
        print(name, os.path.getsize(os.path.join(folder, name)), "bytes")


if __name__ == "__main__":
    main()
