"""Guess a number: one player is the computer, and so is the other."""

import random

LOW = 1
HIGH = 100


class Cheater(Exception):
    pass


def answer(secret, guess):
    if guess < secret:
        return "higher"
    elif guess > secret:
        return "lower"
    else:
        return "right"


def bisect(ask, low=LOW, high=HIGH):
    tries = 0
    while low <= high:
        middle = (low + high) // 2
        tries += 1
        reply = ask(middle)
        if reply == "right":
            return tries
        elif reply == "higher":
            low = middle + 1
        elif reply == "lower":
            high = middle - 1
        else:
            raise ValueError("unknown reply: " + reply)
    raise Cheater("no number is left")


def verdict(tries):
    return "lucky" if tries < 4 else "fair" if tries < 7 else "unlucky"


def play(rounds):
    results = []
    for round_number in range(1, rounds + 1):
        secret = random.randint(LOW, HIGH)
        try:
            tries = bisect(lambda guess: answer(secret, guess))
        except Cheater as cheater:
            print("round", round_number, "was no fair game:", cheater)
            continue
        results.append(tries)
        print("round", round_number, "took", tries, "tries:", verdict(tries))
    return results


if __name__ == "__main__":
    results = play(5)
    if not results:
        print("nobody played")
    else:
        print("mean:", sum(results) / len(results))
