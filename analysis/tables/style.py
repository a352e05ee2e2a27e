"""The look of every published table: three rules, bold labels, small notes."""

from great_tables import GT

RULE = "1px"
OUTER_RULE = "2px"
INK = "#000000"


def publication_style(table: GT) -> GT:
    """Give a table the three-line look of a medical journal.

    A rule above the labels, one below them and one below the rows; no stripes, no vertical rules;
    bold column labels and group headings; small notes; footnotes marked with letters, which cannot
    be read as an exponent or as a part of a number.

    Parameters
    ----------
    table
        Any table.

    Returns
    -------
    GT
        The same table with great_tables options set, so that every format follows.
    """
    return (
        table.opt_row_striping(row_striping=False)
        .opt_footnote_marks("letters")
        .opt_footnote_spec(spec_ref="^", spec_ftr="^")
        .opt_align_table_header("left")
        .tab_options(
            table_font_size="14px",
            table_border_top_style="none",
            table_border_bottom_style="none",
            column_labels_font_weight="bold",
            column_labels_border_top_style="solid",
            column_labels_border_top_width=OUTER_RULE,
            column_labels_border_top_color=INK,
            column_labels_border_bottom_style="solid",
            column_labels_border_bottom_width=RULE,
            column_labels_border_bottom_color=INK,
            heading_border_bottom_style="none",
            row_group_font_weight="bold",
            row_group_border_top_style="none",
            row_group_border_bottom_style="none",
            stub_border_style="none",
            stub_row_group_border_style="none",
            table_body_hlines_style="none",
            table_body_border_top_style="none",
            table_body_border_bottom_style="solid",
            table_body_border_bottom_width=OUTER_RULE,
            table_body_border_bottom_color=INK,
            summary_row_border_style="solid",
            summary_row_border_width=RULE,
            summary_row_border_color=INK,
            grand_summary_row_border_style="solid",
            grand_summary_row_border_width=RULE,
            grand_summary_row_border_color=INK,
            source_notes_font_size="90%",
            data_row_padding="3px",
            row_group_padding="4px",
            quarto_disable_processing=True,
        )
    )
