# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Data that is wrong for a network with ten classes of images of 28x28.

Usage: make-sensitivity-data.py FOLDER

images.idx and labels.idx: the last of three labels is 10.
nan.npy: the second of two images is NaN. shape.npy: an image of 5x5.
"""

import pathlib
import struct
import sys

folder = pathlib.Path(sys.argv[1])


def write_npy(name, shape, numbers):
    header = repr({"descr": "<f4", "fortran_order": False, "shape": shape})
    text = header.encode().ljust(117) + b"\n"
    (folder / name).write_bytes(b"\x93NUMPY\x01\x00" +
                                struct.pack("<H", len(text)) + text +
                                struct.pack(f"<{len(numbers)}f", *numbers))


(folder / "images.idx").write_bytes(
    struct.pack(">IIII", 0x803, 3, 28, 28) +
    bytes(i % 251 for i in range(3 * 28 * 28)))
(folder / "labels.idx").write_bytes(struct.pack(">II", 0x801, 3) +
                                    bytes([3, 9, 10]))
write_npy("nan.npy", (2, 1, 28, 28), [0.5] * 784 + [float("nan")] * 784)
write_npy("shape.npy", (1, 1, 5, 5), [0.0] * 25)
