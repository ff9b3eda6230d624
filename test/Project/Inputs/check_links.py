# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that what the documentation points at is there.

Links to files and headings of other pages, and paths in `quotes` that begin
with a folder of the project.

Usage: check_links.py ROOT
"""

import pathlib
import re
import sys

TOP = "bin|cmake|docs|examples|include|lib|scripts|test|tools|unittests"
LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED = re.compile(rf"`((?:{TOP})/[\w./+-]*\w)`")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchors(text):
    """The names by which headings can be linked to."""
    for heading in re.findall(r"^#+ (.*)", text, re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower())
        yield name.replace(" ", "-")


def check(root, page):
    text = page.read_text()
    prose = FENCED.sub("", text)
    for link in LINK.findall(prose):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if "://" in link:
            yield f"links to {link}: the documentation stands alone"
        elif not target.exists():
            yield f"links to {link}, which does not exist"
        elif anchor and anchor not in anchors(target.read_text()):
            yield f"links to {link}, which has no such heading"
    if "generated" in page.parts:
        return  # What passes name, check_passes.py looks at.
    for path in QUOTED.findall(prose):
        if not path.startswith("bin/") and not (root / path).exists():
            yield f"names {path}, which does not exist"


def main():
    root = pathlib.Path(sys.argv[1])
    pages = sorted(p for p in root.rglob("*.md")
                   if not p.relative_to(root).parts[0].startswith("build"))
    mistakes = [f"{p.relative_to(root)}: {m}" for p in pages
                for m in check(root, p)]
    print(*mistakes, f"{len(pages)} pages", sep="\n")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
