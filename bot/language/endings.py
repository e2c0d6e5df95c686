"""Light rules that take endings off words where Snowball has no stemmer: particles of Korean, cases of Ukrainian.

A word keeps at least two syllables of Korean and three letters of Ukrainian. What is left need not be a word.
"""

import re

_PARTICLES = """에서는 에서도 으로는 이라는 라는 이라고 라고 에게서 한테서 에서 에게 한테 께서 으로 부터
    까지 처럼 보다 이랑 이나 이며 이고 마다 조차 밖에 들이 들은 들을 들의 들도 하고 은 는 이 가 을 를 의
    에 로 와 과 랑 도 만 들""".split()
_VERBAL = """하면 하는 해서 한다 했다 할까 하나 하나요 했나 했나요 했어 되면 되는 된다 됐다 됐나
    됐나요 됐어 될까 중인가요 중인가 중인 인가요 인가 이야 이냐 입니까""".split()
"""What makes a verb or a question of a noun: "개입하면" is "if it intervenes"."""

_ENDINGS = """ами ями ови еви ого ому ими ах ях ив ов ев ои ою ею ии их им ам ям ом ем еи ть ся ла ли ло""".split()
"""Of Ukrainian, in the letters that `_FOLDED` leaves. A vowel at the end is no part of the stem in any case."""

_KOREAN = re.compile(f"(?<=..)(?:{'|'.join(sorted([*_PARTICLES, *_VERBAL], key=len, reverse=True))})$")
_UKRAINIAN = re.compile(f"(?<=...)(?:{'|'.join(_ENDINGS)})?[аеиоуюя]*$")
_FOLDED = str.maketrans("іїєґэы", "ииегеи", "ь")
"""Letters that a Russian keyboard lacks, or that Russian has in their place, and the soft sign."""


def korean(word: str) -> str:
    """Return a word without the particle at its end: "북한군이" as "북한군"."""
    return _KOREAN.sub("", word)


def ukrainian(word: str) -> str:
    """Return a word without its ending: "солдатів" as "солдат", and "Зеленського" and "Зеленский" as one stem."""
    return _UKRAINIAN.sub("", word.translate(_FOLDED), count=1)
