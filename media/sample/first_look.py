names = ["anna", "ben"]
total = 40
price = 3 if total > 1000 else 5
if total > 1000:
    price = 4


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
        return f"{self.path}: {self.size}"
