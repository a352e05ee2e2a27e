"""Numbers and a table for the sample paper."""

from IPython.display import Markdown

COLUMNS, ROWS = range(14), 60
WORD = "<table><tr><td>WORD</td></tr></table>"


def effect():
    return "−10.7 (95% CI −14.1 to −7.4)"


def wide_table():
    blocks = [_block("html", "html", _html()), _block("typst", "typst", _typst())]
    return Markdown("\n".join([*blocks, _block("docx", "html", WORD)]))


def _block(target, language, text):
    raw = f"```{{={language}}}\n{text}\n```"
    return f'::: {{.content-visible when-format="{target}"}}\n\n{raw}\n\n:::\n'


def _html():
    head = "".join(f"<th>Column number {number}</th>" for number in COLUMNS)
    row = "".join(f"<td>{number}.000</td>" for number in COLUMNS)
    body = f"<tr>{row}</tr>" * ROWS
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _typst():
    head = ", ".join(f"[Col {number}]" for number in COLUMNS)
    row = ", ".join(f"[{number}.000]" for number in COLUMNS)
    return f"#table(columns: {len(COLUMNS)}, table.header({head}), {', '.join([row] * ROWS)})"
