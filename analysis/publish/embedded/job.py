"""One document in one format: from its cells' outputs to the page, the PDF or the Word file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.problems import Problem
from analysis.publish.embedded.document import Document, write_markdown
from analysis.publish.embedded.execute import Executed
from analysis.publish.embedded.pandoc import Converted, convert
from analysis.publish.embedded.pdf import STANDARD, compile_pdf, font_folders
from analysis.publish.embedded.places import certain, complaint_problems
from analysis.publish.embedded.titleblock import included_files, named_files, title_block
from analysis.publish.embedded.word import make_word, word_metadata
from analysis.publish.external import external_loads
from analysis.publish.progress import Progress, RenderProblemsError


@dataclass(frozen=True, slots=True)
class Job:
    """One document in one format.

    Parameters
    ----------
    document, executed
        The document and what its cells gave.
    target
        ``html``, ``typst`` or ``docx``.
    work
        The working folder, inside the project's folder.
    """

    document: Document
    executed: Executed
    target: str
    work: Path

    @property
    def name(self) -> str:
        """Name of the files of this job."""
        return f"{self.document.name.replace('/', '-').removesuffix('.qmd')}-{self.target}"

    @property
    def figures(self) -> str:
        """Folder of the figures, relative to the project."""
        return (self.work / "figures").relative_to(self.document.project.root).as_posix()

    @property
    def settings(self) -> Mapping[str, Any]:
        """The document's metadata, with the settings of the format on top."""
        metadata = self.document.metadata
        return {**metadata, **self.document.project.format_settings(metadata, self.target)}

    def convert(self, progress: Progress) -> Converted:
        """Write the document as Markdown and let pandoc make of it what is finished later."""
        project = self.document.project
        progress(f"convert {self.document.name} to {self.target}", 0, 1)
        markdown = write_markdown(self.document, self.executed, self.target, self.figures)
        includes, _, _ = included_files(project.root, self.settings, self.target)
        block = title_block(self.document.metadata)
        block |= word_metadata(block) if self.target == "docx" else {}
        metadata = {**self.settings, **block, **includes}
        metadata |= self._paths() | self._links()
        for name in ("format", "project", "execute"):
            metadata.pop(name, None)
        return convert(
            markdown, metadata, self.target, root=project.root, work=self.work, name=self.name
        )

    def _paths(self) -> dict[str, Any]:
        project = self.document.project
        folder = (project.root / self.document.name).parent.relative_to(project.root)
        paths: dict[str, Any] = {
            "ipdbook-folder": folder.as_posix(),
            "ipdbook-figures": self.figures,
            "link-citations": self.settings.get("link-citations", True),
            "bibliography": [
                str(each)
                for each in named_files(project.root, self.settings, "bibliography")
                if each.is_file()
            ],
        }
        style = named_files(project.root, self.settings, "csl")
        return paths | ({"csl": str(style[0])} if style else {})

    def _links(self) -> dict[str, Any]:
        """Let the page offer the PDF when it is made too."""
        outputs = self.document.project.outputs(self.document.name, self.document.metadata)
        return {"ipdbook-pdf": outputs["typst"].name} if "typst" in outputs else {}

    def file_problems(self) -> list[Problem]:
        """Files that the settings name and that do not exist."""
        return included_files(self.document.project.root, self.settings, self.target)[2]

    def problems(self, result: Converted, *, complete: bool) -> list[Problem]:
        """Return what the filters found; without outputs only what is certain."""
        found = result.complaints if complete else certain(self.document, result.complaints)
        return complaint_problems(self.document, self.executed, found)

    def finish(self, result: Converted, progress: Progress) -> Path:
        """Write the page or the Word file, or compile the PDF."""
        if self.target == "html":
            return self._page(result)
        if self.target == "docx":
            return self._word(result, progress)
        progress(f"compile {self.name}.pdf", 0, 1)
        markup = self.work / f"{self.name}.typ"
        markup.write_text(result.text, encoding="utf-8")
        stated = self.settings.get("pdf-standard") or STANDARD
        standards = (stated,) if isinstance(stated, str) else tuple(stated)
        path = markup.with_suffix(".pdf")
        fonts = font_folders(self.document.project.root, self.document.name, self.settings)
        path.write_bytes(compile_pdf(markup, self.document.project.root, standards, fonts))
        progress(f"compile {self.name}.pdf", 1, 1)
        return path

    def _word(self, result: Converted, progress: Progress) -> Path:
        progress(f"write {self.name}.docx", 0, 1)
        root, path = self.document.project.root, self.work / f"{self.name}.docx"
        settings = {**self.settings, "title-block": title_block(self.document.metadata)}
        path.write_bytes(make_word(result.text, settings, root, self.work, self.name))
        progress(f"write {self.name}.docx", 1, 1)
        return path

    def _page(self, result: Converted) -> Path:
        path = self.work / f"{self.name}.html"
        path.write_text(result.text, encoding="utf-8")
        loads = external_loads(result.text)
        if loads:
            message = f"the page would load {', '.join(loads[:5])} from outside."
            remedy = "Remove the link, style or script, or save the file in the project."
            raise RenderProblemsError([Problem(self.document.name, message, remedy)])
        return path
