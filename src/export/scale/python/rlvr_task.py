"""Reads responses of the playground's tasks from text, and says whether they are right.

Plain Python without packages. Texts are the tokens of a task one after another, as its
tokenizer writes them; spaces between them do not matter, and an end token may be left
out, as trainers do when they decode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

END = "⏎"

Verifier = Callable[[Sequence[str], Sequence[str]], bool]


def verify(task: str, prompt: str, response: str) -> float:
    """1 for a correct response, else 0."""
    pattern, longest, correct = _TASKS[task]
    tokens = re.findall(pattern, response)
    body = tokens[: tokens.index(END)] if END in tokens else tokens
    # A response as long as one can be has no room left for the end token.
    if END not in tokens and len(tokens) >= longest:
        return 0.0
    return float(correct(re.findall(pattern, prompt), body))


def response_length(task: str, response: str) -> int:
    """Tokens of a response, the end token included."""
    pattern, longest, _ = _TASKS[task]
    tokens = re.findall(pattern, response)
    ended = tokens.index(END) if END in tokens else len(tokens)
    return min(longest, ended + 1)


def longest_response(task: str) -> int:
    """The most tokens a response can have, the end token included."""
    return _TASKS[task][1]


def _chain_sum(prompt: Sequence[str], body: Sequence[str]) -> bool:
    """The last token is the last digit of the sum of four digits."""
    target = sum(int(digit) for digit in prompt[:4]) % 10
    return bool(body) and body[-1] == str(target)


def _countdown(prompt: Sequence[str], body: Sequence[str]) -> bool:
    """Digits of the prompt, each used once at most, joined to the target by + and -."""
    target, left = 10 * int(prompt[0]) + int(prompt[1]), list(prompt[2:6])
    if len(body) % 2 == 0:
        return False
    value = 0
    for sign, digit in zip(["+", *body[1::2]], body[::2], strict=True):
        if sign not in "+-" or digit not in left:
            return False
        left.remove(digit)
        value += int(digit) if sign == "+" else -int(digit)
    return value == target


def _maze(prompt: Sequence[str], body: Sequence[str]) -> bool:
    """Steps from cell to neighbouring cell, never into a wall, and ends at the goal."""
    here, goal, walls = prompt[0], prompt[1], set(prompt[2:-1])
    for cell in body:
        if cell in walls or not _are_neighbours(here, cell):
            return False
        here = cell
    return here == goal


def _are_neighbours(one: str, other: str) -> bool:
    """Whether two texts are cells, such as b3, that share a side."""
    if not re.fullmatch(r"[a-h]\d", other):
        return False
    columns, rows = abs(ord(one[0]) - ord(other[0])), abs(int(one[1]) - int(other[1]))
    return columns + rows == 1


_TASKS: dict[str, tuple[str, int, Verifier]] = {
    "chain-sum": (r"\S", 7, _chain_sum),
    "countdown": (r"\S", 8, _countdown),
    "maze": (r"[a-h]\d|\S", 12, _maze),
    "maze-small": (r"[a-h]\d|\S", 9, _maze),
}
"""By name: what a token looks like, the longest response, whether one is right."""
