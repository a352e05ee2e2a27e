"""What a forest plot shows, as frozen objects that know nothing of drawing."""

from dataclasses import dataclass, replace
from typing import Literal

from analysis.errors import RenderError
from analysis.figures.axis import Axis
from analysis.figures.presets import Preset, PresetName, find_preset

Shape = Literal["square", "hollow", "diamond"]
RowKind = Literal["heading", "row", "summary", "note"]
LineStyle = Literal["null", "overall", "worthwhile"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text.

    Parameters
    ----------
    header
        Its header; lines are parted by a line break.
    align
        ``left``, ``right``, or ``parts``: words are right-aligned one by one, so that in
        "−10.7 (−14.1 to −7.4)" all decimal points stand beneath each other; ``light``: cells are
        judgments of risk of bias, drawn as lights.
    spanner
        A header over this and its neighbours with the same spanner.
    """

    header: str
    align: Literal["left", "right", "parts", "light"] = "right"
    spanner: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An estimate with its interval.

    Parameters
    ----------
    estimate, low, high
        On the scale of the axis.
    shape
        ``square``; ``hollow`` for an estimate to be read with care; ``diamond`` for a summary.
    area
        Area of a square relative to the largest one, above 0 and at most 1.
    prediction
        Limits of the prediction interval, drawn as a thin line.
    worthwhile
        Smallest worthwhile effect of this row alone, drawn as a short line across it.
    """

    estimate: float
    low: float
    high: float
    shape: Shape = "square"
    area: float = 1.0
    prediction: tuple[float, float] | None = None
    worthwhile: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """How the estimate of a row was made, in words.

    Parameters
    ----------
    formula
        The model as fitted; empty for published results.
    convention
        How estimate and interval were made.
    left_out
        Who is not in the model, and why: "20 age missing".
    remarks
        What a reader must know about the fit.
    """

    formula: str
    convention: str
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a cell per column, and the mark of its estimate when there is one.

    The label of a heading, or of a note about the rows above it, may run over the empty cells that
    follow it. The `model` is not drawn: pages offer it beside the plot.
    """

    cells: tuple[str, ...]
    mark: Mark | None = None
    kind: RowKind = "row"
    indent: int = 0
    model: Model | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stay on one page, under a heading when there is one."""

    rows: tuple[Row, ...]
    heading: Row | None = None

    @property
    def lines(self) -> tuple[Row, ...]:
        """All rows from top to bottom."""
        return (self.heading, *self.rows) if self.heading else self.rows


@dataclass(frozen=True, slots=True)
class Reference:
    """A vertical line, named beneath the plot."""

    value: float
    label: str
    style: LineStyle


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest plot.

    Parameters
    ----------
    columns
        From left to right; the first holds the labels.
    plot_before
        Index of the column that the plot stands left of; `len(columns)` puts it last.
    groups
        From top to bottom.
    axis, references
        The effect axis, and the lines that cross it.
    key
        What each shape means.
    preset
        The look: its colours, and how intervals and P values are printed.

    Raises
    ------
    RenderError
        A row has more or fewer cells than there are columns, or there is no row.
    """

    columns: tuple[Column, ...]
    plot_before: int
    groups: tuple[Group, ...]
    axis: Axis
    references: tuple[Reference, ...] = ()
    key: tuple[tuple[Shape, str], ...] = ()
    preset: PresetName = "house"

    def __post_init__(self) -> None:
        if not self.rows:
            raise RenderError(
                "A forest plot needs at least one row, but has none. Leave the figure out."
            )
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                raise RenderError(
                    f"Each row of a forest plot needs one cell for each of its {len(self.columns)} "
                    f"columns, but {row.cells} has {len(row.cells)}. Use '' for an empty cell."
                )

    @property
    def look(self) -> Preset:
        """Colours and ways of printing of its preset."""
        return find_preset(self.preset, ratio=self.axis.scale == "log")

    def dressed(self) -> "Forest":
        """Print intervals, P values and statistics of heterogeneity as the preset does.

        Intervals in columns of parts, P values in columns that are headed so, all of them in the
        notes about the rows above.
        """
        look = self.look

        def printed(cell: str, column: Column, kind: RowKind) -> str:
            if kind == "note":
                return look.statistics(look.interval(cell))
            if column.header.split()[-1:] == ["P"]:
                return look.p_value(cell)
            return look.interval(cell) if column.align == "parts" else cell

        def rewritten(row: Row) -> Row:
            pairs = zip(row.cells, self.columns, strict=True)
            return replace(row, cells=tuple(printed(c, column, row.kind) for c, column in pairs))

        groups = tuple(
            replace(
                group,
                rows=tuple(map(rewritten, group.rows)),
                heading=rewritten(group.heading) if group.heading else None,
            )
            for group in self.groups
        )
        return replace(self, groups=groups)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows from top to bottom."""
        return tuple(row for group in self.groups for row in group.lines)
