"""Who takes which part in a contact: cues and marks of a sentence → contacts between parties.

The grammar is linear. For each cue the subject is sought to the left (past prepositional phrases, relative clauses and objects of other
verbs), the other side to the right (directly, or after the preposition that the frame takes), and what the sentence leaves out is taken
from the sentences before. Every cue ends in contacts or in a `TurnedDown` that says why, so that a reading can be explained.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from parsers.catalog import read_toml
from parsers.clauses import FIRST_MARK, MARK, Group, Skeleton
from parsers.cues import Cue, Frame
from parsers.mentions import Form, Mention, Party
from parsers.records import Span

REACH = 260  # characters of skeleton between a cue and its argument
BACK = 2  # sentences that are searched backwards for a left-out subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact as one cue tells it. members: mentions on either side. near: the cue's arguments stand beside it in the sentence."""

    sentence: int
    cue: Cue
    span: Span
    left: tuple[int, ...]
    right: tuple[int, ...]
    reciprocal: bool = False
    inferred: bool = False  # a side was taken from another sentence
    elaborates: bool = False  # the words go on about a contact rather than report one


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedDown:
    """A cue that made no contact, and why. partial: what is known of the sides, for elaboration of an earlier contact."""

    sentence: int
    cue: Cue
    span: Span
    reason: str
    known: tuple[int, ...] = ()


@dataclass(slots=True)
class Stage:
    """What has been read so far: the roster's memory while it walks through the sentences."""

    mentions: Sequence[Mention]
    parties: Sequence[Party]
    subjects: list[tuple[int, int]] = field(default_factory=list)  # (sentence, mention) of persons in subject position
    seen: list[tuple[int, int]] = field(default_factory=list)  # (sentence, mention) of persons and delegations, in order of the text
    leads: list[int] = field(default_factory=list)  # subjects of the contacts so far: about whom the article is
    guests: list[int] = field(default_factory=list)  # their other sides

    def party(self, mention: int) -> Party | None:
        """The party that a mention stands for; None for groups and what coreference left open."""
        index = self.mentions[mention].party
        return self.parties[index] if index >= 0 else None


FILE = "languages/en/grammar.toml"
KEYS = frozenset(
    {
        "determiners",
        "prepositions",
        "subject_openers",
        "adverbs",
        "before_object",
        "clause_ends",
        "visitors_do",
        "together",
        "separate",
        "media",
        "conversation",
        "sport",
        "courtesies",
    }
)
_MARKS_OF_PUNCTUATION = frozenset("–—-:;,\"“”'‘’")
_RELATIVE = re.compile(r"\s*(?:,|\))?\s*(?:who|which|that)\b", re.IGNORECASE)
_ATTENDS = re.compile(
    r"\b(?:others (?:at|in)|those at|sat in on|sits in on|present at|took part in|attended by|witnessed)\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_GUEST = re.compile(
    r"(?:\s+\w+){0,5}?\s+(?:with|to|by)\s+(?:the|his|her|their)\s+(?:visiting\s+)?(?:guests?|visitors?|interlocutors?|hosts?|official|diplomat)\b",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"\b(?:accompanied|flanked|assisted) by\b|\bin the (?:presence|company) of\b", re.IGNORECASE)
_AIRPORT = re.compile(r"\b(?:airport|air base|airbase|helipad|runway|tarmac|red carpet)\b", re.IGNORECASE)
_DURING = re.compile(r"\b(?:in|during|at|over|by)\s+(?:(?:an?|the|their|this|that)\s+)?(?:[\w-]+\s+){0,3}$", re.IGNORECASE)
_TO_HEARER = re.compile(
    r"\s+(?:\w+\s+){0,2}?(?:told|informed|briefed|assured|thanked|congratulated|invited|asked|urged|reminded|wished|(?:\w+ed|gave)\s+[^.;,]{1,60}?\bto)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_WITH_NEAR = re.compile(r"[^,;.]{0,80}?\b(?:with|between|of|among)\b")
_FIRST_PERSON = re.compile(r"\b(?:I|we)\b(?:\s+\w+){0,4}\s*$", re.IGNORECASE)
_WHO_HELD = re.compile(r"(?:\s+\w+){0,3},?\s+(?:which|that)\s+(?:the\s+)?$")
# What ties talks of states to a day: without it they are a matter that is talked about, not a meeting.
_WHEN = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|yesterday|tomorrow|(?:last|next|this) (?:week|month)|round|january|february"
    r"|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_FOR_DOING = re.compile(r"\s+for(?:\s+having)?\s+")
_REPORTS = re.compile(r",?\s+(?:has\s+)?(?:reported|reports|quoted|wrote|learned|learnt|has learned|news agency)\b", re.IGNORECASE)
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|from|to|of)\s+(?:[A-Z][\w’'-]*\s?){1,3},\s*$")
_LIST_GOES_ON = re.compile(
    r"(?:\s*\([^()]{1,80}\))?\s*(?:(?:,\s*(?:who|which|whose)\b[^,;.]{1,120})?,?\s*and\s+|(?:,\s*[^,;.]{1,120})?;\s*(?:and\s+)?"
    r"|,?\s*and\s+(?:(?-i:[A-Z])[\w-]+,?\s+(?:and\s+)?){1,5}"
    r"|,?\s*and,?\s+(?:in|at|on|during)\s[^,;.]{1,50},\s+)(?:with\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
_LIST_MAY_GO_ON = re.compile(r"(?:\s*\([^()]{1,80}\))?\s*,\s*(?:with\s+)?(?:the\s+)?", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
_PERSONS = (Form.NAMED, Form.OFFICE, Form.COUNTERPART, Form.PRONOUN, Form.DELEGATION)
_WHO = (Form.NAMED, Form.OFFICE, Form.COUNTERPART, Form.DELEGATION)
_MUTUAL = frozenset({Frame.MEET, Frame.HOLD, Frame.CHAIR, Frame.SPEAK, Frame.DISCUSS})
_PAIR_WORDS = re.compile(r"\b(?:two|both|pair|sides|they|duo)\b", re.IGNORECASE)
_NO_PERSONS = re.compile(
    r"\b(?:countries|nations|states|neighbou?rs|peoples|companies|organi[sz]ations|bodies|institutions|capitals|governments)\b",
    re.IGNORECASE,
)
_OBJECT_PRONOUN = re.compile(
    r"\s+(?:with\s+)?(?:her|him|them)(?=\s*[,.]|\s+(?:at|in|on|for|there|to|with|and|yesterday|today|during|here|as|upon|before|after|when)\b|$)"
)
_WEAK = (Frame.DISCUSS, Frame.SIGN)
_NO_BODY_OBJECT = frozenset({Frame.RECEIVE, Frame.RECEIVED_BY, Frame.VISIT, Frame.PHONE, Frame.FROM, Frame.TELL})


@dataclass(frozen=True, slots=True)
class _Grammar:
    """grammar.toml, compiled."""

    prepositions: frozenset[str]
    subject_openers: frozenset[str]
    adverbs: frozenset[str]
    determiners: frozenset[str]
    before_object: re.Pattern[str]
    clause_end: re.Pattern[str]
    urging: re.Pattern[str]
    together: re.Pattern[str]
    separate: re.Pattern[str]
    media: re.Pattern[str]
    conversation: re.Pattern[str]
    sport: re.Pattern[str]


@cache
def grammar() -> _Grammar:
    """The small words of English. Raises CatalogError where the file is wrong."""
    table = read_toml(FILE, keys=KEYS)
    before_object = "|".join(table["before_object"]).replace("{mark}", MARK)
    return _Grammar(
        prepositions=frozenset(table["prepositions"]),
        subject_openers=frozenset(table["subject_openers"]) | _MARKS_OF_PUNCTUATION,
        adverbs=frozenset(table["adverbs"]),
        determiners=frozenset(table["determiners"]),
        # atomic groups: a long row of adverbs must not be tried in every split
        before_object=re.compile(rf"[\s,]*+(?>(?>{before_object})(?!\w)[\s,]*+)*+", re.IGNORECASE),
        clause_end=re.compile(rf"[;”]|\. |\b(?:{'|'.join(table['clause_ends'])})\b", re.IGNORECASE),
        urging=re.compile(rf"\s*,?\s*to\s+(?!{'|'.join(table['visitors_do'])})\w+", re.IGNORECASE),
        together=re.compile(rf"\b(?:{'|'.join(table['together'])})\b", re.IGNORECASE),
        separate=re.compile(rf"\b(?:{'|'.join(table['separate'])})\b", re.IGNORECASE),
        media=re.compile(rf"\b(?:{'|'.join(table['media'])})\b"),
        sport=re.compile(rf"\b(?:{'|'.join(table['sport'])})\b", re.IGNORECASE),
        conversation=re.compile(rf"\b(?:{'|'.join(table['conversation'])})\b", re.IGNORECASE),
    )


def read_contacts(skeleton: Skeleton, cues: Sequence[Cue], stage: Stage) -> list[Contact | TurnedDown]:
    """The contacts of one sentence, in the order of its cues."""
    found: list[Contact | TurnedDown] = []
    for cue in cues:
        found.append(_read(skeleton, cue, stage))
    note_subjects(skeleton, stage)
    return found


def note_subjects(skeleton: Skeleton, stage: Stage) -> None:
    """Remembers the persons who are subjects in this sentence."""
    stage.seen += [(skeleton.sentence.index, m) for mark in skeleton.marks for m in mark if stage.mentions[m].form in _WHO]
    for group in skeleton.groups:
        context = _context(skeleton, group)
        if context in grammar().prepositions or context in ("before", "after") or _POSSESSIVE.match(skeleton.text, group.end):
            continue
        for mention in group.mentions:
            form = stage.mentions[mention].form
            if form in _WHO or (form is Form.PRONOUN and stage.party(mention) is not None):
                stage.subjects.append((skeleton.sentence.index, mention))


def _read(skeleton: Skeleton, cue: Cue, stage: Stage) -> Contact | TurnedDown:
    left, right, reciprocal = _sides(skeleton, cue, stage)
    left, right = _no_media(left, stage), _no_media(right, stage)
    span = skeleton.span(cue.start, cue.end)
    sentence = skeleton.sentence.index

    def turn_down(reason: str) -> TurnedDown:
        return TurnedDown(sentence=sentence, cue=cue, span=span, reason=reason, known=(*left, *right))

    if cue.frame is Frame.NOUN and not _WHEN.search(skeleton.text) and not skeleton.sentence.in_title:
        forms = {stage.mentions[m].form for m in (*left, *right)}
        if forms and forms <= {Form.COUNTRY}:
            return turn_down("states in general")
    if not reciprocal:
        left, right = _untangle(skeleton, left, right, stage)
    named = left
    if reciprocal or not right:
        left = _unfold(skeleton, left, stage)
        reciprocal = reciprocal or (len(left) > 1 and cue.frame in _MUTUAL)
    if reciprocal:
        if len(left) < 2:
            return turn_down("no second side")
        if cue.frame is Frame.SIGN and not all(_is_official(stage.party(m)) for m in left):
            return turn_down("signed, and no word of contact")
        if cue.frame in _WEAK and not all(stage.mentions[m].form in _PERSONS for m in left):
            return turn_down("no persons, and no word of contact")
        if _ATTENDS.search(skeleton.text, 0, cue.start):
            return turn_down("attendance")
        if grammar().sport.search(skeleton.text) and not any(stage.mentions[m].form in _PERSONS for m in left):
            return turn_down("a match")
        return Contact(
            sentence=sentence, cue=cue, span=span, left=left, right=(), reciprocal=True, elaborates=cue.frame in _WEAK or named != left
        )
    if _ATTENDS.search(skeleton.text, 0, cue.start):
        return turn_down("attendance")
    if cue.frame in (Frame.RECEIVE, Frame.RECEIVED_BY) and _AIRPORT.search(skeleton.text):
        return turn_down("a welcome at the airport")
    inferred = bool(left) != bool(right)
    if cue.frame is Frame.RECEIVED_BY and left and not right:
        right = _left_out(skeleton, left, stage)
    if not right:
        return turn_down("no other side")
    if not left and _FIRST_PERSON.search(skeleton.text, max(0, cue.start - 40), cue.start):
        left = _later_subject(skeleton, cue, right, stage)
    if not left and cue.frame in (Frame.NOUN, Frame.HOLD, Frame.MEET, Frame.WITH):
        left = _left_out(skeleton, right, stage)
    if not left:
        return turn_down("no subject")
    if cue.frame is Frame.TELL and not _in_conversation(skeleton, left, right, stage):
        return turn_down("a saying, and no word of contact")
    return Contact(sentence=sentence, cue=cue, span=span, left=left, right=right, inferred=inferred, elaborates=_goes_on(skeleton, cue))


def _untangle(skeleton: Skeleton, left: tuple[int, ...], right: tuple[int, ...], stage: Stage) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Nobody meets himself: a pronoun that was bound to the other side stands for somebody of the sentences before."""
    if stage.leads and len(left) == 1 and stage.mentions[left[0]].form is Form.PRONOUN and _is_guest(stage.party(left[0]), stage):
        # who met somebody goes on to meet others: "he" is more likely the host of the last contact than its guest
        left = _other_than(stage.leads[-1:], right, stage) or left
    ours, theirs = ({stage.mentions[m].party for m in side} for side in (left, right))
    if not ours & theirs:
        return left, right
    if right and all(stage.mentions[m].form is Form.PRONOUN for m in right):
        return left, _left_out(skeleton, left, stage)
    if left and all(stage.mentions[m].form is Form.PRONOUN for m in left):
        return _left_out(skeleton, right, stage), right
    return left, right


def _is_official(party: Party | None) -> bool:
    return party is not None and bool(party.name and (party.country or party.organization))


def _is_guest(party: Party | None, stage: Stage) -> bool:
    """Whether the party, or somebody of its state, was the other side of a contact before."""
    if party is None:
        return False
    met = [guest for m in stage.guests if (guest := stage.party(m)) is not None]
    return any(guest.index == party.index or (guest.country is not None and guest.country == party.country) for guest in met)


def _says_who(party: Party | None) -> bool:
    return party is not None and bool(party.name or party.country or party.organization)


def _unfold(skeleton: Skeleton, members: tuple[int, ...], stage: Stage) -> tuple[int, ...]:
    """The pair that "the two ministers", "both sides" or "they" stands for: the last two of different sides that were named before it."""
    if len(members) != 1:
        return members
    mention, sentence = stage.mentions[members[0]], skeleton.sentence
    plural = mention.form is Form.PRONOUN and mention.plural
    start, end = mention.span.start - sentence.span.start, mention.span.end - sentence.span.start
    phrase = "they" if plural else sentence.text[start : end + 14]
    if not (plural or mention.form is Form.GROUP) or not _PAIR_WORDS.search(phrase) or _NO_PERSONS.search(phrase):
        return members
    here = [
        m for mark in skeleton.marks for m in mark if stage.mentions[m].span.start < mention.span.start and stage.mentions[m].form in _WHO
    ]
    before = [m for told, m in stage.seen if told < sentence.index and sentence.index - told <= 2]
    pair: list[int] = []
    for candidate in reversed([*before, *here]):
        party = stage.party(candidate)
        if not _says_who(party) or _is_medium(stage.mentions[candidate]) or any(same_side(party, stage.party(other)) for other in pair):
            continue
        pair.append(candidate)
        if len(pair) == 2:
            return (pair[1], pair[0])
    return members


def _in_conversation(skeleton: Skeleton, left: Sequence[int], right: Sequence[int], stage: Stage) -> bool:
    persons = all(stage.mentions[m].form in _PERSONS for m in (*left, *right))
    return persons and bool(grammar().conversation.search(skeleton.text))


def _no_media(members: Sequence[int], stage: Stage) -> tuple[int, ...]:
    return tuple(m for m in members if not _is_medium(stage.mentions[m]))


def _is_medium(mention: Mention) -> bool:
    """An outlet or agency, to which people speak without a meeting."""
    name = mention.organization if mention.form is Form.BODY else mention.name if mention.role is None else None
    return bool(name and grammar().media.search(name))


def _sides(skeleton: Skeleton, cue: Cue, stage: Stage) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """Mentions on the left, on the right, and whether the left ones met each other."""
    frame = cue.frame
    subject = _members(_subject(skeleton, cue.start, stage))
    if frame is Frame.WITH:
        right = _fit(_object(skeleton, cue.start, ("with",), stage), cue, skeleton, stage)
        return _later_subject(skeleton, cue, right, stage) if right else (), right, False
    if frame is Frame.NOUN:
        return _noun_sides(skeleton, cue, stage, subject)
    if frame in (Frame.MEET, Frame.PHONE, Frame.RECEIVE, Frame.VISIT, Frame.TELL):
        connectors = ("with",) if frame is Frame.MEET else ("to",) if "audience" in cue.text.lower() else ()
        right = _fit(_object(skeleton, cue.end, connectors, stage, direct=True), cue, skeleton, stage)
    elif frame is Frame.RECEIVED_BY:
        return _fit(_object(skeleton, cue.end, ("by",), stage), cue, skeleton, stage), subject, False
    elif frame is Frame.FROM:
        right = _fit(_object(skeleton, cue.end, ("from",), stage, direct=True), cue, skeleton, stage)
    elif frame is Frame.SPEAK:
        right = _fit(_object(skeleton, cue.end, ("with", "to"), stage), cue, skeleton, stage)
    elif frame is Frame.HOLD:
        between = _between(skeleton, cue.end, stage)
        if len(between) > 1:
            return between, (), True
        right = _fit(_object(skeleton, cue.end, ("with",), stage), cue, skeleton, stage)
    elif frame is Frame.SIGN:
        # "the memorandum was signed by A and B"
        signed = skeleton.text.startswith(" by", cue.end)
        return _sides_of(_members(_object(skeleton, cue.end, ("by",), stage)) if signed else subject, stage), (), True
    else:
        right = _fit(_object(skeleton, cue.end, ("with",), stage), cue, skeleton, stage)
    if not right and subject and frame in (Frame.MEET, Frame.RECEIVE) and _OBJECT_PRONOUN.match(skeleton.text, cue.end):
        right = _left_out(skeleton, subject, stage)
    if not right and frame in _MUTUAL:
        # "the list of those with whom he met: A; B; and C"
        right = next(
            (g.mentions for g in skeleton.groups if g.start > cue.end and len(g.mentions) > 1 and _context(skeleton, g) == ":"), ()
        )
    if not right and stage.guests and _GUEST.match(skeleton.text, cue.end):
        right = tuple(stage.guests[-1:])
    if frame is Frame.DISCUSS and not right:
        return _sides_of(subject, stage), (), True
    if not right and frame in (Frame.MEET, Frame.HOLD, Frame.CHAIR, Frame.SPEAK) and len(subject) > 1:
        return subject, (), True
    return subject, right, False


def _noun_sides(skeleton: Skeleton, cue: Cue, stage: Stage, subject: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    between = _between(skeleton, cue.end, stage)
    if len(between) > 1:
        return between, (), True
    for group in skeleton.groups:
        if group.start >= cue.end and len(group.mentions) > 1 and _WHO_HELD.fullmatch(skeleton.text, cue.end, group.start):
            return group.mentions, (), True
    owner = tuple(
        m for m in _owner(skeleton, cue) if _says_who(stage.party(m)) and (stage.mentions[m].country or not stage.mentions[m].plural)
    )
    right = _fit(_object(skeleton, cue.end, ("with",), stage), cue, skeleton, stage)
    if right and not owner:
        owner = _holder(skeleton, cue, right)
    if right:
        return owner or _other_than(subject, right, stage) or _later_subject(skeleton, cue, right, stage), right, False
    if not owner and _DURING.search(skeleton.text, max(0, cue.start - 40), cue.start):
        # "In a phone call, the presidents of Iran and Turkey stressed ..."
        pair = next((g.mentions for g in skeleton.groups if g.start > cue.end and len(g.mentions) > 1 and _opens(skeleton, g)), ())
        if any(not same_side(stage.party(pair[0]), stage.party(m)) for m in pair[1:]):
            return pair, (), True
        return _speakers(skeleton, cue, stage)
    return owner, (), len(owner) > 1


def _goes_on(skeleton: Skeleton, cue: Cue) -> bool:
    """Words that go on about a contact: "during the call, A congratulated B", "A told B in the meeting"."""
    if cue.frame is Frame.NOUN:
        return bool(_DURING.search(skeleton.text, max(0, cue.start - 40), cue.start)) and not _WITH_NEAR.match(skeleton.text, cue.end)
    return cue.frame in (Frame.TELL, Frame.DISCUSS)


def _speakers(skeleton: Skeleton, cue: Cue, stage: Stage) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """ "During the call, A congratulated B": the subject of the clause that follows, and the person it is said to."""
    persons = [g for g in skeleton.groups if g.start > cue.end and len(g.mentions) == 1 and stage.mentions[g.mentions[0]].form in _PERSONS]
    if len(persons) < 2 or not _opens(skeleton, persons[0]):
        return (), (), False
    speaker, hearer = persons[0], persons[1]
    said = skeleton.text[speaker.end : hearer.start]
    if _TO_HEARER.fullmatch(said) and not _POSSESSIVE.match(skeleton.text, hearer.end):
        return speaker.mentions, hearer.mentions, False
    return (), (), False


def _holder(skeleton: Skeleton, cue: Cue, right: Sequence[int]) -> tuple[int, ...]:
    """ "The meeting of A with B": A."""
    for group in skeleton.groups:
        if group.start >= cue.end:
            held = re.fullmatch(r"\s+(?:of|between|by)\s+(?:the\s+)?", skeleton.text[cue.end : group.start])
            return tuple(m for m in group.mentions if m not in right) if held else ()
    return ()


def _opens(skeleton: Skeleton, group: Group) -> bool:
    return _context(skeleton, group) in (",", "")


def _between(skeleton: Skeleton, start: int, stage: Stage) -> tuple[int, ...]:
    """ "between A and B", "among A, B and C", "of the foreign ministers of A and B" right after the cue."""
    members: tuple[int, ...] = ()
    end = start
    for group in skeleton.groups:
        if group.start < start or group.start - start > REACH:
            continue
        gap = skeleton.text[end : group.start]
        if not members:
            if grammar().clause_end.search(gap) or re.search(rf"{MARK}", gap):
                return ()
            word = _context(skeleton, group, start)
            if word == "between" or word == "among" or (word == "of" and len(group.mentions) > 1 and len(gap) < 12):
                members, end = group.mentions, group.end
                if len(members) > 1:
                    return members
            continue
        if re.search(r"\band\s+(?:\w+\s+){0,3}$", gap) and not grammar().clause_end.search(gap):
            return (*members, *group.mentions)
        return ()
    return ()


def _owner(skeleton: Skeleton, cue: Cue) -> tuple[int, ...]:
    """ "A's (fourth) meeting", "A-B talks": the owner right before the cue."""
    before = skeleton.text[: cue.start]
    if match := re.search(rf"(?P<marks>{MARK}(?:\s?[-–—]\s?|\s?and\s|/){MARK})(?:['’]s)?\s(?:[\w-]+\s){{0,3}}$", before):
        return tuple(m for c in match.group("marks") for m in _of_mark(skeleton, c))
    if match := re.search(rf"(?P<mark>{MARK})['’]s?\s(?:[\w’'“”-]+\s){{0,5}}$", before):
        return _of_mark(skeleton, match.group("mark"))
    return ()


def _of_mark(skeleton: Skeleton, mark: str) -> tuple[int, ...]:
    number = ord(mark) - FIRST_MARK
    return skeleton.marks[number] if 0 <= number < len(skeleton.marks) else ()


def _later_subject(skeleton: Skeleton, cue: Cue, right: Sequence[int], stage: Stage) -> tuple[int, ...]:
    """ "In a meeting with B, A said": the subject of the clause that follows."""
    for group in skeleton.groups:
        if group.start < cue.end or _context(skeleton, group) in grammar().prepositions or _POSSESSIVE.match(skeleton.text, group.end):
            continue
        if others := _other_than(group.mentions, right, stage):
            persons = tuple(m for m in others if stage.mentions[m].form in _PERSONS)
            if persons:
                return persons[:1]
    return ()


def _other_than(members: Sequence[int], others: Sequence[int], stage: Stage) -> tuple[int, ...]:
    taken = {stage.mentions[m].party for m in others}
    return tuple(m for m in members if m not in others and (stage.mentions[m].party < 0 or stage.mentions[m].party not in taken))


def _left_out(skeleton: Skeleton, right: Sequence[int], stage: Stage) -> tuple[int, ...]:
    """The subject that the sentence leaves out: who met somebody last, else the subject of a sentence before."""
    index = skeleton.sentence.index
    before = [mention for sentence, mention in reversed(stage.subjects) if sentence < index and index - sentence <= BACK]
    for mention in (*stage.leads[-1:], *before):
        party = stage.party(mention)
        if party is None or not (party.country or party.organization or mention in stage.leads):
            continue
        others = _other_than((mention,), right, stage)
        if others and not any(same_side(stage.party(mention), stage.party(m)) for m in right):
            return others
    return ()


def _subject(skeleton: Skeleton, before: int, stage: Stage) -> Group | None:
    groups = [g for g in skeleton.groups if g.end <= before and before - g.end < REACH]
    for nearest in reversed(groups[-1:]):
        if _RELATIVE.match(skeleton.text, nearest.end) and not re.search(r"[,;]", skeleton.text[nearest.end + 2 : before]):
            return nearest
    if groups and _FOR_DOING.fullmatch(skeleton.text, groups[-1].end, before):
        return groups[-1]  # "criticised B for hosting C": B hosted
    company = _company(skeleton.text, before)
    if company and groups and groups[0].end <= company:
        groups = [g for g in groups if g.end <= company]
    fallback = None
    for group in reversed(groups):
        if _POSSESSIVE.match(skeleton.text, group.end) or _aside(skeleton, group, stage):
            continue
        context = _context(skeleton, group)
        if context in grammar().prepositions:
            continue
        if context == "" or context in grammar().subject_openers or _is_direct(skeleton.text[group.end : before]):
            return group
        fallback = fallback or group
    return fallback


def _company(text: str, before: int) -> int:
    """Where "accompanied by" begins before the cue, so that those who came along are not taken for the subject; 0 where it does not."""
    start = 0
    for match in _COMPANY.finditer(text, 0, before):
        start = match.start()
    return start


def _aside(skeleton: Skeleton, group: Group, stage: Stage) -> bool:
    """A group that is no subject though it looks like one: "ISNA reported", the state in "in Baku, Azerbaijan"."""
    if len(group.mentions) > 1:
        return False
    mention = stage.mentions[group.mentions[0]]
    if mention.form in (Form.BODY, Form.NAMED) and mention.role is None and _REPORTS.match(skeleton.text, group.end):
        return True
    return mention.form is Form.COUNTRY and bool(_PLACE_BEFORE.search(skeleton.text, max(0, group.start - 50), group.start))


def _is_direct(gap: str) -> bool:
    words = re.findall(r"[\w’']+|[,;–]", gap.lower())
    return len(words) < 8 and all(word in grammar().adverbs or word.isdigit() or word.endswith("ly") for word in words)


def _context(skeleton: Skeleton, group: Group, floor: int = 0) -> str:
    """The word or mark between `floor` and a group that stands before it, in lower case; "" where there is none."""
    window = skeleton.text[max(floor, group.start - 60) : group.start].rstrip()
    determiners = grammar().determiners
    while window:
        last = window[-1]
        if not (last.isalnum() or last in "’'_"):
            return last.lower()
        cut = len(window)
        while cut and (window[cut - 1].isalnum() or window[cut - 1] in "’'_-"):
            cut -= 1
        word = window[cut:].lower()
        if word not in determiners and not (word.endswith(("'s", "’s")) and window[cut].isupper()):
            return word
        window = window[:cut].rstrip()
    return ""


def _object(skeleton: Skeleton, after: int, connectors: Sequence[str], stage: Stage, *, direct: bool = False) -> Group | None:
    end = after
    for group in skeleton.groups:
        if group.start < after:
            continue
        if group.start - after > REACH or grammar().clause_end.search(skeleton.text, end, group.start):
            return None
        word = _context(skeleton, group, after)
        owns = _POSSESSIVE.match(skeleton.text, group.end)
        if word in connectors and not owns:
            return _apposed(skeleton, group, stage)
        if (
            direct
            and not owns
            and word not in grammar().prepositions
            and grammar().before_object.fullmatch(skeleton.text, after, group.start)
        ):
            return _apposed(skeleton, group, stage)
        if direct and not connectors and word not in grammar().prepositions:
            return None
        end = group.end
    return None


def _apposed(skeleton: Skeleton, group: Group, stage: Stage) -> Group:
    """The group itself, or what names it: "his host, the Minister of Energy"."""
    parties = [stage.party(m) for m in group.mentions]
    if any(party is not None and party.name for party in parties) or (len(parties) > 1 and any(map(_says_who, parties))):
        return group
    for other in skeleton.groups:
        named = stage.mentions[other.mentions[0]].form in (Form.NAMED, Form.COUNTERPART)
        if named and other.start > group.end and re.fullmatch(r"\s*[,:–(]\s*", skeleton.text[group.end : other.start]):
            return other
    return group


def _with_rest(skeleton: Skeleton, group: Group) -> tuple[int, ...]:
    """The group's mentions and those of a list that goes on after a clause: "with A, B, who represents X, and C"."""
    members, end = group.mentions, group.end
    waiting: tuple[int, ...] = ()
    for other in skeleton.groups:
        if other.start < end:
            continue
        if _LIST_GOES_ON.fullmatch(skeleton.text, end, other.start):
            members, end, waiting = (*members, *waiting, *other.mentions), other.end, ()
        elif _LIST_MAY_GO_ON.fullmatch(skeleton.text, end, other.start):
            waiting, end = (*waiting, *other.mentions), other.end
    return members


def _members(group: Group | None) -> tuple[int, ...]:
    return group.mentions if group else ()


def _fit(group: Group | None, cue: Cue, skeleton: Skeleton, stage: Stage) -> tuple[int, ...]:
    """The group's mentions that can be the other side of this cue."""
    if group is None:
        return ()
    if cue.frame is Frame.VISIT and cue.text.lower().startswith("call") and grammar().urging.match(skeleton.text, group.end):
        return ()
    fit = []
    for index in _with_rest(skeleton, group):
        form = stage.mentions[index].form
        if form is Form.COUNTRY and (cue.frame in _NO_BODY_OBJECT or cue.frame is Frame.MEET):
            continue
        if form is Form.BODY and cue.frame in _NO_BODY_OBJECT:
            continue
        fit.append(index)
    return tuple(fit)


def _sides_of(members: Sequence[int], stage: Stage) -> tuple[int, ...]:
    """Members for frames that are weak signs: persons, offices and states only."""
    return tuple(m for m in members if stage.mentions[m].form is not Form.BODY or stage.mentions[m].country is None)


def same_side(a: Party | None, b: Party | None) -> bool:
    """Whether two parties speak for the same state or body."""
    if a is None or b is None:
        return False
    if a.index == b.index or (a.name and b.name and _one_name(a.name, b.name)):
        return True
    if a.organization and b.organization:
        return a.organization.casefold() == b.organization.casefold() and a.country == b.country
    if bool(a.organization) != bool(b.organization):
        return False
    return a.country is not None and a.country == b.country


def _one_name(a: str, b: str) -> bool:
    """Whether one name is a part of the other: one person whom coreference has taken for two."""
    x, y = set(a.casefold().split()), set(b.casefold().split())
    return x <= y or y <= x
