"""Shapes that know their area and how to draw themselves as text."""

import math


class Shape:
    def __init__(self, name, color):
        self.name = name
        self.color = color

    def area(self):
        raise NotImplementedError

    def describe(self):
        return "a %s %s of area %.1f" % (self.color, self.name, self.area())


class Circle(Shape):
    def __init__(self, radius, color="red"):
        super().__init__("circle", color)
        self.radius = radius

    def area(self):
        return math.pi * self.radius**2


class Rectangle(Shape):
    def __init__(self, width, height, color="blue"):
        super().__init__("rectangle", color)
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height

    def draw(self):
        rows = []
        for _ in range(self.height):
            rows.append("#" * self.width)
        return "\n".join(rows)


class Square(Rectangle):
    def __init__(self, side, color="green"):
        super().__init__(side, side, color)
        self.name = "square"

    @classmethod
    def unit(cls):
        return cls(1)


def largest(shapes):
    best = None
    for shape in shapes:
        if best is None or shape.area() > best.area():
            best = shape
    return best


if __name__ == "__main__":
    shapes = [Circle(2), Rectangle(3, 4), Square(2), Square.unit()]
    for shape in shapes:
        print(shape.describe())
    print("largest:", largest(shapes).name)
    print(Rectangle(6, 2).draw())
