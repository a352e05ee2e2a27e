"""The rows of a forest plot in figures, as HTML: for readers who do not look, or who look closer.

A page shows them as a folded table below the plot. Each row says where it stands on the picture, so
that the page's script can highlight it; without scripts the table is there all the same. It repeats
what the plot prints, the side of no effect on which an interval lies, and the model.
"""

from collections.abc import Iterator, Sequence
from html import escape

from analysis.figures.forest import Place, places
from analysis.figures.layout import CONTINUED
from analysis.figures.specification import Column, Forest, Model, Row
from analysis.figures.words import side_of

SIDES = {
    "lies entirely below": "entirely below it",
    "includes": "crosses it",
    "lies entirely above": "entirely above it",
}


def rows_html(forest: Forest, *, label: str, alt: str, notes: Sequence[str] = ()) -> str:
    """Write the rows of a forest plot as a folded table, with the models behind them.

    Parameters
    ----------
    forest
        The plot.
    label
        Of the figure, such as ``fig-pain``: the start of every id.
    alt
        The alternative text of the plot; its first sentence names the table, with the label.
    notes
        Sentences beneath the table, such as what the data are.

    Returns
    -------
    str
        HTML in which each row of the table says on which picture (`data-plot`) and at which share
        of its height (`data-top`, `data-height`, in per cent) it is drawn.
    """
    forest = forest.dressed()
    models = list(dict.fromkeys(row.model for row in forest.rows if row.model))
    lines = [
        f'<details class="plot-rows" id="{label}-rows">',
        "<summary>The plot in figures, and the models behind it</summary>",
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{_name(alt, label)}">',
        '<table class="paper-table">',
        *_head(forest),
        '<tbody class="end-thick">',
        *_body(forest, label, models),
        "</tbody>",
        "</table>",
        "</div>",
        '<div class="table-notes">',
        *(f"<p>{_text(note)}</p>" for note in notes if note),
        "</div>",
        *_models(models, label),
        "</details>",
    ]
    return "\n".join(lines)


def _name(alt: str, label: str) -> str:
    """Name the table; two plots may begin with the same sentence, but not have the same label."""
    return f"{_text(alt.partition('. ')[0])}, in figures ({label})"


def _head(forest: Forest) -> Iterator[str]:
    yield '<thead><tr class="thick">'
    for column in forest.columns:
        yield f'<th{_side(column)} scope="col">{_text(_header(column))}</th>'
    yield f'<th scope="col">Interval against no effect ({forest.axis.null:g})</th>'
    yield '<th scope="col">Model</th></tr></thead>'


def _side(column: Column) -> str:
    return "" if column.align == "left" else ' class="right"'


def _header(column: Column) -> str:
    """Put a header on one line, with the header that spans it and its neighbours."""
    own = column.header.replace("-\n", "").replace("\n", " ")
    return f"{column.spanner}, {own}" if column.spanner else own


def _body(forest: Forest, label: str, models: list[Model]) -> Iterator[str]:
    number = 0
    for page, found in enumerate(places(forest), 1):
        for place in found:
            row, group = place.row, place.group
            if row is group.heading and group.rows:
                continue
            number += 1
            rule = ' class="thin"' if number == 1 else ""
            at = f'id="{label}-row-{number}"{rule} data-plot="{label}-{page}" {_span(place)}'
            heading = group.heading if group.rows else None
            cells = _cells(row, heading, forest, label, models)
            yield f"<tr {at}>{''.join(cells)}</tr>"


def _span(place: Place) -> str:
    return f'data-top="{100 * place.top:.3f}" data-height="{100 * place.height:.3f}"'


def _cells(
    row: Row, heading: Row | None, forest: Forest, label: str, models: list[Model]
) -> Iterator[str]:
    """Write the cells of a row; what it leaves to its heading is said again."""
    above = heading.cells if heading else ("",) * len(row.cells)
    name = f"{above[0].removesuffix(CONTINUED)}: {row.cells[0]}" if heading else row.cells[0]
    if row.kind == "note":
        yield f'<th scope="row" colspan="{len(row.cells) + 2}">{_text(name)}</th>'
        return
    yield f'<th scope="row">{_text(name)}</th>'
    for column, cell, upper in zip(forest.columns[1:], row.cells[1:], above[1:], strict=True):
        yield f"<td{_side(column)}>{_text(cell or upper)}</td>"
    side = side_of(row.mark.low, row.mark.high, forest.axis.null) if row.mark else ""
    yield f"<td>{SIDES.get(side, '')}</td>"
    yield f"<td>{_model_link(row.model, label, models)}</td>"


def _model_link(model: Model | None, label: str, models: list[Model]) -> str:
    if model is None:
        return ""
    number = models.index(model) + 1
    return f'<a href="#{label}-model-{number}">Model {number}</a>'


def _models(models: list[Model], label: str) -> Iterator[str]:
    if models:
        yield '<ol class="plot-models">'
        for number, model in enumerate(models, 1):
            yield f'<li id="{label}-model-{number}">{"".join(_model(model, number))}</li>'
        yield "</ol>"


def _model(model: Model, number: int) -> Iterator[str]:
    yield f"<strong>Model {number}.</strong> "
    if model.formula:
        yield f"<code>{_text(model.formula)}</code>. "
    if model.convention:
        yield f"{_text(model.convention)}. "
    if model.left_out:
        yield f"Left out: {_text('; '.join(model.left_out))}. "
    yield from (f"{_text(remark.rstrip('.'))}. " for remark in model.remarks)


def _text(content: str) -> str:
    """Escape a text; braces too, for Quarto looks for shortcodes in raw blocks."""
    return escape(content).replace("{{", "&#123;&#123;")
