"""News sentences with their names marked, built from the lists of names and phrases with a seeded chance."""

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parsers.catalog import countries

FOLDER = Path(__file__).resolve().parent
NEW_PARTS = 0.2  # share of name parts that are made from pieces of others, so that shape and place count for more than lists
_SLOT = re.compile(r"\{(\w+)\}")
_LABELS = {"P": "PERSON", "S": "PERSON", "O": "ORG", "Y": "GPE", "C": "GPE", "D": "NORP", "E": "EVENT", "DAY": "DATE"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with marked stretches: (start, end, label)."""

    text: str
    marks: tuple[tuple[int, int, str], ...]


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


class Names:
    """Full and last names of many cultures. held_out: use only every eighth part of each list (or, False, all others)."""

    def __init__(self, chance: random.Random, *, held_out: bool) -> None:
        self._chance = chance
        self._groups = []
        for group in load("names.toml").values():
            given, family = (self._share(group[key].split(), held_out) for key in ("given", "family"))
            self._groups.append((given, family, group["forms"], group.get("particles", [""])))

    @staticmethod
    def _share(parts: Sequence[str], held_out: bool) -> list[str]:
        return [part for at, part in enumerate(sorted(set(parts))) if (at % 8 == 3) == held_out]

    def _part(self, parts: Sequence[str]) -> str:
        part = self._chance.choice(parts)
        if self._chance.random() < NEW_PARTS:
            other = self._chance.choice(parts)
            if len(part) > 4 and len(other) > 4 and "-" not in part + other:
                part = part[: (len(part) + 1) // 2] + other[len(other) // 2 :].lower()
        return part

    def full(self) -> tuple[str, str]:
        """A full name and the last name by which the person is then called."""
        given, family, forms, particles = self._chance.choice(self._groups)
        out, last = [], ""
        for word in self._chance.choice(forms).split():
            text = self._word(word, given, family, particles)
            out.append(text)
            if word in ("f", "p", "F", "f-f") or not last:
                last = text
        name = " ".join(out)
        return name, (last if len(last) > 2 else name)

    def _word(self, word: str, given: Sequence[str], family: Sequence[str], particles: Sequence[str]) -> str:
        match word:
            case "g":
                return self._part(given)
            case "f":
                return self._part(family)
            case "F":
                return self._part(family).upper()
            case "i":
                return self._part(given)[0] + "."
            case "i.g":
                return f"{self._part(given)[0]}.{self._part(given)}"
            case "p":
                return f"{self._chance.choice(particles)} {self._part(family)}"
            case "f-f":
                return f"{self._part(family)}-{self._part(family)}"
            case "El-f":
                return f"El-{self._part(family).split('-')[-1].capitalize()}"
        return word


class Writer:
    """Writes samples."""

    def __init__(self, chance: random.Random, *, held_out: bool = False) -> None:
        self._chance = chance
        self._names = Names(chance, held_out=held_out)
        self._phrases = load("phrases.toml")
        rows = [row for row in countries().rows if row.demonyms]
        self._states = [row.name for row in rows] + [alias for row in rows for alias in row.aliases if len(alias) < 15]
        self._demonyms = [row.demonyms[0] for row in rows]

    def sample(self) -> Sample:
        """One to three sentences, sometimes below a headline; a quarter of all sentences hold no person."""
        chance = self._chance
        cast = [self._names.full() for _ in range(6)]
        parts = []
        if chance.random() < 0.2:
            parts.append((self._phrases["headlines"], "\n\n"))
        for _ in range(chance.choice((1, 1, 2, 3))):
            parts.append((self._phrases["negatives" if chance.random() < 0.25 else "sentences"], " "))
        text, marks = "", []
        for templates, gap in parts:
            piece, inner = self._fill(chance.choice(templates), cast)
            marks += [(len(text) + a, len(text) + b, label) for a, b, label in inner]
            text += piece + gap
        if chance.random() < 0.5:  # outlets use either kind of apostrophe; both are one character
            text = text.replace("'", "’")
        return Sample(text.rstrip(), tuple(marks))

    def _fill(self, template: str, cast: Sequence[tuple[str, str]]) -> tuple[str, list[tuple[int, int, str]]]:
        while "{N}" in template:
            template = template.replace("{N}", self._chance.choice(self._phrases["noun_phrases"]), 1)
        template = template.replace(",.", ".").replace(",,", ",").replace(",;", ";")
        text, marks, at = "", [], 0
        for match in _SLOT.finditer(template):
            text += template[at : match.start()]
            value = self._value(match[1], cast)
            if match[1] in _LABELS:
                marks.append((len(text), len(text) + len(value), _LABELS[match[1]]))
            text += value
            at = match.end()
        text += template[at:]
        return text[:1].upper() + text[1:], marks

    def _value(self, slot: str, cast: Sequence[tuple[str, str]]) -> str:
        lists: Mapping[str, str] = {
            "R": "roles",
            "H": "honorifics",
            "O": "organisations",
            "Y": "cities",
            "E": "events",
            "X": "others",
            "DAY": "days",
            "TOPIC": "topics",
        }
        match slot:
            case "P":
                return self._chance.choice(cast)[0]
            case "S":
                return self._chance.choice(cast)[1]
            case "C":
                return self._chance.choice(self._states)
            case "D":
                return self._chance.choice(self._demonyms)
        return str(self._chance.choice(self._phrases[lists[slot]]))
