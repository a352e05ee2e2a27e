"""Appendix F: the PRISMA-IPD checklist, each item with a link to the place that answers it."""

from collections.abc import Sequence

from great_tables import GT

from analysis.protocol import Protocol
from analysis.results.checklist import MANUSCRIPT, AnsweredItem, Place
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

WIDTHS = {"id": "6%", "topic": "22%", "asks": "42%", "where": "30%"}


def checklist_table(items: Sequence[AnsweredItem], protocol: Protocol) -> GT:
    """Lay out the checklist; every place is a link to its section."""
    cells = [
        {
            "section": each.item.section,
            "id": each.item.id,
            "topic": each.item.topic,
            "asks": each.item.asks,
            "where": "; ".join(_link(place) for place in each.places)
            + (f" ({each.item.remark})" if each.item.remark else ""),
        }
        for each in items
    ]
    table = (
        table_of(cells, groupname_col="section", name="prisma-ipd")
        .cols_label(id="Item", topic="Topic", asks="What is asked", where="Where it is answered")
        .fmt_markdown("where")
        .cols_align("left")
        .cols_width(WIDTHS)
    )
    return finished(table, protocol, notes=["Items of PRISMA-IPD, in own words."])


def _link(place: Place) -> str:
    """Link to a section by its number and heading, as Markdown."""
    name = place.name if place.document == MANUSCRIPT else f"{place.document}: {place.name}"
    return f"[{name}]({place.link})"
