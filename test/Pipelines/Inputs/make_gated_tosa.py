# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a residual network of TOSA ops with SCOP's gates, and samples for it.

Usage: make_gated_tosa.py FOLDER

Each branch ends with gates: in the first the scores of every second channel are
low, in the second those of the first half. Writes gated.mlir and samples.npy.
"""

import pathlib
import random
import struct
import sys

WIDTH = 24
numbers = random.Random(5)
lines = []


def uniform(shape, bound):
    """A constant of random numbers."""
    count = 1
    for extent in shape:
        count *= extent
    values = [numbers.uniform(-bound, bound) for _ in range(count)]
    data = struct.pack(f"<{count}f", *values).hex()
    kind = "tensor<" + "x".join(map(str, shape)) + "xf32>"
    name = f"%c{len(lines)}"
    lines.append(f'{name} = "tosa.const"() {{values = dense<"0x{data}"> : '
                 f'{kind}}} : () -> {kind}')
    return name, kind


def image(channels):
    return f"tensor<1x6x6x{channels}xf32>"


def conv(name, operand, inputs, kernel):
    """A convolution that keeps rows and columns."""
    weight, weight_type = uniform([WIDTH, kernel, kernel, inputs], 0.2)
    bias, bias_type = uniform([WIDTH], 0.1)
    pad = ", ".join([str(kernel // 2)] * 4)
    lines.append(
        f"{name} = tosa.conv2d {operand}, {weight}, {bias}, %zero, %zero "
        f"{{acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: "
        f"{pad}>, stride = array<i64: 1, 1>}} : ({image(inputs)}, "
        f"{weight_type}, {bias_type}, tensor<1xf32>, tensor<1xf32>) -> "
        f"{image(WIDTH)}")


def gate(name, operand, low):
    """Gates whose scores are low where `low` says so."""
    beta = ", ".join("0.25" if low(c) else "0.75" for c in range(WIDTH))
    gamma = ", ".join(str(1 + c / 64) for c in range(WIDTH))
    lines.append(f"{name} = compress.channel_gate {operand} {{axis = 3, "
                 f"beta = array<f32: {beta}>, gamma = array<f32: {gamma}>}} : "
                 f"{image(WIDTH)}")


def clamp(name, operand):
    lines.append(f"{name} = tosa.clamp {operand} {{min_val = 0.0 : f32, "
                 f"max_val = 6.0 : f32}} : ({image(WIDTH)}) -> {image(WIDTH)}")


def main(folder):
    lines.append('%zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>}'
                 " : () -> tensor<1xf32>")
    conv("%stem", "%x", 3, 3)
    clamp("%x0", "%stem")
    for block, low in enumerate([lambda c: c % 2 == 1, lambda c: c < 12]):
        conv(f"%a{block}", f"%x{block}", WIDTH, 3)
        gate(f"%g{block}", f"%a{block}", low)
        lines.append(f"%s{block} = tosa.add %x{block}, %g{block} : "
                     f"({image(WIDTH)}, {image(WIDTH)}) -> {image(WIDTH)}")
        clamp(f"%x{block + 1}", f"%s{block}")
    conv("%y", "%x2", WIDTH, 1)
    body = "\n".join("  " + line for line in lines)
    (folder / "gated.mlir").write_text(
        f"func.func @main(%x: {image(3)}) -> {image(WIDTH)} {{\n{body}\n"
        f"  return %y : {image(WIDTH)}\n}}\n", encoding="utf-8")
    count = 4 * 6 * 6 * 3
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 6, 6, 3)}"
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    (folder / "samples.npy").write_bytes(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() +
        struct.pack(f"<{count}f",
                    *[numbers.uniform(-1, 1) for _ in range(count)]))


main(pathlib.Path(sys.argv[1]))
