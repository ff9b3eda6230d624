# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs by a formula, and the outputs that onnxruntime has for them.

Usage:
    check_outputs.py make SHAPE OUT.npy     (37 * i mod 101) / 25 - 2, row major
    check_outputs.py compare OUT.npy NUMBER...
        all numbers, as f32, to the bit
"""

import sys

import numpy as np


def main():
    if sys.argv[1] == "make":
        shape = [int(extent) for extent in sys.argv[2].split("x")]
        number = np.arange(np.prod(shape)) * 37 % 101 / 25 - 2
        np.save(sys.argv[3], number.astype(np.float32).reshape(shape))
        return
    output = np.load(sys.argv[2]).ravel()
    expected = np.array([float(text) for text in sys.argv[3:]], np.float32)
    if not np.array_equal(output, expected):
        sys.exit(f"the output is {output.tolist()}, not {expected.tolist()}")


if __name__ == "__main__":
    main()
