"""Each relative link of the pages leads to a file that is there, and each anchor to a heading of it."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def pages():
    return [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ +(.+)$", FENCE.sub("", page.read_text()), re.M):
        text = LINK.sub(lambda link: link[0][1 : link[0].index("]")], heading)
        found.add(re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-"))
    return found


def broken(page):
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            yield f"{page.relative_to(ROOT)}: {target} leads to no file"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{page.relative_to(ROOT)}: {target} leads to no heading of {file.name}"


class Links(unittest.TestCase):
    def test_they_lead_somewhere(self):
        self.assertGreater(len(pages()), 5)
        self.assertEqual([sentence for page in pages() for sentence in broken(page)], [])


if __name__ == "__main__":
    unittest.main()
