"""`ipdbook watch`: pages follow the files, errors leave the last good ones, and only pages show."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from analysis.demo.new_review import NewModifier, NewOutcome, NewReview, write_review
from analysis.errors import RenderError
from analysis.publish.engine import render
from analysis.publish.watch import matters
from analysis.publish.watch_server import HOST, served

PATIENCE = 180  # seconds until something must have happened, on a busy machine
REVIEW = NewReview(
    "Watched", "Walking", ("Rest",), (NewOutcome("Pain"),), modifiers=(NewModifier("Age", "years"),)
)
SETTINGS = """\
project: {type: default, render: [page.qmd], output-dir: _output, execute-dir: project}
execute: {echo: false}
format: {html: {embed-resources: true}, typst: {papersize: a4}}
"""
PAGE = "---\ntitle: Watched\nengine: jupyter\n---\n\n{{< include /chapters/_words.qmd >}}\n"


def get(address, path, **headers):
    """Ask for a path exactly as it is written."""
    connection = http.client.HTTPConnection(HOST, urlsplit(address).port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "_output"
    (folder / "more").mkdir(parents=True)
    (folder / "page.html").write_text("the page", encoding="utf-8")
    (folder / "more" / "two words.html").write_text("another", encoding="utf-8")
    (folder / ".hidden").write_text("secret", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("secret", encoding="utf-8")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with served(folder, 0) as address:
        yield address


def test_pages_are_served_and_listed(pages):
    assert pages.startswith("http://127.0.0.1:")
    assert get(pages, "/page.html") == (200, "the page")
    assert get(pages, "/more/two%20words.html?again=1") == (200, "another")
    status, listed = get(pages, "/")
    assert (status, re.findall('href="([^"]+)"', listed)) == (
        200,
        ["/more/two%20words.html", "/page.html"],
    )


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.csv",
        "/%2e%2e/secret.csv",
        "/..%2fsecret.csv",
        "/more/../../secret.csv",
        "//secret.csv",
        "/link.csv",
        "/.hidden",
        "/more",
        "/more/",
        "/absent.html",
        "/page.html%00",
        "/" + "x" * 5000,
    ],
    ids=lambda path: path[:20],
)
def test_nothing_else_is_served(pages, path):
    status, text = get(pages, path)
    assert status == 404
    assert "secret" not in text.replace("secret.csv", "")


def test_requests_in_the_name_of_another_site_are_refused(pages):
    assert get(pages, "/page.html", Host="elsewhere.example:80")[0] == 403
    assert get(pages, "/page.html", Host=f"localhost:{urlsplit(pages).port}")[0] == 200


def test_only_this_machine_is_served_and_a_taken_port_is_said(pages, tmp_path):
    port = urlsplit(pages).port
    with pytest.raises(RenderError, match=f"port {port} cannot be used"), served(tmp_path, port):
        pass
    if sys.platform == "linux":  # elsewhere 127.0.0.2 is no address of this machine
        socket.create_server(("127.0.0.2", port)).close()


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("chapters/_03-results.qmd", True),
        ("data/protocol.yml", True),
        ("data/trials/a/trial.yml", True),
        ("data/trials/a/raw data.SAV", True),
        ("references.bib", True),
        ("_output/manuscript.html", False),
        ("_build/results/a.json", False),
        (".git/index.yml", False),
        ("data/trials/.unfinished-a-1/trial.yml", False),
        ("chapters/_03-results.qmd~", False),
        ("chapters/4913", False),
        ("../elsewhere.qmd", False),
    ],
)
def test_which_files_count(name, counts, tmp_path):
    assert matters((tmp_path / name).resolve(), tmp_path) is counts


def test_pages_of_one_format_do_not_pass_for_all_of_them(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_quarto.yml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "page.qmd").write_text(PAGE, encoding="utf-8")
    (tmp_path / "chapters" / "_words.qmd").write_text("Words.\n", encoding="utf-8")
    html = render(tmp_path, engine="embedded", formats=["html"])
    assert [path.suffix for path in html.outputs] == [".html"]
    assert render(tmp_path, engine="embedded", formats=["html"]).up_to_date
    everything = render(tmp_path, engine="embedded")
    assert sorted(path.suffix for path in everything.outputs) == [".html", ".pdf"]
    assert render(tmp_path, engine="embedded").up_to_date


@pytest.fixture
def watched(tmp_path):
    """Start the command on a small review; give its folder, its address, its log, the process."""
    project = tmp_path / "review"
    write_review(project, REVIEW)
    (project / "_quarto.yml").write_text(SETTINGS, encoding="utf-8")
    (project / "page.qmd").write_text(PAGE, encoding="utf-8")
    (project / "chapters" / "_words.qmd").write_text("First words.\n", encoding="utf-8")
    log = tmp_path / "log.txt"
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from analysis.cli import main; main()"  # tests run in the background ignore Ctrl-C
    command = [sys.executable, "-u", "-c", code, "watch"]
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [*command, "--project", str(project), "--port", "0"],
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[1],
        )
    try:
        yield project, log, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(happened, log, process):
    """Wait until something has happened; the log tells why it did not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process")
def test_pages_follow_the_files_and_an_error_leaves_the_last_good_ones(watched):
    project, log, process = watched

    def said(text, start=0):
        return until(lambda: text in log.read_text("utf-8")[start:], log, process)

    def change(file, old, new):
        start = len(log.read_text("utf-8"))
        path = project / file
        path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
        return start

    said("Ctrl-C ends.")
    address = re.search(r"http://\S+/", log.read_text("utf-8"))[0]
    assert "First words." in get(address, "/page.html")[1]
    change("chapters/_words.qmd", "First", "Second")
    until(lambda: "Second words." in get(address, "/page.html")[1], log, process)
    said("Rendered page.qmd: chapters/_words.qmd.")

    start = change("data/protocol.yml", "treatment:", "tretment:")
    said("The last good pages stay as they are.", start)
    assert "Did you mean 'treatment'?" in log.read_text("utf-8")[start:]
    assert "Second words." in get(address, "/page.html")[1]
    start = change("data/protocol.yml", "tretment:", "treatment:")
    said("Ready after", start)

    start = change("data/trials/example_1/trial.yml", "weeks: 13.0", "weeks: 12")
    said("Read example_1", start)
    said("Changed: data/trials/example_1/trial.yml.", start)
    said("Ready after", start)
    assert not list((project / "_output").glob("*.pdf"))

    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 0
    shown = log.read_text("utf-8")
    assert shown.rstrip().endswith("Stopped.")
    assert "Traceback" not in shown
    assert "KeyboardInterrupt" not in shown
