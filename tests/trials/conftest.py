"""A small review on disk whose files each test may spoil."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_review import FILES, Contents, Edit, short

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes the review with some texts replaced and files added."""

    def write_review(*edits: Edit, extra: Contents | None = None) -> Path:
        texts = dict(FILES)
        for file, old, new in edits:
            name = short(file)
            assert texts[name].count(old) == 1, f"{old!r} must stand once in {name}"
            texts[name] = texts[name].replace(old, new)
        contents: Contents = {**texts, **(extra or {})}
        for name, content in contents.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif content is not None:
                path.write_text(content, encoding="utf-8", newline="")
        return tmp_path

    return write_review
