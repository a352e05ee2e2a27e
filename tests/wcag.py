"""What axe-core finds on a page against WCAG 2.2 AA and its own best practice.

axe cannot judge everything: what it leaves undecided (`incomplete`) is not counted.
"""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}


def violations(page):
    """Rule and element of each violation."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]]


def violations_of(browser, path, *, width, scheme):
    """Open a page from disk; violations, and what the page is wide."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(path.as_uri())
    found, widest = violations(page), page.evaluate("document.documentElement.scrollWidth")
    page.close()
    return found, widest
