"""HTML comments: what stands in them is neither read nor run."""

from analysis.problems import Problem
from analysis.publish.embedded.lines import FenceTracker, Line, masked


def without_comments(lines: list[Line], problems: list[Problem]) -> list[Line]:
    """Drop HTML comments that stand outside code blocks; the lines keep their numbers."""
    kept: list[Line] = []
    fences = FenceTracker()
    opening: Line | None = None
    for line in lines:
        if opening is None and fences.feed(line) != "prose":
            kept.append(line)
            continue
        text, inside = _strip_comments(line.text, inside=opening is not None)
        opening = (opening or line) if inside else None
        kept.append(Line(text, line.file, line.number))
    if opening is not None:
        problems.append(
            opening.problem(
                "the comment opened here with <!-- is not closed.", "Add -->.", "unclosed-comment"
            )
        )
    return kept


def _strip_comments(text: str, *, inside: bool) -> tuple[str, bool]:
    kept = ""
    while text:
        if inside:
            _, mark, text = text.partition("-->")
            inside = not mark
        else:
            start = masked(text).find("<!--")
            kept += text if start < 0 else text[:start]
            text = "" if start < 0 else text[start + 4 :]
            inside = start >= 0
    return kept, inside
