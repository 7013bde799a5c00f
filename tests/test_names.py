"""The shipped name tagger, names as strings, and the sentences that the tagger is trained on."""

import hashlib
import random
import re

import pytest

from parsers.catalog import read_blob
from parsers.names import MODEL_WEIGHTS, PERSON, PIECE, load_tagger, name_keys, name_tokens, same_person
from training.sentences import Writer

MEGABYTE = 1_000_000


def test_weights_are_those_that_the_readme_records() -> None:
    weights = read_blob(MODEL_WEIGHTS)
    recorded = re.search(r"sha256 of name_tagger.bin: ([0-9a-f]{64})", read_blob("model/README.md").decode())
    assert recorded is not None
    assert hashlib.sha256(weights).hexdigest() == recorded[1]
    assert len(weights) < 15 * MEGABYTE


def test_names_of_parts_never_seen_in_training_are_found() -> None:
    writer = Writer(random.Random(7), held_out=True)
    samples = [writer.sample() for _ in range(120)]
    wanted = found = 0
    for sample, tags in zip(samples, load_tagger().tag([sample.text for sample in samples]), strict=True):
        ours = {(tag.start, tag.end) for tag in tags if tag.label == PERSON}
        theirs = {(start, end) for start, end, label in sample.marks if label == PERSON}
        wanted, found = wanted + len(theirs), found + len(ours & theirs)
    assert found / wanted > 0.93


def test_long_texts_are_read_in_pieces_with_offsets_of_the_whole() -> None:
    text = "Foreign Minister Joseph Wekesa met Elina Salminen in Nairobi. " * (2 * PIECE // 60)
    tags = load_tagger().tag([text, ""])
    assert tags[1] == []
    names = [text[tag.start : tag.end] for tag in tags[0] if tag.label == PERSON]
    assert names.count("Joseph Wekesa") > 0.9 * text.count("Joseph Wekesa")


SAME = [
    ("Mohammad Javad Zarif", "Zarif"),
    ("Volodymyr Zelenskiy", "Zelensky"),
    ("Sergey Lavrov", "Sergei Lavrov"),
    ("Hossein Amir-Abdollahian", "Amirabdollahian"),
    ("Mevlüt Çavuşoğlu", "Mevlut Cavusoglu"),
    ("B. Enkhtuya", "Bat Enkhtuya"),
    ("Mohammed bin Salman", "Muhammad bin Salman"),
    ("Luiz Inácio Lula da Silva", "Lula"),
]
OTHERS = [
    ("Imran Khan", "Irfan Khan"),
    ("Ali Larijani", "Ali Shamkhani"),
    ("Peter Mwangi", "Grace Mwangi"),
    ("Xi Jinping", "Wang Yi"),
    ("A.", "Ali"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_one_person(a: str, b: str) -> None:
    assert same_person(a, b)
    assert same_person(b, a)
    assert name_keys(a) & name_keys(b), "the look-up would miss what the judgement accepts"


@pytest.mark.parametrize(("a", "b"), OTHERS)
def test_two_persons(a: str, b: str) -> None:
    assert not same_person(a, b)


def test_particles_do_not_tell_persons_apart() -> None:
    assert name_tokens("Bashar al-Assad") == ("bashar", "assad")
    assert name_tokens("al") == ("al",)


def test_training_sentences_mark_what_they_hold() -> None:
    writer = Writer(random.Random(3))
    samples = [writer.sample() for _ in range(200)]
    for sample in samples:
        for start, end, _ in sample.marks:
            assert 0 <= start < end <= len(sample.text)
            assert sample.text[start:end].strip() == sample.text[start:end]
    assert any(label == "PERSON" for sample in samples for _, _, label in sample.marks)
    again = Writer(random.Random(3))
    assert [again.sample() for _ in range(200)] == samples
