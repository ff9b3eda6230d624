# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes .npy files, good and bad ones, without NumPy.

Usage: make_arrays.py FOLDER
"""

import math
import pathlib
import struct
import sys


def header(dtype, shape, fortran=False):
    """What comes before the elements in a file."""
    text = str({"descr": dtype, "fortran_order": fortran, "shape": shape})
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def array(dtype, size, shape, fortran=False):
    """A file of zeros with elements of `size` bytes."""
    return header(dtype, shape, fortran) + bytes(size * math.prod(shape))


def samples(*items):
    """A file of f32 items."""
    numbers = [number for item in items for number in item]
    return (header("<f4", (len(items), len(items[0]))) +
            struct.pack(f"<{len(numbers)}f", *numbers))


def main():
    folder = pathlib.Path(sys.argv[1])
    good = array("<f4", 4, (2, 1, 28, 28))
    files = {
        "good": good,
        "shape": array("<f4", 4, (1, 1, 28, 27)),
        "type": array("<f8", 8, (1, 1, 28, 28)),
        "rank": array("<f4", 4, (28, 28)),
        "order": array("<f4", 4, (2, 1, 28, 28), fortran=True),
        "endian": array(">f4", 4, (2, 1, 28, 28)),
        "cut": good[:1000],
        "header": good[:7],
        "text": b"hello\n",
        "empty": b"",
        "samples": samples((3, 4, 0, 0), (0, 0, 0.25, 0.5),
                           (1, 2, math.nan, 4), (1, math.inf, 2, 3)),
    }
    for name, content in files.items():
        (folder / f"{name}.npy").write_bytes(content)


if __name__ == "__main__":
    main()
