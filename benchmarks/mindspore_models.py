#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators and networks of MindSpore, against MindSpore's own results.

Usage: mindspore_models.py WORK [--tools=FOLDER] [--filter=REGEX]

Exports each to MindIR, compiles it, runs both on the same numbers, and prints what
is refused, with the reason, and what differs by more than 1e-5 of the largest
output; then it fails. Needs MindSpore (tried with 2.10, on a CPU), and `compressc`
and `compress-run` in FOLDER (default: build/bin).
"""

import argparse
import os
import re
import subprocess
import sys

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
IMAGE = (1, 4, 9, 11)
CASES = {}  # by name: a function that makes the cell, the shapes of its inputs


def case(*shapes):
    def add(cell):
        CASES[cell.__name__] = cell, shapes
        return cell
    return add


def layer(name, make, *shapes):
    CASES[name] = make, shapes or (IMAGE,)


for mode in ("same", "valid"):
    for kernel, stride in ((3, 2), (2, 2), (3, 1), (2, 3)):
        layer(f"AvgPool_{mode}_{kernel}_{stride}",
              lambda a=(kernel, stride, mode): nn.AvgPool2d(*a))
        layer(f"MaxPool_{mode}_{kernel}_{stride}",
              lambda a=(kernel, stride, mode): nn.MaxPool2d(*a))
for ceil in (False, True):
    layer(f"MaxPool_pad_{ceil}", lambda ceil=ceil: nn.MaxPool2d(
        3, 2, "pad", padding=1, ceil_mode=ceil))
    layer(f"AvgPool_pad_{ceil}", lambda ceil=ceil: nn.AvgPool2d(
        3, 2, "pad", padding=1, count_include_pad=ceil))
layer("AdaptiveAvgPool_1", lambda: nn.AdaptiveAvgPool2d(1))
layer("AdaptiveAvgPool_3", lambda: nn.AdaptiveAvgPool2d(3), (1, 4, 9, 6))
layer("Conv_same", lambda: nn.Conv2d(4, 6, 3, 2, "same", has_bias=True,
                                     bias_init="normal"))
layer("Conv_pad", lambda: nn.Conv2d(4, 8, 3, 1, "pad", (1, 0, 2, 1), group=2))
layer("Conv_depthwise", lambda: nn.Conv2d(4, 4, 3, 2, "pad", 1, group=4))
layer("Conv_dilated", lambda: nn.Conv2d(4, 4, 3, 1, "same", dilation=2))
layer("Conv_1d", lambda: nn.Conv1d(4, 6, 3, 2, "same", has_bias=True),
      (1, 4, 13))
layer("Conv_transposed", lambda: nn.Conv2dTranspose(4, 6, 3, 2, "same",
                                                    has_bias=True))
layer("Conv_transposed_pad",
      lambda: nn.Conv2dTranspose(4, 6, 4, 2, "pad", padding=1))
layer("BatchNorm", lambda: nn.BatchNorm2d(4))
layer("LayerNorm", lambda: nn.LayerNorm((11,)))
layer("GroupNorm", lambda: nn.GroupNorm(2, 4))
layer("Dense", lambda: nn.Dense(7, 5, bias_init="normal"), (3, 7))
layer("Dense_deep", lambda: nn.Dense(7, 5), (2, 3, 7))
layer("Dense_no_bias", lambda: nn.Dense(7, 5, has_bias=False), (3, 7))
layer("Pad", lambda: nn.Pad(((0, 0), (0, 0), (1, 2), (0, 1))))
layer("ConstantPad", lambda: nn.ConstantPad2d((1, 2, 0, 1), 0.5))
layer("Dropout", lambda: nn.Dropout(p=0.5))
for activation in ("relu", "relu6", "sigmoid", "tanh", "gelu", "fast_gelu",
                   "elu", "leakyrelu", "hswish", "hsigmoid", "prelu",
                   "logsigmoid", "softmax", "logsoftmax"):
    layer("activation_" + activation,
          lambda name=activation: nn.get_activation(name))
for cell in (nn.SiLU, nn.Mish, nn.Softsign, nn.CELU, nn.SeLU, nn.Hardtanh):
    layer("activation_" + cell.__name__, cell)
layer("activation_gelu_erf", lambda: nn.GELU(approximate=False))


@case(IMAGE, IMAGE)
class Arithmetic(nn.Cell):
    def construct(self, x, y):
        z = (1 - x) * 3 / 2.5 + y - ops.maximum(x, y) * ops.minimum(x, y)
        return z ** 2 + 2 / (x * x + 1) - ops.sqrt(ops.abs(y))


@case(IMAGE, IMAGE)
class Comparisons(nn.Cell):
    def construct(self, x, y):
        both = ops.logical_and(x > 0, ops.logical_not(y >= x))
        chosen = ops.where(x < y, x, y * 2)
        return ops.select(both, chosen, ops.clamp(x, -0.5, 0.5)) + \
            (x != y).astype(ms.float32)


@case(IMAGE)
class Functions(nn.Cell):
    def construct(self, x):
        y = ops.exp(x) + ops.log(ops.abs(x) + 1) + ops.rsqrt(x * x + 1)
        return y + ops.floor(x) + ops.ceil(x) + ops.round(x) - ops.erf(x)


@case(IMAGE)
class Reductions(nn.Cell):
    def construct(self, x):
        return (x.mean(), ops.mean(x, (2, 3)), ops.mean(x, (2, 3), True),
                x.sum(axis=1), ops.ReduceMax()(x, 1), x.var(axis=1),
                ops.ReduceMin(keep_dims=True)(x, (1, 2)))


@case(IMAGE)
class Slices(nn.Cell):
    def construct(self, x):
        return (x[:, 1:3], x[:, :, ::2, 1:-1], x[:, 0], x[..., -1],
                ops.split(x, 2, axis=1)[1], ops.chunk(x, 2, axis=1)[0])


@case(IMAGE, IMAGE)
class Shapes(nn.Cell):
    def construct(self, x, y):
        z = ops.concat((x.transpose(0, 2, 3, 1), ops.permute(y, (0, 2, 3, 1))),
                       -1)
        z = ops.stack([z, z * 2], axis=1).reshape(2, -1, 8)
        return ops.tile(ops.expand_dims(z, 0), (1, 1, 2, 1)), \
            ops.broadcast_to(x[:, :, :1, :1], IMAGE), \
            ops.gather(x, Tensor([2, 0], ms.int32), 1)


@case((2, 3, 4), (2, 4, 5))
class Products(nn.Cell):
    def construct(self, x, y):
        return ops.matmul(x, y), ops.bmm(x, y), ops.matmul(x[0], y[0])


@case(IMAGE)
class HalfPrecision(nn.Cell):
    def construct(self, x):
        return x.astype(ms.float16).astype(ms.float32)


@case((2, 3))
class Branches(nn.Cell):
    def construct(self, x):
        y = x
        if ops.reduce_sum(x) > 0:
            y = y * 2
            if ops.reduce_sum(y) > 10:
                y = y - 1
        else:
            y = y + 3
        return ops.relu(y)


@case((1, 10, 16))
class Attention(nn.Cell):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm((16,))
        self.qkv, self.out = nn.Dense(16, 48), nn.Dense(16, 16)
        self.up, self.down = nn.Dense(16, 32), nn.Dense(32, 16)
        self.gelu = nn.GELU(approximate=False)

    def construct(self, x):
        parts = self.qkv(self.norm(x)).reshape(1, 10, 3, 4, 4)
        parts = parts.transpose(2, 0, 3, 1, 4)
        scores = ops.matmul(parts[0], parts[1].transpose(0, 1, 3, 2)) * 0.5
        y = ops.matmul(ops.softmax(scores, -1), parts[2])
        x = x + self.out(y.transpose(0, 2, 1, 3).reshape(1, 10, 16))
        return x + self.down(self.gelu(self.up(self.norm(x))))


@case((1, 3, 32, 32))
class InvertedResidual(nn.Cell):
    def __init__(self):
        super().__init__()

        def block(inputs, outputs, kernel, stride, group=1):
            return nn.SequentialCell(
                nn.Conv2d(inputs, outputs, kernel, stride, "pad", kernel // 2,
                          group=group), nn.BatchNorm2d(outputs), nn.ReLU6())
        self.stem, self.widen = block(3, 8, 3, 2), block(8, 32, 1, 1)
        self.depthwise, self.narrow = block(32, 32, 3, 1, 32), block(32, 8, 1, 1)
        self.gate = nn.SequentialCell(
            nn.Conv2d(8, 4, 1, has_bias=True), nn.ReLU(),
            nn.Conv2d(4, 8, 1, has_bias=True), nn.HSigmoid())
        self.pool, self.flatten = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        self.dense = nn.Dense(8, 5)

    def construct(self, x):
        x = self.stem(x)
        y = self.narrow(self.depthwise(self.widen(x)))
        y = x + y * self.gate(ops.mean(y, (2, 3), True))
        return self.dense(self.flatten(self.pool(y)))


def flatten(value):
    if isinstance(value, (tuple, list)):
        return [leaf for element in value for leaf in flatten(element)]
    return [value.asnumpy()]


def check(name, work, tools):
    """What is wrong, or None."""
    make, shapes = CASES[name]
    cell = make()
    cell.set_train(False)
    for parameter in cell.get_parameters():
        values = np.random.randn(*parameter.shape).astype(np.float32)
        if parameter.name.endswith("variance"):
            values = abs(values) + 0.5
        parameter.set_data(Tensor(values))
    inputs = [Tensor(np.random.randn(*shape).astype(np.float32))
              for shape in shapes]
    expected = flatten(cell(*inputs))
    base = os.path.join(work, name)
    ms.export(cell, *inputs, file_name=base, file_format="MINDIR")
    command = [os.path.join(tools, "compress-run"), "run", base + ".so"]
    for i, value in enumerate(inputs):
        np.save(f"{base}_x{i}.npy", value.asnumpy())
        command.append(f"--input={base}_x{i}.npy")
    command += [f"--output={base}_y{i}.npy" for i in range(len(expected))]
    for step in ([os.path.join(tools, "compressc"), base + ".mindir", "-o",
                  base + ".so", "-q"], command):
        result = subprocess.run(step, capture_output=True, text=True)
        if result.returncode:
            return result.stderr.strip()
    for i, value in enumerate(expected):
        output = np.load(f"{base}_y{i}.npy")
        apart = abs(output.reshape(value.shape) - value).max()
        if not apart <= 1e-5 * max(abs(value).max(), 1e-6):
            return f"output {i} differs by {apart}"
    return None


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("work")
    parser.add_argument("--tools", default=os.path.join(ROOT, "build", "bin"))
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU")
    np.random.seed(1)
    names = [name for name in CASES if re.search(arguments.filter, name)]
    wrong = 0
    for name in names:
        reason = check(name, arguments.work, arguments.tools)
        if reason:
            wrong += 1
            print(f"{name}: {reason}", flush=True)
    print(f"{len(names) - wrong} of {len(names)} agree")
    sys.exit(wrong > 0)


main()
