# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes TOSA models with an input, and the result that TOSA specifies.

Usage: tosa_models.py FOLDER    NAME.mlir, NAME.in.npy and NAME.out.npy of each
"""

import pathlib
import sys

import numpy as np

rng = np.random.default_rng(7)


def random(shape, dtype):
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def mlir_type(array_or_shape, element=None):
    shape = array_or_shape if element else array_or_shape.shape
    element = element or f"i{array_or_shape.itemsize * 8}"
    return "tensor<" + "".join(f"{d}x" for d in shape) + element + ">"


def constant(name, values, element=None):
    values = np.asarray(values)
    kind = mlir_type(values.shape, element or f"i{values.itemsize * 8}")
    return (f'%{name} = "tosa.const"() <{{values = dense<{values.tolist()}> : '
            f"{kind}}}> : () -> {kind}\n")


def transpose_conv(x, w, bias, zx, zw, stride, pad):
    """The definition: every input is scattered over a window of the output."""
    n, ih, iw, _ = x.shape
    oc, kh, kw, _ = w.shape
    oh = (ih - 1) * stride[0] + pad[0] + pad[1] + kh
    ow = (iw - 1) * stride[1] + pad[2] + pad[3] + kw
    out = np.tile(bias.astype(np.int64), (n, oh, ow, 1))
    products = np.einsum("nyxc,okhc->nyxkho", x.astype(np.int64) - zx,
                         w.astype(np.int64) - zw)
    for y, z, ky, kx in np.ndindex(ih, iw, kh, kw):
        oy, ox = y * stride[0] + pad[0] + ky, z * stride[1] + pad[2] + kx
        if 0 <= oy < oh and 0 <= ox < ow:
            out[:, oy, ox] += products[:, y, z, ky, kx]
    return out.astype(np.int32)


def write_transpose_conv(folder, name, stride, pad, kernel, zw):
    x, w = random((2, 4, 3, 5), np.int8), random((6, *kernel, 5), np.int8)
    bias = random((6,), np.int32) // 1000
    out = transpose_conv(x, w, bias, -3, zw, stride, pad)
    body = (constant("w", w) + constant("b", bias)
            + constant("zx", np.int8([-3])) + constant("zw", np.int8([zw]))
            + "%y = tosa.transpose_conv2d %x, %w, %b, %zx, %zw {acc_type = i32, "
            f"out_pad = array<i64: {', '.join(map(str, pad))}>, "
            f"stride = array<i64: {stride[0]}, {stride[1]}>}} : "
            f"({mlir_type(x)}, {mlir_type(w)}, {mlir_type(bias)}, tensor<1xi8>, "
            f"tensor<1xi8>) -> {mlir_type(out)}\n")
    write(folder, name, x, out, body)


def write_sums16(folder):
    """i16 activations, i8 weights, i48 sums, and back to i16."""
    x, w = random((1, 6, 7, 4), np.int16), random((5, 3, 3, 4), np.int8)
    bias = np.array([100, -2000, 3 << 31, -(5 << 33), 7])
    multiplier, shift = np.int16([16384, 20000, 30000]), 27
    multiplier = np.resize(multiplier, 5)
    padded = np.pad(x.astype(np.int64), ((0, 0), (1, 1), (1, 1), (0, 0)))
    acc = np.tile(bias, (1, 6, 7, 1))
    for ky, kx in np.ndindex(3, 3):
        acc += padded[:, ky:ky + 6, kx:kx + 7] @ w[:, ky, kx].T.astype(np.int64)
    scaled = (acc * multiplier + (1 << (shift - 1))) >> shift
    out = np.clip(scaled, -2**15, 2**15 - 1).astype(np.int16)
    sums = mlir_type(acc.shape, "i48")
    body = (constant("w", w) + constant("b", bias, "i48")
            + constant("zx", np.int16([0])) + constant("zw", np.int8([0]))
            + "%c = tosa.conv2d %x, %w, %b, %zx, %zw {acc_type = i48, "
            "pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, "
            f"dilation = array<i64: 1, 1>}} : ({mlir_type(x)}, {mlir_type(w)}, "
            f"tensor<5xi48>, tensor<1xi16>, tensor<1xi8>) -> {sums}\n"
            + constant("m", multiplier)
            + constant("s", np.full(5, shift, np.int8))
            + constant("zi", [0], "i48") + constant("zo", np.int16([0]))
            + "%y = tosa.rescale %c, %m, %s, %zi, %zo {input_unsigned = false, "
            "output_unsigned = false, per_channel = true, "
            "rounding_mode = SINGLE_ROUND, scale32 = false} : "
            f"({sums}, tensor<5xi16>, tensor<5xi8>, tensor<1xi48>, "
            f"tensor<1xi16>) -> {mlir_type(out)}\n")
    write(folder, "sums16", x, out, body)


def write_resize(folder, name, mode, scale, step, offset, shape):
    """scale, step and offset are alike for height and width."""
    x = random((2, *shape, 3), np.int8)
    size = [d * scale // step for d in shape]
    border = [(n - 1) * step - (d - 1) * scale + offset
              for n, d in zip(size, shape)]
    out_type = np.int32 if mode == "BILINEAR" else np.int8
    out = np.zeros((2, *size, 3), out_type)
    for oy, ox in np.ndindex(*size):
        y, z = oy * step + offset, ox * step + offset
        (iy, dy), (ix, dx) = divmod(y, scale), divmod(z, scale)
        iy0, iy1 = np.clip([iy, iy + 1], 0, shape[0] - 1)
        ix0, ix1 = np.clip([ix, ix + 1], 0, shape[1] - 1)
        if mode == "BILINEAR":
            wide = x.astype(np.int32)
            top = wide[:, iy0, ix0] * (scale - dx) + wide[:, iy0, ix1] * dx
            bottom = wide[:, iy1, ix0] * (scale - dx) + wide[:, iy1, ix1] * dx
            out[:, oy, ox] = top * (scale - dy) + bottom * dy
        else:
            out[:, oy, ox] = x[:, iy1 if 2 * dy >= scale else iy0,
                               ix1 if 2 * dx >= scale else ix0]
    shapes = ""
    for key, values in (("s", [scale, step] * 2), ("o", [offset] * 2),
                        ("b", border)):
        shapes += (f"%{key} = tosa.const_shape {{values = dense<{values}> : "
                   f"tensor<{len(values)}xindex>}} : () -> "
                   f"!tosa.shape<{len(values)}>\n")
    body = shapes + (f"%y = tosa.resize %x, %s, %o, %b {{mode = {mode}}} : "
                     f"({mlir_type(x)}, !tosa.shape<4>, !tosa.shape<2>, "
                     f"!tosa.shape<2>) -> {mlir_type(out)}\n")
    write(folder, name, x, out, body)


def write(folder, name, x, out, body):
    (folder / f"{name}.mlir").write_text(
        f"func.func @main(%x: {mlir_type(x)}) -> {mlir_type(out)} {{\n{body}"
        f"return %y : {mlir_type(out)}\n}}\n")
    np.save(folder / f"{name}.in.npy", x)
    np.save(folder / f"{name}.out.npy", out)


def main():
    folder = pathlib.Path(sys.argv[1])
    write_sums16(folder)
    write_transpose_conv(folder, "strided", (2, 2), (0, 1, 0, 1), (3, 3), 0)
    write_transpose_conv(folder, "wide", (3, 1), (2, -1, -2, 4), (2, 4), 0)
    write_transpose_conv(folder, "zero_point", (2, 3), (-1, 0, 5, -1), (3, 2), 9)
    # Centers aligned: the first output lies before the first input.
    write_resize(folder, "bilinear", "BILINEAR", 4, 2, -1, (3, 5))
    write_resize(folder, "nearest", "NEAREST_NEIGHBOR", 4, 2, -1, (3, 5))
    write_resize(folder, "shrink", "BILINEAR", 2, 4, 1, (6, 4))


if __name__ == "__main__":
    main()
