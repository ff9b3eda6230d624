# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes .npy files of zeros, good and bad ones, without NumPy.

Usage: make_arrays.py FOLDER
"""

import math
import pathlib
import struct
import sys


def array(dtype, size, shape, fortran=False):
    """The bytes of a file with elements of `size` bytes."""
    header = str({"descr": dtype, "fortran_order": fortran, "shape": shape})
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) +
            header.encode() + bytes(size * math.prod(shape)))


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
    }
    for name, content in files.items():
        (folder / f"{name}.npy").write_bytes(content)


if __name__ == "__main__":
    main()
