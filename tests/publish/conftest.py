"""The sample paper, rendered once for all tests."""

import pytest
from small_projects import write_sample

from analysis.publish.engine import RenderReport, render


@pytest.fixture(scope="session")
def paper(tmp_path_factory) -> RenderReport:
    """Render the sample paper; the fixture is the report."""
    folder = write_sample(tmp_path_factory.mktemp("paper"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        return render(folder, engine="embedded")
