"""What a small shop has on its shelves."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    name: str
    price: float
    tags: tuple[str, ...] = ()

    def label(self) -> str:
        return f"{self.name}: {self.price:.2f}"


@dataclass
class Shelf:
    items: dict[str, Item] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, item: Item, count: int = 1) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count}")
        self.items[item.name] = item
        self.counts[item.name] = self.counts.get(item.name, 0) + count

    def take(self, name: str, count: int = 1) -> Item:
        left = self.counts.get(name, 0)
        if left < count:
            raise KeyError(f"only {left} of {name} left")
        self.counts[name] = left - count
        return self.items[name]

    @property
    def value(self) -> float:
        return sum(self.items[name].price * count for name, count in self.counts.items())

    def tagged(self, tag: str) -> list[Item]:
        return [item for item in self.items.values() if tag in item.tags]


def main() -> None:
    shelf = Shelf()
    shelf.add(Item("pencil", 0.8, ("office", "school")), 40)
    shelf.add(Item("ruler", 1.5, ("school",)), 12)
    shelf.add(Item("stapler", 9.9, ("office",)))
    for item in shelf.tagged("school"):
        print(item.label(), "x", shelf.counts[item.name])
    shelf.take("pencil", 3)
    print(f"total: {shelf.value:.2f}")


if __name__ == "__main__":
    main()
