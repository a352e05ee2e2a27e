"""Find what a web page would load from outside itself."""

import re
from html.parser import HTMLParser

_CSS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
_LOADING = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping"}
_LINK_LOADS_NOT = {"canonical", "license", "author", "cite-as", "alternate"}


class _Finder(HTMLParser):
    """Collects the addresses that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._style = tag == "style"
        self.found += [values[name] for name in _LOADING if name in values]
        self._css(values.get("style", ""))
        if tag == "link" and values.get("rel") not in _LINK_LOADS_NOT:
            self.found.append(values.get("href", ""))
        if tag in {"use", "image", "feImage"}:
            self.found += [values.get("href", ""), values.get("xlink:href", "")]
        if tag == "base" or values.get("http-equiv", "").lower() == "refresh":
            self.found.append(values.get("href") or values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._style = False

    def handle_data(self, data: str) -> None:
        if self._style:
            self._css(data)

    def _css(self, text: str) -> None:
        self.found += [plain or imported for plain, imported in _CSS.findall(text)]


def external_loads(html: str) -> list[str]:
    """Find the addresses that a page loads, other than data it holds itself.

    Links that a reader may follow are no loads.

    Parameters
    ----------
    html
        The page.

    Returns
    -------
    list of str
        In the order of the page; empty when the page is self-contained.

    Examples
    --------
    >>> external_loads('<a href="https://x.org">x</a><img src="data:image/png;base64,">')
    []
    """
    finder = _Finder()
    finder.feed(html)
    return [each for each in finder.found if each and not each.startswith(("data:", "#"))]
