"""A draft with its parties → the finished record: fields from their finders, each with its evidence."""

from collections.abc import Sequence
from dataclasses import replace

from parsers.confidence import weigh
from parsers.cues import Frame
from parsers.datelines import find_opening
from parsers.dates import FoundDate, find_date
from parsers.document import Document
from parsers.host_events import find_host_event
from parsers.leaders import singular
from parsers.mentions import Form, Mention, Party
from parsers.merging import Draft
from parsers.outcomes import find_outcomes
from parsers.places import find_place
from parsers.records import Dateline, DatePrecision, Evidence, EvidenceField, Meeting, Participant, PartyKind, RoleClass, Status
from parsers.scene import Scene
from parsers.topics import find_topics

LEAST = 0.55  # a record that is as likely wrong as right is not told (chosen on the labelled articles: bench/calibration.py)
RECALLED_AFTER = 21  # days between a contact and the report beyond which the report only recalls it


def record_meetings(
    document: Document, mentions: Sequence[Mention], parties: Sequence[Party], drafts: Sequence[Draft], dateline: Dateline | None
) -> tuple[Meeting, ...]:
    """The records of the drafts. A draft that no sentence of the body proves, or that is likely wrong, is left out."""
    found = []
    for draft in drafts:
        scene = _scene(document, parties, draft, drafts)
        meeting = _record(document, mentions, scene, draft, dateline)
        if meeting is not None:
            found.append(meeting)
    return tuple(found)


def dateline_of(document: Document, dateline: Dateline | None) -> tuple[Dateline | None, int]:
    """The article's dateline (read from the body where the page gave none), and the document's offset at which the report begins."""
    opening = find_opening(document.text[document.body_start :], document.published)
    if opening is None:
        return dateline, document.body_start
    return dateline or opening.dateline, document.body_start + opening.end


def _scene(document: Document, parties: Sequence[Party], draft: Draft, drafts: Sequence[Draft]) -> Scene:
    """The draft's sentences, each with those that follow it up to the next one that tells of another contact."""
    others = sorted({index for other in drafts if other is not draft for index in other.sentences} - set(draft.sentences))
    told: set[int] = set(draft.sentences)
    for index in draft.sentences:
        end = next((other for other in others if other > index), len(document.sentences))
        if not document.sentences[index].in_title:
            told.update(range(index, end))
    if len(drafts) == 1 and document.body_start:
        told.add(0)
    return Scene(
        trigger=draft.sentence,
        cue=draft.cue,
        sentences=tuple(sorted(told)),
        parties=tuple(parties[index] for index in draft.members),
        status=draft.status,
        mode=draft.mode,
        background=draft.background,
        others=tuple(others),
    )


def _record(document: Document, mentions: Sequence[Mention], scene: Scene, draft: Draft, dateline: Dateline | None) -> Meeting | None:
    confidence = weigh(draft, scene.parties)
    if confidence < LEAST and not _are_offices(draft, scene.parties):
        return None
    evidence = _who(document, mentions, scene.parties, draft)
    if not evidence:
        return None
    when = find_date(document, scene, dateline)
    event = find_host_event(document, scene)
    where = find_place(document, scene, dateline, event.host_event if event else None)
    topics = find_topics(document, scene)
    outcomes = find_outcomes(document, scene)
    proofs = [
        *([(EvidenceField.DATE, when.span, None)] if when else ()),
        *((EvidenceField.PLACE, span, None) for span in (where.spans if where else ())),
        *([(EvidenceField.HOST_EVENT, event.span, None)] if event else ()),
        *((EvidenceField.TOPIC, topic.span, number) for number, topic in enumerate(topics)),
        *((EvidenceField.OUTCOME, outcome.span, number) for number, outcome in enumerate(outcomes)),
    ]
    for field, span, ordinal in proofs:
        if inside := document.to_article(span):
            evidence.append(Evidence(field=field, span=inside, ordinal=ordinal))
    return Meeting(
        status=draft.status,
        mode=draft.mode,
        participants=tuple(_participant(party) for party in _told(document, mentions, scene.parties)),
        evidence=tuple(evidence),
        confidence=confidence,
        start_date=when.start_date if when else None,
        end_date=when.end_date if when else None,
        date_precision=when.precision if when else None,
        city=where.city if where else None,
        country=where.country if where else None,
        venue=where.venue if where else None,
        host_event=event.host_event if event else None,
        topics=tuple(topic.topic for topic in topics),
        outcomes=tuple(outcome.outcome for outcome in outcomes),
        background=draft.background or _is_past(document, when, draft),
    )


def _are_offices(draft: Draft, members: Sequence[Party]) -> bool:
    """ "The foreign ministers of X and Y met": nameless, but plainly told."""
    plain = draft.frame is Frame.MEET and not draft.elaborates and not draft.inferred
    return plain and all(party.country and party.role_class not in (None, RoleClass.OTHER) for party in members)


def _is_past(document: Document, when: FoundDate | None, draft: Draft) -> bool:
    """A contact that was held long before the report, and that the headline does not tell of, is only recalled."""
    if when is None or document.published is None or draft.status is not Status.HELD or draft.in_title:
        return False
    end = when.end_date or when.start_date
    known = document.published.replace(day=1) if when.precision is not DatePrecision.DAY else document.published
    return (known - end).days > RECALLED_AFTER


def _told(document: Document, mentions: Sequence[Mention], members: Sequence[Party]) -> Sequence[Party]:
    """The members; where the text gives no word of any (states, or bodies by acronym), by what is printed: "Muscat", "IAEA"."""
    printed = {}
    for party in members:
        spans = (mentions[at].head for at in party.mentions)
        printed[party.index] = next((document.text[s.start : s.end] for s in spans if document.to_article(s) is not None), None)
        spelled = party.organization and set(party.organization.split()) & set((printed[party.index] or "").split())
        if party.name or party.role or spelled:
            return members
    return [replace(party, name=printed[party.index]) for party in members]


def _participant(party: Party) -> Participant:
    one_of_many = not party.name and party.kind is PartyKind.PERSON and party.role_class not in (None, RoleClass.OTHER)
    return Participant(
        kind=party.kind,
        name=party.name,
        role=singular(party.role) if one_of_many else party.role,
        role_class=party.role_class,
        portfolio=party.portfolio,
        country=party.country,
        country_source=party.country_source,
        organization=party.organization,
    )


def _who(document: Document, mentions: Sequence[Mention], members: Sequence[Party], draft: Draft) -> list[Evidence]:
    """The meeting's own sentences (the best one of the body where the title tells of it), then a mention of each participant."""
    body = [index for index in draft.sentences if not document.sentences[index].in_title]
    named: dict[int, set[int]] = {}
    for party in members:
        for at in party.mentions:
            sentence = mentions[at].sentence
            if not document.sentences[sentence].in_title:
                named.setdefault(sentence, set()).add(party.index)
    if not named:
        return []
    best = max(named, key=lambda index: (len(named[index]), index in body, -index))
    told = body if any(index in named for index in body) else [best, *body]
    found = [
        Evidence(field=EvidenceField.MEETING, span=span) for index in told if (span := document.to_article(document.sentences[index].span))
    ]
    for ordinal, party in enumerate(members):
        own = sorted(
            (mentions[at] for at in party.mentions), key=lambda m: (m.sentence not in told, m.form is not Form.NAMED, m.span.start)
        )
        inside = [(mention, span) for mention in own if (span := document.to_article(mention.span))]
        # where the sentence says "he" or "the minister", the place that gives the name is a proof too
        spans = [span for _, span in inside[:1]]
        if inside and inside[0][0].form is not Form.NAMED:
            spans += [span for mention, span in inside[1:] if mention.form is Form.NAMED][:1]
        found += [Evidence(field=EvidenceField.PARTICIPANT, span=span, ordinal=ordinal) for span in spans]
    return found
