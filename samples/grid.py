"""The game of life on a small torus, and other things to do with lists of lists."""

GLIDER = [[0, 1, 0], [0, 0, 1], [1, 1, 1]]
IDENTITY = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def empty(rows, columns):
    return [[0] * columns for _ in range(rows)]


def place(grid, pattern, top, left):
    for i, row in enumerate(pattern):
        for j, cell in enumerate(row):
            grid[top + i][left + j] = cell


def neighbours(grid, i, j):
    rows, columns = len(grid), len(grid[0])
    total = 0
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            if di == 0 and dj == 0:
                continue
            total += grid[(i + di) % rows][(j + dj) % columns]
    return total


def step(grid):
    following = empty(len(grid), len(grid[0]))
    for i, row in enumerate(grid):
        for j, cell in enumerate(row):
            count = neighbours(grid, i, j)
            following[i][j] = 1 if count == 3 or (cell and count == 2) else 0
    return following


def transpose(grid):
    return [list(column) for column in zip(*grid)]


def multiply(a, b):
    columns = transpose(b)
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def show(grid):
    for row in grid:
        print("".join("#" if cell else "." for cell in row))
    print()


if __name__ == "__main__":
    world = empty(8, 12)
    place(world, GLIDER, 1, 1)
    for _ in range(4):
        show(world)
        world = step(world)
    assert multiply(GLIDER, IDENTITY) == GLIDER
    print(max([len(row) for row in world]), sum([sum(row) for row in world]))
