names = ["anna", "ben"]
total = 40
with open("names.txt") as file:
    text = file.read()


def count(words):
    total = 0
    for word in words:
        if word in names:
            total += 1
    return total


class Reader:
    def __init__(self, path, size):
        self.path = path
        self.size = size

    def label(self) -> str:
        return f"{self.path}: {count(text.split())}"
