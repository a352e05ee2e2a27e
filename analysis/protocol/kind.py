"""The two kinds of review, each with a plan of its own; both plans are `data/protocol.yml`."""

from typing import TypeVar

PARTICIPANT_DATA = "participant data"
PUBLISHED_RESULTS = "published results"
KINDS = (PARTICIPANT_DATA, PUBLISHED_RESULTS)
OWN_KEY = "treated_arm"  # required in the plan of published results, unknown in the other

Content = TypeVar("Content")


def of_this_kind(content: Content, kind: str) -> Content:
    """Return the content of a plan as it is; refuse that of another kind before its keys are read.

    Otherwise each key of the other kind would be a problem of its own.

    Raises
    ------
    ValueError
        The plan names another kind, or none that is known.
    """
    if not isinstance(content, dict):
        return content
    found = content.get("kind", kind)
    if found not in KINDS:
        raise ValueError(f"kind: expected {' or '.join(KINDS)}, found {found!r}")
    if found != kind:
        raise ValueError(f"kind: expected the plan of a review of {kind}, found one of {found}")
    if kind == PARTICIPANT_DATA and OWN_KEY in content:
        raise ValueError(
            f"{OWN_KEY} belongs to a review of {PUBLISHED_RESULTS}, whose plan has the line "
            f"“kind: {PUBLISHED_RESULTS}”"
        )
    return content
