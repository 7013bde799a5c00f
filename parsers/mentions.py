"""What the finders hand to each other: stretches of a document that name parties.

A *mention* is one noun phrase ("the Kenyan Cabinet Secretary for Information, William Kabogo Gitau"). A *party* is who is
meant, joined over all mentions of the article. Spans count in the document's text (see `parsers.document`).
"""

from dataclasses import dataclass
from enum import StrEnum

from parsers.records import CountrySource, PartyKind, RoleClass, Span


class Form(StrEnum):
    """How a mention refers."""

    NAMED = "named"  # carries a person's name, with or without an office: "Foreign Minister Wang Yi", "Wang"
    OFFICE = "office"  # an office with no name: "the Kenyan foreign minister", "the visiting minister"
    COUNTERPART = "counterpart"  # "his Algerian counterpart", "counterparts from Kenya and Algeria"
    BODY = "body"  # an organisation, government or movement: "the World Bank", "Hamas", "the Foreign Ministry"
    DELEGATION = "delegation"  # "a Kenyan parliamentary delegation", "a team of IMF officials"
    COUNTRY = "country"  # a state that stands for its government: "Iran and Oman held talks"
    PRONOUN = "pronoun"  # "he", "she", "they"
    GROUP = "group"  # "the two ministers", "the two sides", "both men", "the pair": resolved by the roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One noun phrase that may be a party.

    span: the whole phrase. head: the name, or the head noun where there is no name.
    name, role, country, organization ...: what this very phrase says; None where it says nothing.
    plural: stands for more than one person ("the foreign ministers of X and Y" gives one mention for each state instead).
    party: index into the parties of the article once coreference has joined mentions; -1 before, and for groups.
    """

    span: Span
    head: Span
    form: Form
    kind: PartyKind
    sentence: int
    name: str | None = None
    role: str | None = None
    role_class: RoleClass | None = None
    portfolio: str | None = None
    country: str | None = None
    country_source: CountrySource | None = None
    organization: str | None = None
    plural: bool = False
    former: bool = False
    attributive: bool = False  # only modifies another noun ("Iran talks", "Putin's envoy"): never a party by itself
    party: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who is meant, over the whole article. Values are the fullest that any mention gives."""

    index: int
    kind: PartyKind
    name: str | None = None
    role: str | None = None
    role_class: RoleClass | None = None
    portfolio: str | None = None
    country: str | None = None
    country_source: CountrySource | None = None
    organization: str | None = None
    former: bool = False
    mentions: tuple[int, ...] = ()  # indices into the article's mentions, in order of the text
