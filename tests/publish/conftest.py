"""The sample paper, rendered once for all tests."""

import pytest
from sample_paper import FILES
from small_projects import write_project

from analysis.publish.engine import RenderReport, render


@pytest.fixture(scope="session")
def paper(tmp_path_factory) -> RenderReport:
    """Render the sample paper; the fixture is the report."""
    folder = write_project(tmp_path_factory.mktemp("paper"), FILES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        return render(folder, engine="embedded")
