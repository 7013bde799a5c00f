"""One contact as the roster found it, handed to the finders of date, place, host event, topics and outcomes."""

from dataclasses import dataclass

from parsers.mentions import Party
from parsers.records import Mode, Span, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A contact between parties and the stretch of text that tells of it.

    trigger: index of the sentence that reports the contact. cue: the word or phrase in it that does ("held talks").
    sentences: indices of all sentences that tell of this contact, the trigger among them, in order of the text.
    others: triggers of the article's other scenes, so that a finder can see where this one ends.
    """

    trigger: int
    cue: Span
    sentences: tuple[int, ...]
    parties: tuple[Party, ...]
    status: Status
    mode: Mode
    background: bool = False
    others: tuple[int, ...] = ()
