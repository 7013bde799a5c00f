"""An article → its meeting records: the composition of all finders.

`extract` is the whole road for one article, `extract_all` for many (names are tagged in batches, which is where the time goes), `explain`
shows how each sentence was read. All three end in bounded time and never raise, whatever the text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from parsers.clauses import Skeleton, shrink
from parsers.cues import find_cues
from parsers.document import Document
from parsers.gate import may_hold_meeting
from parsers.generalities import in_general
from parsers.groups import name_groups
from parsers.leaders import bind_leaders
from parsers.mentions import Mention, Party
from parsers.merging import Draft, merge_drafts
from parsers.names import NameTagger, Tagged, load_tagger
from parsers.parties import find_mentions, join_parties
from parsers.recording import dateline_of, record_meetings
from parsers.records import Article, Meeting, RoleClass
from parsers.roster import Contact, Stage, TurnedDown, grammar, read_contacts, same_side
from parsers.rounds import Rounds
from parsers.sentences import build_document
from parsers.status import Reading, read_mode, read_status

BATCH = 32  # articles whose names are tagged together


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How one cue was read: the sentence, its cue, and what became of it (for people; see `explain`)."""

    sentence: str
    cue: str
    verdict: str
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What `explain` tells of an article."""

    passed_gate: bool
    steps: tuple[Step, ...] = ()
    meetings: tuple[Meeting, ...] = ()


def extract(article: Article) -> tuple[Meeting, ...]:
    """The meetings that the article tells of, in the order in which it tells them."""
    return explain(article).meetings


def extract_all(articles: Iterable[Article]) -> Iterator[tuple[Meeting, ...]]:
    """`extract` for each article, in order; names are tagged in batches, which is a third faster."""
    left = iter(articles)
    while batch := list(islice(left, BATCH)):
        documents = [build_document(article) if may_hold_meeting(article) else None for article in batch]
        texts = [document.text for document in documents if document is not None]
        tags = iter(load_tagger().tag(texts) if texts else ())
        for article, document in zip(batch, documents, strict=True):
            yield () if document is None else _explain(article, document, _Beforehand(next(tags))).meetings


def explain(article: Article) -> Explanation:
    """The meetings, and every cue with its verdict."""
    if not may_hold_meeting(article):
        return Explanation(passed_gate=False)
    return _explain(article, build_document(article), None)


class _Beforehand:
    """A tagger that knows its one answer already."""

    def __init__(self, tags: list[Tagged]) -> None:
        self._tags = tags

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        return [self._tags for _ in texts]


def _explain(article: Article, document: Document, tagger: NameTagger | None) -> Explanation:
    dateline, begin = dateline_of(document, article.dateline)
    found = find_mentions(document, tagger=tagger)
    mentions, parties = join_parties(document, [m for m in found if not document.body_start <= m.span.start < m.span.end <= begin])
    mentions, parties = bind_leaders(document.text, mentions, parties)
    drafts, steps = _read_sentences(document, mentions, parties)
    drafts, parties = name_groups(document, mentions, parties, drafts)
    meetings = record_meetings(document, mentions, parties, merge_drafts(drafts, parties), dateline)
    return Explanation(passed_gate=True, steps=tuple(steps), meetings=meetings)


def _read_sentences(document: Document, mentions: Sequence[Mention], parties: Sequence[Party]) -> tuple[list[Draft], list[Step]]:
    own: dict[int, list[tuple[int, Mention]]] = {}
    for index, mention in enumerate(mentions):
        if not mention.attributive:
            own.setdefault(mention.sentence, []).append((index, mention))
    stage = Stage(mentions, parties)
    rounds = Rounds(document, stage)
    drafts: list[Draft] = []
    steps: list[Step] = []
    for sentence in document.sentences:
        skeleton = shrink(document.text, sentence, own.get(sentence.index, ()))
        cues = find_cues(skeleton.text)
        told = read_contacts(skeleton, cues, stage)
        for found in chain(told, rounds.contacts(skeleton, cues, told)):
            if isinstance(found, TurnedDown):
                steps.append(_step(document, found, found.reason))
                continue
            reading = read_status(skeleton.text, found.cue, in_title=sentence.in_title)
            if reading.status is None:
                steps.append(_step(document, found, str(reading.refusal)))
                continue
            if in_general(skeleton.text, found, stage.mentions):
                steps.append(_step(document, found, "states in general"))
                continue
            made = _drafts(skeleton, document, found, reading, stage)
            drafts += made
            steps.append(_step(document, found, "contact" if made else "one side", made, parties))
    return drafts, steps


def _step(
    document: Document, found: Contact | TurnedDown, verdict: str, drafts: Sequence[Draft] = (), parties: Sequence[Party] = ()
) -> Step:
    return Step(
        sentence=document.sentences[found.sentence].text,
        cue=found.cue.text,
        verdict=verdict,
        parties=tuple(" + ".join(label(parties[m]) for m in draft.members) for draft in drafts),
    )


def label(party: Party) -> str:
    """A party in a word, for people."""
    return " ".join(filter(None, (party.name or party.role or party.organization or party.kind.value, f"({party.country or '?'})")))


def _drafts(skeleton: Skeleton, document: Document, contact: Contact, reading: Reading, stage: Stage) -> list[Draft]:
    """One draft for each contact that the cue tells of: `met A, B and C` is three unless they sat together or are of one side."""
    assert reading.status is not None
    left = _known(contact.left, stage)
    right = _known(contact.right, stage)
    if contact.reciprocal:
        tables = [left]
    else:
        apart = grammar().separate.search(skeleton.text) or all(stage.parties[p].role_class is RoleClass.AMBASSADOR for p in left)
        hosts = [[host] for host in left] if apart else [left]
        tables = [[*host, *side] for side in _split(skeleton, right, stage) for host in hosts]
    near = [s.text for s in document.sentences[contact.sentence + 1 : contact.sentence + 2] if not s.in_title]
    made = []
    for table in tables:
        members = tuple(dict.fromkeys(table))
        if not _two_sides(members, stage):
            continue
        made.append(
            Draft(
                members=members,
                sentence=contact.sentence,
                sentences=[contact.sentence],
                cue=contact.span,
                frame=contact.cue.frame,
                status=reading.status,
                weak=reading.weak,
                background=reading.background,
                mode=read_mode(contact.cue, skeleton.text, near),
                in_title=skeleton.sentence.in_title,
                inferred=contact.inferred,
                elaborates=contact.elaborates,
            )
        )
    if made and not contact.inferred and not contact.reciprocal:
        stage.leads.append(contact.left[0])
        stage.guests.append(contact.right[0])
    return made


def _known(members: Sequence[int], stage: Stage) -> list[int]:
    """Parties of the mentions, those that say who."""
    known = []
    for mention in members:
        party = stage.party(mention)
        if party is not None and _says_who(party) and not (stage.mentions[mention].plural and not party.country):
            known.append(party.index)
    return known


def _says_who(party: Party) -> bool:
    """Whether the party can be told: by state, body or office, or by a name of two words."""
    return bool(party.country or party.organization) or (
        party.name is not None and (party.role is not None or " " in party.name or len(party.mentions) > 1)
    )


def _split(skeleton: Skeleton, right: Sequence[int], stage: Stage) -> list[list[int]]:
    """The other side's parties by who sat together: all where the sentence says so, else those of one body, else each alone."""
    if grammar().together.search(skeleton.text) and not grammar().separate.search(skeleton.text):
        return [list(right)] if right else []
    tables: list[list[int]] = []
    for party in right:
        for table in tables:
            body = stage.parties[party].organization
            if body and stage.parties[table[0]].organization == body and not grammar().separate.search(skeleton.text):
                table.append(party)
                break
        else:
            tables.append([party])
    return tables


def _two_sides(members: Sequence[int], stage: Stage) -> bool:
    return any(not same_side(stage.parties[a], stage.parties[b]) for a in members for b in members if a < b)
