"""A small language for calculations: scanner, parser, interpreter and a prompt.

    let radius = 3
    def area(r) = pi * r ^ 2
    area(radius) + 1
    if radius > 2 then "large" else "small"
    [1, 2, [3, 4]] + [5]

Every statement stands on a line of its own; `#` starts a comment.
"""

import math
import sys
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Callable, Iterator, Optional, Union

# Values of the language.
Value = Union[float, bool, str, list, "Function", Callable[..., "Value"]]

KEYWORDS = {"let", "def", "if", "then", "else", "and", "or", "not", "true", "false"}

# How strongly an operator binds; all but the last level group from the left.
LEVELS = [
    ["or"],
    ["and"],
    ["==", "!=", "<", "<=", ">", ">="],
    ["+", "-"],
    ["*", "/", "%"],
    ["^"],
]


class Kind(Enum):
    NUMBER = auto()
    STRING = auto()
    NAME = auto()
    KEYWORD = auto()
    SYMBOL = auto()
    END = auto()


class CalculatorError(Exception):
    """Something is wrong with the text; `column` says where, from 1."""

    def __init__(self, message: str, column: int):
        super().__init__(message)
        self.message = message
        self.column = column

    def pointer(self, line: str) -> str:
        return f"{line}\n{' ' * (self.column - 1)}^ {self.message}"


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str
    column: int

    def is_symbol(self, *texts: str) -> bool:
        return self.kind is Kind.SYMBOL and self.text in texts

    def is_keyword(self, *texts: str) -> bool:
        return self.kind is Kind.KEYWORD and self.text in texts


# ---------------------------------------------------------------- scanner


class Scanner:
    SYMBOLS = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "^", "=", "(", ")"]
    SYMBOLS += ["[", "]", ","]

    def __init__(self, line: str):
        self.line = line
        self.position = 0

    def __iter__(self) -> Iterator[Token]:
        while True:
            self.skip_blanks()
            if self.position >= len(self.line):
                break
            yield self.next_token()
        yield Token(Kind.END, "end of line", len(self.line) + 1)

    def skip_blanks(self) -> None:
        while self.position < len(self.line) and self.line[self.position].isspace():
            self.position += 1
        if self.line[self.position : self.position + 1] == "#":
            self.position = len(self.line)

    def next_token(self) -> Token:
        character = self.line[self.position]
        if character.isdigit():
            return self.take(Kind.NUMBER, lambda c: c.isdigit() or c == ".")
        if character.isalpha() or character == "_":
            token = self.take(Kind.NAME, lambda c: c.isalnum() or c == "_")
            if token.text in KEYWORDS:
                return Token(Kind.KEYWORD, token.text, token.column)
            return token
        if character in ("'", '"'):
            return self.take_string(character)
        for symbol in self.SYMBOLS:
            if self.line.startswith(symbol, self.position):
                return self.token(Kind.SYMBOL, self.position + len(symbol))
        raise CalculatorError(f"what is {character!r}?", self.position + 1)

    def take(self, kind: Kind, wanted: Callable[[str], bool]) -> Token:
        end = self.position
        while end < len(self.line) and wanted(self.line[end]):
            end += 1
        return self.token(kind, end)

    def take_string(self, quote: str) -> Token:
        end = self.line.find(quote, self.position + 1)
        if end < 0:
            raise CalculatorError(f"{quote} is missing at the end", len(self.line) + 1)
        return self.token(Kind.STRING, end + 1)

    def token(self, kind: Kind, end: int) -> Token:
        start = self.position
        self.position = end
        return Token(kind, self.line[start:end], start + 1)


# ---------------------------------------------------------------- syntax tree


@dataclass(frozen=True)
class Literal:
    value: Value


@dataclass(frozen=True)
class Name:
    name: str
    column: int


@dataclass(frozen=True)
class ListDisplay:
    items: list["Node"]


@dataclass(frozen=True)
class Unary:
    operator: str
    operand: "Node"
    column: int


@dataclass(frozen=True)
class Binary:
    operator: str
    left: "Node"
    right: "Node"
    column: int


@dataclass(frozen=True)
class Condition:
    test: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True)
class Call:
    function: "Node"
    arguments: list["Node"]
    column: int


@dataclass(frozen=True)
class Let:
    name: str
    value: "Node"


@dataclass(frozen=True)
class Definition:
    name: str
    parameters: list[str]
    body: "Node"


Node = Union[Literal, Name, ListDisplay, Unary, Binary, Condition, Call]
Statement = Union[Node, Let, Definition]


# ---------------------------------------------------------------- parser


class Parser:
    def __init__(self, tokens: list[Token]):
        self.tokens = tokens
        self.index = 0

    @property
    def current(self) -> Token:
        return self.tokens[self.index]

    def advance(self) -> Token:
        token = self.current
        self.index += 1
        return token

    def fail(self, wanted: str) -> CalculatorError:
        return CalculatorError(f"expected {wanted}, found {self.current.text}", self.current.column)

    def expect_symbol(self, text: str) -> Token:
        if not self.current.is_symbol(text):
            raise self.fail(f"'{text}'")
        return self.advance()

    def expect_keyword(self, text: str) -> Token:
        if not self.current.is_keyword(text):
            raise self.fail(f"'{text}'")
        return self.advance()

    def expect_name(self) -> str:
        if self.current.kind is not Kind.NAME:
            raise self.fail("a name")
        return self.advance().text

    def statement(self) -> Statement:
        if self.current.is_keyword("let"):
            result = self.let()
        elif self.current.is_keyword("def"):
            result = self.definition()
        else:
            result = self.expression()
        if self.current.kind is not Kind.END:
            raise self.fail("the end of the line")
        return result

    def let(self) -> Let:
        self.advance()
        name = self.expect_name()
        self.expect_symbol("=")
        return Let(name, self.expression())

    def definition(self) -> Definition:
        self.advance()
        name = self.expect_name()
        self.expect_symbol("(")
        parameters = []
        while not self.current.is_symbol(")"):
            parameters.append(self.expect_name())
            if not self.current.is_symbol(")"):
                self.expect_symbol(",")
        self.expect_symbol(")")
        self.expect_symbol("=")
        return Definition(name, parameters, self.expression())

    def expression(self) -> Node:
        if self.current.is_keyword("if"):
            return self.condition()
        return self.binary(0)

    def condition(self) -> Node:
        self.advance()
        test = self.expression()
        self.expect_keyword("then")
        yes = self.expression()
        self.expect_keyword("else")
        return Condition(test, yes, self.expression())

    def binary(self, level: int) -> Node:
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.current.text in LEVELS[level] and self.current.kind is not Kind.STRING:
            operator = self.advance()
            # A power groups from the right: 2 ^ 3 ^ 2 is 2 ^ 9.
            right = self.binary(level if operator.text == "^" else level + 1)
            left = Binary(operator.text, left, right, operator.column)
        return left

    def unary(self) -> Node:
        if self.current.is_symbol("-") or self.current.is_keyword("not"):
            operator = self.advance()
            return Unary(operator.text, self.unary(), operator.column)
        return self.call()

    def call(self) -> Node:
        node = self.atom()
        while self.current.is_symbol("("):
            column = self.current.column
            self.advance()
            node = Call(node, self.items(")"), column)
        return node

    def items(self, closing: str) -> list[Node]:
        items = []
        while not self.current.is_symbol(closing):
            items.append(self.expression())
            if not self.current.is_symbol(closing):
                self.expect_symbol(",")
        self.expect_symbol(closing)
        return items

    def atom(self) -> Node:
        token = self.current
        if token.kind is Kind.NUMBER:
            return Literal(self.number(self.advance()))
        elif token.kind is Kind.STRING:
            return Literal(self.advance().text[1:-1])
        elif token.kind is Kind.NAME:
            return Name(self.advance().text, token.column)
        elif token.is_keyword("true", "false"):
            return Literal(self.advance().text == "true")
        elif token.is_symbol("("):
            self.advance()
            inner = self.expression()
            self.expect_symbol(")")
            return inner
        elif token.is_symbol("["):
            self.advance()
            return ListDisplay(self.items("]"))
        else:
            raise self.fail("a value")

    def number(self, token: Token) -> float:
        try:
            return float(token.text)
        except ValueError:
            raise CalculatorError(f"{token.text} is no number", token.column) from None


def parse(line: str) -> Optional[Statement]:
    """The statement on a line, or None where there is none."""
    tokens = list(Scanner(line))
    if len(tokens) == 1:
        return None
    return Parser(tokens).statement()


# ---------------------------------------------------------------- interpreter


@dataclass
class Scope:
    names: dict[str, Value] = field(default_factory=dict)
    parent: Optional["Scope"] = None

    def find(self, name: str) -> Optional[Value]:
        scope = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


@dataclass(frozen=True)
class Function:
    name: str
    parameters: list[str]
    body: Node
    scope: Scope

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"


BUILTINS: dict[str, Value] = {
    "pi": math.pi,
    "e": math.e,
    "sqrt": math.sqrt,
    "round": round,
    "length": lambda items: float(len(items)),
    "sum": lambda items: sum(items, 0.0),
    "map": lambda function, items: [function(item) for item in items],
}

OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
    "^": lambda a, b: a**b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Interpreter:
    DEPTH = 200

    def __init__(self) -> None:
        self.scope = Scope(parent=Scope(dict(BUILTINS)))
        self.depth = 0

    def run(self, line: str) -> Optional[Value]:
        statement = parse(line)
        if statement is None:
            return None
        if isinstance(statement, Let):
            self.scope.names[statement.name] = self.evaluate(statement.value, self.scope)
            return None
        if isinstance(statement, Definition):
            function = Function(statement.name, statement.parameters, statement.body, self.scope)
            self.scope.names[statement.name] = function
            return None
        return self.evaluate(statement, self.scope)

    def evaluate(self, node: Node, scope: Scope) -> Value:
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Name):
            value = scope.find(node.name)
            if value is None:
                raise CalculatorError(f"{node.name} is not defined", node.column)
            return value
        if isinstance(node, ListDisplay):
            return [self.evaluate(item, scope) for item in node.items]
        if isinstance(node, Unary):
            operand = self.evaluate(node.operand, scope)
            return not operand if node.operator == "not" else -operand
        if isinstance(node, Condition):
            chosen = node.yes if self.evaluate(node.test, scope) else node.no
            return self.evaluate(chosen, scope)
        if isinstance(node, Call):
            return self.call(node, scope)
        return self.binary(node, scope)

    def binary(self, node: Binary, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        # These two look at the right side only when they need it.
        if node.operator == "and":
            return left and self.evaluate(node.right, scope)
        if node.operator == "or":
            return left or self.evaluate(node.right, scope)
        right = self.evaluate(node.right, scope)
        try:
            return OPERATORS[node.operator](left, right)
        except ZeroDivisionError:
            raise CalculatorError("division by zero", node.column) from None
        except (TypeError, OverflowError) as error:
            raise CalculatorError(str(error), node.column) from error

    def call(self, node: Call, scope: Scope) -> Value:
        function = self.evaluate(node.function, scope)
        arguments = [self.evaluate(argument, scope) for argument in node.arguments]
        if not isinstance(function, Function):
            if not callable(function):
                raise CalculatorError(f"{show(function)} is no function", node.column)
            try:
                return function(*arguments)
            except (TypeError, ValueError) as error:
                raise CalculatorError(str(error), node.column) from error
        if len(arguments) != len(function.parameters):
            message = f"{function} takes {len(function.parameters)} values, not {len(arguments)}"
            raise CalculatorError(message, node.column)
        if self.depth >= self.DEPTH:
            raise CalculatorError("too many calls within calls", node.column)
        self.depth += 1
        try:
            inner = Scope(dict(zip(function.parameters, arguments)), function.scope)
            return self.evaluate(function.body, inner)
        finally:
            self.depth -= 1


# ---------------------------------------------------------------- talking to people


def show(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.10g}"
    if isinstance(value, list):
        return "[" + ", ".join([show(item) for item in value]) + "]"
    return str(value)


def run_file(path: str) -> int:
    interpreter = Interpreter()
    with open(path, "r", encoding="utf-8") as f:
        for number, line in enumerate(f, start=1):
            try:
                value = interpreter.run(line)
            except CalculatorError as error:
                print(f"{path}:{number}:", error.pointer(line.rstrip()), file=sys.stderr)
                return 1
            if value is not None:
                print(show(value))
    return 0


def prompt() -> int:
    interpreter = Interpreter()
    while True:
        try:
            line = input("> ")
        except (EOFError, KeyboardInterrupt):
            print()
            return 0
        try:
            value = interpreter.run(line)
        except CalculatorError as error:
            print(error.pointer(line))
        else:
            if value is not None:
                print(show(value))


def self_test() -> None:
    interpreter = Interpreter()
    for line in ["let radius = 3", "def area(r) = pi * r ^ 2", "def double(x) = 2 * x"]:
        assert interpreter.run(line) is None
    cases = {
        "1 + 2 * 3": "7",
        "2 ^ 3 ^ 2": "512",
        "(1 + 2) * -3": "-9",
        "round(area(radius))": "28",
        'if radius > 2 then "large" else "small"': "large",
        "[1, 2, [3, 4]] + [5]": "[1, 2, [3, 4], 5]",
        "not true or 1 < 2": "true",
        "double(double(radius)) % 5": "2",
        "length(['a', 'b'])": "2",
    }
    for line, expected in cases.items():
        found = show(interpreter.run(line))
        assert found == expected, f"{line}: {found} instead of {expected}"
    for line in ["1 +", "1 / 0", "nobody", "area()", "'open", "3 $ 4", "1 2"]:
        try:
            interpreter.run(line)
        except CalculatorError as error:
            assert 1 <= error.column <= len(line) + 1
        else:
            raise AssertionError(f"{line} was accepted")


def main(arguments: list[str]) -> int:
    if arguments == ["--test"]:
        self_test()
        return 0
    elif len(arguments) == 1:
        return run_file(arguments[0])
    elif not arguments:
        return prompt()
    else:
        print("usage: calculator.py [FILE]", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
