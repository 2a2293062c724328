"""A set of secrets in the shapes of real ones, each in several places of a text; made when run, from a seed.

`tests/cases/secrets/forms.tsv` and `providers.tsv` contain the shapes, never a secret.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from pathlib import Path
from typing import NamedTuple

from tests.secrets.secret_samples import Maker

CASES = Path(__file__).parent.parent / "cases" / "secrets"
_NAMES = "Falcon Maple Copper Tiger Harbor Meadow Lantern Pepper Granite Willow Comet Badger Orchid Velvet Saffron"
NAMES = _NAMES.split()
_PLAIN_WORDS = (
    "lantern meadow pickle harbor tundra walnut saddle ribbon galaxy marble candle forest puzzle rocket violin"
)
PLAIN_WORDS = _PLAIN_WORDS.split()
ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "b32": string.ascii_uppercase + "234567",
    "digits": "123456789",
    "hex": "0123456789abcdef",
    "lower": string.ascii_lowercase + string.digits,
    "upperhex": "0123456789ABCDEF",
    "url": string.ascii_letters + string.digits + "-_",
}
MARKS = "!@#%^*+?~$"


class Sample(NamedTuple):
    """A text with one secret: the name of its shape, the place it stands in, the text and the secret."""

    name: str
    place: str
    text: str
    secret: str


class Values:
    """Draws secrets of a kind."""

    def __init__(self, seed: int) -> None:
        self.maker = Maker(seed)
        self.chance = random.Random(seed)

    def of(self, kind: str) -> str:
        """Draw a value of a kind: `hex:40`, `b64:32` (of so many bytes), `human`, …"""
        name, _, size = kind.partition(":")
        if name in ALPHABETS:
            return self._mixed(ALPHABETS[name], int(size))
        if name == "b64":
            return base64.b64encode(self.chance.randbytes(int(size))).decode()
        return str(getattr(self, f"_{name}")())

    def _mixed(self, alphabet: str, count: int) -> str:
        while True:  # a real key of this length has a letter and a digit; a draw without one would be a surprise
            value = self.maker.of(alphabet, count)
            letters = any(char.isalpha() for char in value) or alphabet.isdigit()
            if letters and any(char.isdigit() for char in value) and value[0] not in "-_" and value[-1] not in "-_":
                return value

    def _human(self) -> str:
        name, mark = self.chance.choice(NAMES), self.chance.choice("!#$%*+?")
        return f"{name}{self.chance.randint(10, 9999)}{mark}"

    def _simple(self) -> str:
        return f"{self.chance.choice(PLAIN_WORDS)}{self.chance.randint(10, 9999)}"

    def _letters(self) -> str:
        return "".join(self.chance.sample(PLAIN_WORDS, 2))

    def _strong(self) -> str:
        return (
            f"{self.maker.of(ALPHABETS['alnum'], 6)}{self.chance.choice(MARKS)}{self.maker.of(ALPHABETS['alnum'], 7)}7x"
        )

    def _dashed(self) -> str:
        return "-".join((*self.chance.sample(NAMES, 3), str(self.chance.randint(1, 99))))

    def _phrase(self) -> str:
        return " ".join(self.chance.sample(PLAIN_WORDS, 4))

    def _words(self) -> str:
        return " ".join((*self.chance.sample(NAMES, 5), self.maker.digits(2)))

    def _urlpass(self) -> str:
        return self.maker.of(ALPHABETS["alnum"], 12) + "%21"

    def _djangokey(self) -> str:
        return self.maker.of(ALPHABETS["lower"] + "!@#$%^&*(-_=+)", 48) + "k7"

    def _uuid(self) -> str:
        return "-".join(self.maker.of(ALPHABETS["hex"], count) for count in (8, 4, 4, 4, 12))

    def _hex0x(self) -> str:
        return "0x" + self.maker.of(ALPHABETS["hex"], 64)

    def _basic(self) -> str:
        return base64.b64encode(f"ann:{self._human()}".encode()).decode()

    def _b64human(self) -> str:
        return base64.b64encode(f"{self._human()}{self._simple()}".encode()).decode()

    def _jwt(self) -> str:
        return self.maker.jwt()


def in_places(name: str, text: str, secret: str) -> list[Sample]:
    """Return a text with a secret in each place that takes it: alone, in prose, a table, a list, code, JSON."""
    found = [
        Sample(name, "alone", text, secret),
        Sample(name, "fence", f"Set it up:\n\n```sh\n{text}\n```\n\nThen start it.\n", secret),
        Sample(
            name,
            "json",
            json.dumps({"role": "user", "text": f"Look:\n{text}\n"}, ensure_ascii=False),
            json.dumps(secret)[1:-1],
        ),
    ]
    if "\n" not in text:
        found += [
            Sample(name, "list", f"- step one\n- {text}\n", secret),
            Sample(name, "table", f"| what | how |\n| --- | --- |\n| staging | {text} |\n", secret),
            Sample(name, "prose", f"We tried it yesterday with {text}\nand it worked.\n", secret),
        ]
    return found


def innocent_set(seed: int) -> list[str]:
    """Return the lines of `innocent.txt`, with digests, ids and the like drawn from a seed."""
    values = Values(seed)
    return [_drawn(line, values) for line in _lines("innocent.txt")]


def _drawn(shape: str, values: Values) -> str:
    kinds = "|".join((*ALPHABETS, "b64"))
    return re.sub(rf"\{{((?:{kinds}):\d+|uuid)\}}", lambda part: values.of(part[1]), shape)


def _lines(file: str) -> list[str]:
    lines = (CASES / file).read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("# ")]


def secret_set(seed: int) -> list[Sample]:
    """Return every sample of the set."""
    values = Values(seed)
    samples: list[Sample] = []
    for kind, value, form in (line.split("\t") for line in _lines("forms.tsv")):
        secret = values.of(value)
        text = re.sub(r"(?<!\\)\\n", "\n", form).replace("\\\\", "\\").replace("@@", secret, 1)
        samples += in_places(f"{kind} ({value}): {form}", text, secret)
    for name, shape in (line.split("\t") for line in _lines("providers.tsv")):
        key = _drawn(shape, values)
        before, _, rest = key.rpartition("[[")  # only a part of it may be the secret
        secret, _, after = rest.partition("]]")
        samples += in_places(f"provider {name}: {shape}", before + secret + after, secret)
    for kind in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "):
        block = Maker(seed).block(kind + "PRIVATE KEY")
        samples += in_places(f"key {kind}PRIVATE KEY", block, block)
    return samples
