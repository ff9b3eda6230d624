# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what every pass owes its readers: a summary, a description with an
example, the test that runs this example, statistics.

Usage: check_passes.py ROOT LLVM-TBLGEN MLIR-INCLUDE-DIR
"""

import json
import pathlib
import re
import subprocess
import sys


def read_passes(root, tblgen, mlir):
    """(file, record of the pass, records of its statistics) of all Passes.td."""
    for file in sorted((root / "include").rglob("Passes.td")):
        output = subprocess.run(
            [tblgen, "--dump-json", "-I", root / "include", "-I", mlir, file],
            check=True, stdout=subprocess.PIPE).stdout
        records = json.loads(output)
        for name in records["!instanceof"].get("PassBase", []):
            record = records[name]
            yield file.relative_to(root), record, [
                records[s["def"]] for s in record["statistics"]]


def check_example(root, flag, description):
    """What is wrong with the example and with the test that runs it."""
    tests = re.findall(r"`(test/\S+\.mlir)`", description)
    if not tests:
        yield "the description names no test with its example"
        return
    file = root / tests[0]
    if not file.exists():
        yield f"{tests[0]} does not exist"
        return
    text = file.read_text()
    runs = "\n".join(re.findall(r"// RUN:.*", text))
    if not re.search(rf"(?:--|[\s,('\"]){re.escape(flag)}(?![\w-])", runs):
        yield f"{tests[0]} does not run it"
    if "CHECK" not in text and "expected-" not in text:
        yield f"{tests[0]} checks nothing"
    # What the example shows is what the test feeds and expects.
    examples = "\n".join(re.findall(r"```mlir\n(.*?)```", description,
                                    re.DOTALL))
    ops = re.findall(r"\b(?:arith|compress|linalg|memref|quant|scf|tensor|tosa|"
                     r"vector|llvm)\.\w+", examples)
    for op in sorted(set(ops) - {"linalg.generic"}):
        if op not in text:
            yield f"{tests[0]} has no {op}, which the example shows"


def main():
    root = pathlib.Path(sys.argv[1])
    mistakes, number = [], 0
    for file, record, statistics in read_passes(root, *sys.argv[2:4]):
        number += 1
        wrong = []
        if not record["summary"]:
            wrong.append("no summary")
        if not record["description"].strip():
            wrong.append("no description")
        if not statistics:
            wrong.append("no statistics")
        if not all(s["description"] for s in statistics):
            wrong.append("a statistic without description")
        wrong += check_example(root, record["argument"], record["description"])
        mistakes += [f"{file}: {record['argument']}: {w}" for w in wrong]
    print(*mistakes, f"{number} passes", sep="\n")
    return 1 if mistakes or not number else 0


if __name__ == "__main__":
    sys.exit(main())
