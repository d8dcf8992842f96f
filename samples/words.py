"""Counts words, finds anagrams, quotes text."""

import re
from collections import Counter, defaultdict

TEXT = """
The stone notes the tones of the onset; listen, silent one.
It's "only" a test of words, isn't it? Ärger, naïve, 東京.
"""


def words(text):
    return re.findall(r"[^\W\d_]+(?:'[a-z]+)?", text.lower())


def anagrams(items):
    groups = defaultdict(set)
    for item in items:
        groups["".join(sorted(item))].add(item)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def repeated(items):
    seen = set()
    twice = set()
    for item in items:
        if item in seen:
            twice.add(item)
        else:
            seen.add(item)
    return twice


def joined(items):
    result = ""
    for item in items:
        if result:
            result += ", "
        result += item
    return result


def quote(text):
    if '"' not in text:
        return '"' + text + '"'
    if "'" not in text:
        return "'" + text + "'"
    return '"' + text.replace('"', '\\"') + '"'


def caesar(text, shift):
    result = ""
    for letter in text:
        if "a" <= letter <= "z":
            result += chr((ord(letter) - ord("a") + shift) % 26 + ord("a"))
        else:
            result += letter
    return result


if __name__ == "__main__":
    found = words(TEXT)
    print(Counter(found).most_common(3))
    print(anagrams(set(found)))
    print(joined(sorted(repeated(found))))
    print(quote("plain"), quote('say "yes"'), quote("it's"), quote("it's \"odd\""))
    print(caesar(caesar("hello, world", 3), -3))
