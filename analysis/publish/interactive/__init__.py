"""What makes a page interactive, for both engines: one style and a few small scripts.

Everything works without them, as plain tables and pictures. They load nothing and keep nothing.
"""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = ("start", "links", "tables", "plots", "choose")


@dataclass(frozen=True, slots=True)
class PageParts:
    """Style and scripts as the output of a notebook cell."""

    markdown: str

    def _repr_markdown_(self) -> str:
        return self.markdown


def page_parts() -> PageParts:
    """Write style and scripts into a document, as the last line of a cell.

    A cell does it, not a setting: so Quarto and the embedded engine include the same, wherever the
    review lies.
    """
    style = (HERE / "page.css").read_text(encoding="utf-8").strip()
    bodies = [(HERE / f"{name}.js").read_text(encoding="utf-8").strip() for name in SCRIPTS]
    script = "\n\n".join(bodies)
    lines = [
        '::: {.content-visible when-format="html"}',
        "```{=html}",
        f"<style>\n{style}\n</style>",
        f"<script>\n'use strict';\n(() => {{\n{script}\n}})();\n</script>",
        "```",
        ":::",
    ]
    return PageParts("\n\n".join([lines[0], "\n".join(lines[1:5]), lines[5]]) + "\n")
