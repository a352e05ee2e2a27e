"""The sample paper and the page that answers, each rendered once for all tests; pages opened."""

import pytest
from small_projects import write_answers, write_sample

from analysis.publish.engine import RenderReport, render


def _rendered(folder) -> RenderReport:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        return render(folder, engine="embedded")


@pytest.fixture(scope="session")
def paper(tmp_path_factory) -> RenderReport:
    """Render the sample paper; the fixture is the report."""
    return _rendered(write_sample(tmp_path_factory.mktemp("paper")))


@pytest.fixture(scope="session")
def answers(tmp_path_factory) -> RenderReport:
    """Render the page that can be sorted, filtered, pointed at and chosen from."""
    return _rendered(write_answers(tmp_path_factory.mktemp("answers")))


@pytest.fixture
def open_page(browser):
    """Open pages; afterwards no request may have left them and nothing may have failed."""
    requests, errors, contexts, allowed = [], [], [], ["data:", "blob:"]

    def go(path, *, width=1300, **options):
        address = path.as_uri()
        allowed.append(address)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(tuple(allowed))] == []
