# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares outputs with those that MindSpore had, and reads reports.

Usage:
    check_mindspore.py relative OUT.npy EXPECTED.npy
        at most 1e-5 of the largest number apart
    check_mindspore.py steps OUT.npy EXPECTED.npy
        numbers on one grid: at most one step of it apart
    check_mindspore.py float INTEGER.mlir REPORT.json
        a remark for each op that stays f32
"""

import collections
import json
import re
import sys

import numpy as np


def main():
    mode, first, second = sys.argv[1:]
    if mode == "float":
        with open(first) as file:
            kept = re.findall(r'compress.float = "([^"]*)"', file.read())
        with open(second) as file:
            remarks = [r for r in json.load(file)["remarks"]
                       if r["name"] == "Float"]
        told = [r["message"].split("stays f32: ", 1)[1] for r in remarks]
        assert kept and all(r["place"] for r in remarks)
        assert collections.Counter(kept) == collections.Counter(told)
        print(f"{len(kept)} ops stay f32")
        return
    output, expected = np.load(first), np.load(second)
    assert output.shape == expected.shape, (output.shape, expected.shape)
    apart = abs(output - expected)
    if mode == "relative":
        largest = apart.max() / abs(expected).max()
        print(f"{largest:.2e} of the largest output apart")
        sys.exit(not largest <= 1e-5)
    steps = np.diff(np.unique(expected))
    steps = apart / steps[steps > 1e-4].min()
    print(f"{(steps > 0.01).sum()} of {steps.size} differ, by "
          f"{steps.max():.3f} steps at most")
    sys.exit(not (steps <= 1.01).all())


main()
