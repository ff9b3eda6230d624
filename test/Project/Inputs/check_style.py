# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the rules for sources that clang-format does not know: the licence
banner, at most 500 lines, no notes of unfinished work, no paths of a machine.

Usage: check_style.py ROOT
"""

import pathlib
import re
import sys

FOLDERS = (".ci", "benchmarks", "cmake", "docs", "examples", "include", "lib",
           "scripts", "test", "tools", "unittests")
CODE = {".c", ".cpp", ".h", ".py", ".sh", ".td"}
TEXT = CODE | {".cmake", ".in", ".md", ".mlir", ".test", ".txt", ""}
BANNER = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
MACHINE = re.compile(r"(?<![\w.}])/(home|root|work)/\w")


def check(path, text):
    if path.suffix in CODE and BANNER not in text[:1000]:
        yield "has no licence banner"
    lines = text.splitlines()
    if path.suffix in CODE and len(lines) > 500:
        yield f"has {len(lines)} lines; split it by concept"
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            yield f"line {number}: a note of unfinished work"
        if MACHINE.search(line):
            yield f"line {number}: a path of one machine"
        if path.suffix != ".md" and line != line.rstrip():
            yield f"line {number}: blanks at the end"


def main():
    root = pathlib.Path(sys.argv[1])
    mistakes = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root)
            if (not path.is_file() or path.suffix not in TEXT or
                    "__pycache__" in name.parts or "generated" in name.parts):
                continue
            mistakes += [f"{name}: {m}" for m in check(path, path.read_text())]
    print(*mistakes, sep="\n")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
