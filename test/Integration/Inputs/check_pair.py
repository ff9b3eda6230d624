# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads f32 tensors as ONNX stores test data (TensorProto in a .pb file).

Usage:
    check_pair.py convert IN.pb OUT.npy
    check_pair.py compare OUTPUT.npy EXPECTED.pb COSINE
        the place of the largest value must be equal, the cosine at least COSINE
"""

import sys

import numpy as np


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return value, at


def read(path):
    """The tensor of a TensorProto: dims (1), data_type (2), raw_data (9)."""
    with open(path, "rb") as file:
        data = file.read()
    at, dims, raw = 0, [], b""
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)  # Of a number, or the length of bytes.
        if key & 7 == 2:
            content, at = data[at:at + value], at + value
        if key == 1 << 3:
            dims.append(value)
        elif key == (1 << 3 | 2):
            inside = 0
            while inside < len(content):
                dim, inside = varint(content, inside)
                dims.append(dim)
        elif key == 2 << 3 and value != 1:
            sys.exit(f"{path}: not f32")
        elif key == (9 << 3 | 2):
            raw = content
    return np.frombuffer(raw, "<f4").reshape(dims)


def main():
    if sys.argv[1] == "convert":
        np.save(sys.argv[3], read(sys.argv[2]))
        return
    output, expected = np.load(sys.argv[2]), read(sys.argv[3])
    output, expected = output.ravel(), expected.ravel()
    cosine = output @ expected / np.linalg.norm(output) / np.linalg.norm(expected)
    print(f"largest {output.argmax()} {expected.argmax()} cosine {cosine:.7f}")
    if output.argmax() != expected.argmax() or not cosine >= float(sys.argv[4]):
        sys.exit("the output differs")


if __name__ == "__main__":
    main()
