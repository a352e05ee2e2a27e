"""Files of published results as people send them: read for certain, or refused by their lines."""

import json
import sys

import numpy as np
import pytest

from analysis import cli
from analysis.problems import ProblemsError
from analysis.results.pooled_file import pool_file
from analysis.results.published_table import read_published

HEAD = "trial,m1,sd1,n1,m2,sd2,n2\n"
ROWS = "Alpha,10,4,50,12,4,48\nBeta,11,5,40,12,5,41\nGamma,9,4,60,12,4.5,62\n"
PLAIN = HEAD + ROWS


def counted(start):
    """Return the table with rows counted from `start`, as pandas (0) and R (1) write it."""
    rows = ROWS.splitlines(keepends=True)
    return "," + HEAD + "".join(f"{i},{row}" for i, row in enumerate(rows, start))


@pytest.fixture
def written(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "trials.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process; return its exit code, output and errors."""

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["ipdbook", "pool", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PLAIN, "utf-8-sig"),
        (PLAIN, "utf-16"),
        (PLAIN.replace("\n", "\r\n"), "utf-8"),
        (PLAIN.replace("\n", "\r"), "utf-8"),
        (PLAIN.replace(",", ";"), "utf-8"),
        (PLAIN.replace(",", "\t"), "utf-8"),
        (PLAIN.replace(",", " , "), "utf-8"),
        (PLAIN.replace("\n", ",\n"), "utf-8"),
        (PLAIN.replace(HEAD, HEAD.upper()), "utf-8"),
        (PLAIN.replace(",", ";").replace("\n", ";;\r\n") + ";;;;;;;;\r\n", "utf-8-sig"),
        ("\n" + HEAD + "\n,,,,,,\n" + ROWS, "utf-8"),
        (counted(0), "utf-8"),
        (counted(1), "utf-8"),
        (PLAIN.replace("Alpha", '"Alpha"').replace("4.5", '"4.50"'), "utf-8"),
    ],
)
def test_one_table_in_many_clothes(written, content, encoding):
    options = {"effect": "g", "method": "REML", "interval": "normal"}
    found = pool_file(written(content, encoding), **options)
    assert found.pooled == pool_file(written(PLAIN), **options).pooled
    assert found.trials["trial"].tolist() == ["Alpha", "Beta", "Gamma"]


def test_cells_become_numbers_gaps_and_text(written):
    path = written("trial,x,y\nNA,−0.5,n/a\nNone,1e-3, NaN\n007,.25,4 pts\n")
    frame = read_published(path)
    assert frame["trial"].tolist() == ["NA", "None", "007"]
    assert frame["x"].tolist() == [-0.5, 0.001, 0.25]
    assert frame["y"].isna().tolist() == [True, True, False]
    assert frame["y"].iloc[2] == "4 pts"


def test_rows_keep_the_lines_of_the_file(written):
    frame = read_published(written('trial,x\n\n\n"A\nB",1\n\nC,2\n'))
    assert frame.index.tolist() == [4, 7]


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        (b"", ["holds nothing"]),
        (b"PK\x03\x04rest", ["this is an Excel workbook, not a .csv file"]),
        (b"\x00\x01\x02", ["no text"]),
        (PLAIN.replace("Beta", "M\xfcller").encode("latin-1"), [":3: the file is not in UTF-8"]),
        (HEAD + '"Alpha,10,4,50,12,4,48\n' + ROWS, [":2: the row cannot be read"]),
        (PLAIN.replace("sd1", "m1"), ["2 columns are named 'm1'"]),
        (HEAD + ROWS.replace("\n", ",2001\n"), ["of the first row: 3.", "line 2 (8 cells)"]),
        (PLAIN + "Total,30,,150,36,,151\n", [":5: the row 'Total' seems to sum up"]),
        (PLAIN.replace("Beta", " "), [":3: the row has numbers, but no trial"]),
        (counted(7), [":2: column 1 has no name, but holds '7'"]),
        (PLAIN + "Delta,1\n", ["Rows without the 7 cells of the first row: 1", "line 5 (2 cells)"]),
        (
            PLAIN.replace("sd1", "m1").replace("n2", "") + "Delta\n",
            ["named 'm1'", "column 7 has no name, but holds '48'", "line 5 (1 cells)"],
        ),
    ],
)
def test_what_is_not_plain_is_named_at_once(written, content, messages):
    with pytest.raises(ProblemsError) as caught:
        read_published(written(content))
    for message in messages:
        assert message in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ProblemsError, match="a folder"):
        read_published(tmp_path)


@pytest.mark.parametrize("json_wanted", [False, True])
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PLAIN.replace("4.5", '"4,5"'), ["such as '4,5' in Gamma (line 4)"]),
        (PLAIN.replace("4.5", "inf"), ["sd2 to be a number", "inf in Gamma (line 4)"]),
        (HEAD, ["no row"]),
        (
            HEAD + "\nA,x,-4,1,12,0,48\n\nB,11,y,40,,5,41\n",
            ["6 problems", "'x' in A (line 3)", "-4 in A", "1 in A", "0 in A", "'y' in B (line 5)"],
        ),
    ],
)
def test_bad_files_end_with_one_and_print_nothing_else(written, run, content, found, json_wanted):
    code, out, err = run(written(content), *["--json"] * json_wanted)
    assert (code, out) == (1, "")
    for message in found:
        assert message in err


def test_names_that_look_like_markup_are_printed_as_they_are(written, run):
    path = written(PLAIN.replace("Alpha", "Smith [/b] [red]").replace("Beta", "[bold]"))
    code, out, _ = run(path)
    assert code == 0
    assert "Smith [/b] [red]" in out
    assert "[bold]" in out


def test_one_trial_is_not_given_a_heterogeneity(written, run):
    path = written(HEAD + "Alpha,10,4,50,12,4,48\n")
    assert "nan" not in run(path)[1]
    record = json.loads(run(path, "--json")[1])
    assert record["tau2"] is None
    assert np.isfinite(record["estimate"])


def test_names_of_effects_may_be_written_in_capitals(written, run):
    path = written("trial,a,n1,c,n2\nAlpha,3,40,7,41\nBeta,5,60,9,58\n")
    capital, small = (run(path, "--effect", name, "--json") for name in ("OR", "or"))
    assert capital == small
    assert capital[0] == 0
