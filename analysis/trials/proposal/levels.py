"""Give the codes of a column their levels, by their words and value labels."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.protocol import Modifier
from analysis.trials.proposal.columns import RawColumn
from analysis.trials.proposal.field import Concept, LevelWords, vocabulary
from analysis.trials.proposal.guess import OPEN, Confidence, least
from analysis.trials.proposal.matching import EXACT, SHORTENED, best_fit
from analysis.trials.proposal.words import Words, words_of
from analysis.trials.vocabulary import EVENT, NO_EVENT

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class CodesGuess:
    """Code → level of the protocol, or "?" where only a person can say."""

    codes: dict[str, str]
    confidence: Confidence
    reason: str


def levels_of(column: RawColumn, modifier: Modifier, concept: Concept | None) -> CodesGuess:
    """Propose the level of each code of a categorical modifier.

    Words of the protocol's level, of yes and no, or of the field's vocabulary decide; 0 and 1
    without a label are taken for no and yes. Other numbers are left open.
    """
    groups = _groups(modifier.levels, concept)
    return _decide(column, modifier.levels, groups)


def events_of(column: RawColumn) -> CodesGuess:
    """Propose which codes of a binary outcome are events; yes is an event."""
    found = _decide(column, {NO: "No", YES: "Yes"}, {})
    meaning = {YES: EVENT, NO: NO_EVENT, OPEN: OPEN}
    codes = {code: meaning[level] for code, level in found.codes.items()}
    return CodesGuess(codes, least(found.confidence, "medium"), found.reason)


def _decide(
    column: RawColumn, levels: Mapping[str, str], groups: Mapping[str, LevelWords]
) -> CodesGuess:
    codes, confidence = {}, []
    for code in column.known:
        text = words_of(column.value_labels.get(code, code)) or (code,)
        level, sure = _level(text, levels, groups)
        codes[code] = level
        confidence.append(sure)
    if set(codes.values()) == {OPEN} and set(codes) == {"0", "1"} and {YES, NO} <= set(levels):
        reason = "0 and 1 taken for no and yes"
        return CodesGuess({"0": NO, "1": YES}, "medium", reason)
    if _men_or_women(codes, column):
        codes = dict.fromkeys(codes, OPEN)
    unclear = [code for code, level in codes.items() if level == OPEN]
    if unclear:
        return CodesGuess(codes, "low", f"what does {', '.join(unclear)} mean?")
    return CodesGuess(codes, least("high", *confidence), "codes read as words")


def _level(
    text: Words, levels: Mapping[str, str], groups: Mapping[str, LevelWords]
) -> tuple[str, Confidence]:
    for level, label in levels.items():
        if best_fit(text, (words_of(level), words_of(label)))[0] == EXACT:
            return level, "high"
    for level, group in groups.items():
        if text in group.values:
            yes_or_no = text in vocabulary().yes or text in vocabulary().no
            plain = len(group.means) == 1 and not yes_or_no
            return level, "high" if plain else "medium"
    for phrases, level in ((vocabulary().yes, YES), (vocabulary().no, NO)):
        if text in phrases:
            return _answer(level, levels, groups)
    return OPEN, "low"


def _answer(
    answer: str, levels: Mapping[str, str], groups: Mapping[str, LevelWords]
) -> tuple[str, Confidence]:
    """Find the level that yes or no stands for."""
    if {YES, NO} <= set(levels):
        return answer, "high"
    found = [level for level, group in groups.items() if (answer,) in group.values]
    return (found[0], "medium") if found else (OPEN, "low")


def _groups(levels: Mapping[str, str], concept: Concept | None) -> dict[str, LevelWords]:
    """Put the concept's groups of codes under the protocol's levels that mean the same."""
    found: dict[str, LevelWords] = {}
    for group in concept.levels.values() if concept else ():
        for level, label in levels.items():
            fits = (
                best_fit(words_of(level), group.means)[0],
                best_fit(words_of(label), group.means)[0],
            )
            if max(fits) >= SHORTENED:
                found.setdefault(level, group)
                break
    return found


def _men_or_women(codes: Mapping[str, str], column: RawColumn) -> bool:
    """Whether one letter may be man or woman: M is mujer where H is hombre."""
    letters = {code.casefold() for code in codes}
    return letters == {"h", "m"} and not column.value_labels
