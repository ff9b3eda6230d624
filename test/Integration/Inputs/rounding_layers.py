# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes layers of one kind each, and data whose elements vary together.

Usage: rounding_layers.py FOLDER
"""

import random
import struct
import sys

FOLDER = sys.argv[1]
RANDOM = random.Random(5)
# Name, op, attributes, shapes of input, filter and result.
LAYERS = [
    ("plain", "linalg.conv_2d_nhwc_hwcf",
     "dilations = dense<[2, 1]> : tensor<2xi64>, "
     "strides = dense<[1, 2]> : tensor<2xi64>",
     (1, 11, 11, 6), (3, 3, 6, 8), (1, 7, 5, 8)),
    ("depthwise", "linalg.depthwise_conv_2d_nhwc_hwc",
     "dilations = dense<1> : tensor<2xi64>, "
     "strides = dense<[2, 1]> : tensor<2xi64>",
     (1, 11, 11, 6), (3, 3, 6), (1, 5, 9, 6)),
    ("multiplied", "linalg.depthwise_conv_2d_nhwc_hwcm",
     "dilations = dense<1> : tensor<2xi64>, "
     "strides = dense<1> : tensor<2xi64>",
     (1, 11, 11, 6), (3, 3, 6, 2), (1, 9, 9, 6, 2)),
    ("grouped", "linalg.conv_2d_nhwgc_gfhwc",
     "dilations = dense<1> : tensor<2xi64>, "
     "strides = dense<1> : tensor<2xi64>",
     (1, 11, 11, 2, 6), (2, 5, 3, 3, 6), (1, 9, 9, 2, 5)),
    ("dense", "linalg.matmul", "", (1, 64), (64, 12), (1, 12)),
    ("wide", "linalg.matmul", "", (1, 8200), (8200, 2), (1, 2)),
]


def count(shape):
    product = 1
    for extent in shape:
        product *= extent
    return product


def tensor(shape):
    return f"tensor<{'x'.join(map(str, shape))}xf32>"


def write_layer(name, op, attributes, x, w, y):
    weights = [RANDOM.uniform(-1, 1) for _ in range(count(w))]
    text = struct.pack(f"<{len(weights)}f", *weights).hex()
    attributes = f"{{{attributes}}} " if attributes else ""
    with open(f"{FOLDER}/{name}.mlir", "w") as file:
        file.write(f"""func.func @main(%x: {tensor(x)}) -> {tensor(y)} {{
  %w = arith.constant dense<"0x{text}"> : {tensor(w)}
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : {tensor(y)}
  %i = linalg.fill ins(%zero : f32) outs(%e : {tensor(y)}) -> {tensor(y)}
  %y = {op} {attributes}ins(%x, %w : {tensor(x)}, {tensor(w)}) outs(%i : {tensor(y)}) -> {tensor(y)}
  return %y : {tensor(y)}
}}
""")


def write_data(path, shape, samples):
    """Near elements, in a row or in a channel, are alike."""
    numbers = []
    channels = shape[-1] if len(shape) > 2 else 1
    for _ in range(samples):
        base = [RANDOM.uniform(-1, 1) for _ in range(4)]
        for i in range(count(shape)):
            numbers.append(base[i // channels % 4] / 2 + base[i % 3] +
                           RANDOM.uniform(-0.1, 0.1))
    header = (f"{{'descr': '<f4', 'fortran_order': False, "
              f"'shape': {(samples,) + tuple(shape[1:])}, }}")
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) +
                   header.encode().ljust(117) + b"\n" +
                   struct.pack(f"<{len(numbers)}f", *numbers))


for layer in LAYERS:
    write_layer(*layer)
    few = count(layer[3]) > 8000
    for kind in "seen", "other":
        write_data(f"{FOLDER}/{layer[0]}-{kind}.npy", layer[3],
                   2 if few else 48)
