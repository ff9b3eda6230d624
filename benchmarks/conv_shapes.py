#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times every layer shape of torchvision's classification models, int8 and f32.

Usage: conv_shapes.py WORK [--tools=FOLDER] [--models=NAME,...] [--limit=N]
         [--target-cpu=CPU] [--threads=1] [--chart=FILE.svg]

The shapes are those of all distinct convolutions and dense layers that the
models (or those named) run on one image; --limit takes N of them, spread over
all. Each is compiled by itself, once in int8 and once in f32, and where
Winograd's algorithm may be used also without it (direct).

The time is that of the layer's kernels with bias and ReLU, from codes to codes
in int8: the input is made by a kernel before it, which does not count. It is
the least of many runs, in turns. Before each, other memory is read until the
weights have left the second cache level, as they have in a large network;
activations are in the caches as far as they fit.

Where int8 is not faster, the layer is also timed as an int8 network would have
it if it stayed f32: between codes, which are converted where it reads and writes
them.

A line is printed a shape and kept in WORK/shapes-CPU-THREADS.csv; what stands
there is not measured again: remove the file where the tools have changed. Last
come a summary and a chart, by default WORK/shapes-CPU-THREADS.svg, without the
shapes that take less than 0.1 us.

Needs Debian's python3-torchvision and python3-onnx, and `compressc` in FOLDER
(default: build/bin).
"""

import argparse
import csv
import math
import os
import re
import statistics
import sys
import time
import warnings
from contextlib import ExitStack, closing
from typing import NamedTuple

import numpy as np
import onnx
import torch
import torchvision
from onnx import helper, numpy_helper
from torch.overrides import TorchFunctionMode

from conv_shapes_chart import KINDS, draw
from profiled_library import Library
from torchvision_models import ROOT, run


# Less is a few reads of the clock, which the CPU reads before the last results
# are there.
SHORTEST_US = 0.1


class Shape(NamedTuple):
    """A convolution, or a dense layer of size[0] rows."""
    dense: bool
    inputs: int
    outputs: int
    size: tuple  # of the input: height and width
    kernel: tuple = (1, 1)
    stride: tuple = (1, 1)
    padding: tuple = (0, 0)
    dilation: tuple = (1, 1)
    groups: int = 1

    @property
    def kind(self):
        if self.dense:
            return "dense"
        if self.groups > 1:
            return "depthwise" if self.groups == self.inputs else "grouped"
        square = self.kernel[0] == self.kernel[1] and self.kernel[0] in (1, 3)
        return "{}x{}".format(*self.kernel) if square else "other"

    @property
    def may_use_winograd(self):
        return self.kind == "3x3" and self.stride == self.dilation == (1, 1)

    @property
    def output_size(self):
        return tuple(
            (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
            for size, kernel, stride, padding, dilation in zip(
                self.size, self.kernel, self.stride, self.padding,
                self.dilation))

    @property
    def weights(self):
        return (self.outputs, self.inputs // self.groups, *self.kernel)

    @property
    def macs(self):
        return math.prod(self.weights) * math.prod(self.output_size)

    def __str__(self):
        if self.dense:
            return f"{self.size[0]} rows of {self.inputs} to {self.outputs}"
        text = "{}x{}x{} to {}, {}x{}".format(
            self.inputs, *self.size, self.outputs, *self.kernel)
        for name, pair, default in [("stride", self.stride, 1),
                                    ("padding", self.padding, 0),
                                    ("dilation", self.dilation, 1)]:
            if pair != (default, default):
                text += f" {name} " + (str(pair[0]) if pair[0] == pair[1]
                                       else "{}x{}".format(*pair))
        return text + (f" groups {self.groups}" if self.groups > 1 else "")


class Recorder(TorchFunctionMode):
    """Makes weights without numbers, and notes the shapes of layers."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        name = getattr(function, "__name__", "")
        if name == "empty" and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        elif name == "conv2d":
            # Without weights and bias: those that follow may be left out.
            rest = dict(zip(["stride", "padding", "dilation", "groups"],
                            args[3:]), **kwargs)
            rest.pop("bias", None)
            (_, inputs, *size), (outputs, _, *kernel) = (each.shape
                                                         for each in args[:2])
            self.shapes.append(Shape(
                False, inputs, outputs, tuple(size), tuple(kernel),
                **{key: value if key == "groups" else tuple(value)
                   for key, value in rest.items()}))
        elif name == "linear":
            outputs, inputs = args[1].shape
            rows = args[0].numel() // inputs
            self.shapes.append(Shape(True, inputs, outputs, (rows, 1)))
        return function(*args, **kwargs)


def collect(names):
    """The shapes, each with the name of a model and how many layers have it."""
    found = {}
    for name in names:
        size = 299 if name == "inception_v3" else 224
        with warnings.catch_warnings(), Recorder() as recorder:
            warnings.simplefilter("ignore")
            model = torchvision.models.get_model(name, weights=None).eval()
            model.to("meta")(torch.empty(1, 3, size, size, device="meta"))
        for shape in recorder.shapes:
            first, layers = found.get(shape, (name, 0))
            found[shape] = first, layers + 1
    return found


def write_model(shape, path, codes_in_memory, int8):
    """One layer with bias and ReLU as ONNX, whose input another op computes.

    With codes_in_memory its input and output are quantized, with int8 its
    weights."""
    nodes, constants = [], []
    random = np.random.default_rng(0)

    def constant(name, array):
        constants.append(numpy_helper.from_array(array, name))

    def node(op, inputs, output, source, **attributes):
        nodes.append(helper.make_node(op, inputs.split(), [output], name=source,
                                      **attributes))

    def requantize(name, result, scale, zero_point, source):
        constant(name + "_scale", np.float32(scale))
        constant(name + "_zero", np.uint8(zero_point))
        parameters = f"{name}_scale {name}_zero"
        node("QuantizeLinear", f"{name} {parameters}", name + "_q", source)
        node("DequantizeLinear", f"{name}_q {parameters}", result, source)

    def dequantized(name, codes, scales):
        constant(name + "_q", codes)
        constant(name + "_scale", scales)
        node("DequantizeLinear", f"{name}_q {name}_scale", name, name, axis=0)

    weights = shape.weights[:2] if shape.dense else shape.weights
    fan_in = math.prod(weights[1:])
    # A few numbers again and again: so many random ones would take long.
    codes = np.resize(random.integers(-127, 128, 65521, np.int8), weights)
    bias = random.integers(-1000, 1000, shape.outputs, np.int32)
    scales = np.linspace(1, 2, shape.outputs, dtype=np.float32) / (
        127 * math.sqrt(fan_in))
    # Channels are last, as they are within a network: no one transposes them.
    first_size, last_size = [1, *shape.size], [1, *shape.output_size]
    if shape.dense:
        first_size = last_size = [shape.size[0]]
        node("Relu", "in", "x", "producer")
    else:
        node("Transpose", "in", "nchw", "producer", perm=[0, 3, 1, 2])
        node("Relu", "nchw", "x", "producer")
    if codes_in_memory:
        requantize("x", "a", 1 / 128, 3, "producer")
    if int8:
        dequantized("w", codes, scales)
        dequantized("b", bias, scales / np.float32(128))
    else:
        across = (-1,) + (1,) * (len(weights) - 1)
        constant("w", codes * scales.reshape(across))
        constant("b", (bias * scales / 128).astype(np.float32))
    layer_input = "a" if codes_in_memory else "x"
    if shape.dense:
        node("Gemm", layer_input + " w b", "sum", "layer", transB=1)
    else:
        node("Conv", layer_input + " w b", "sum", "layer", group=shape.groups,
             kernel_shape=shape.kernel, strides=shape.stride,
             pads=shape.padding * 2, dilations=shape.dilation)
    node("Relu", "sum", "y", "layer")
    if codes_in_memory:
        requantize("y", "z", 1 / 64, 0, "layer")
    last = "z" if codes_in_memory else "y"
    if not shape.dense:
        node("Transpose", last, "out", "layer", perm=[0, 2, 3, 1])
        last = "out"

    def value(name, dims):
        return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT,
                                             dims)

    graph = helper.make_graph(nodes, "layer",
                              [value("in", first_size + [shape.inputs])],
                              [value(last, last_size + [shape.outputs])],
                              constants)
    onnx.save(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)]), path)


def second_cache_level():
    path = "/sys/devices/system/cpu/cpu0/cache/index2/size"
    try:
        with open(path) as file:
            return int(file.read().strip().rstrip("K")) << 10
    except OSError:
        return 2 << 20


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.other_memory = np.zeros(2 * second_cache_level() // 8, np.int64)
        shape = Shape(False, 64, 64, (56, 56), (3, 3), padding=(1, 1))
        with closing(self.compile(shape, "direct")) as library:
            self.target = library.target
            runs = [library.run(arguments.threads) for _ in range(100)]
        # What a run takes beside its kernels is little of this layer's time.
        self.microseconds_of_tick = 1e6 * min(seconds / ticks
                                              for _, seconds, ticks in runs)

    def compile(self, shape, kind):
        model, path = (os.path.join(self.arguments.work, kind + ending)
                       for ending in (".onnx", ".so"))
        codes_in_memory = kind in ("int8", "between")
        write_model(shape, model, codes_in_memory, kind == "int8")
        options = ["--int8-io"] if codes_in_memory else []
        if kind == "direct":
            options.append("--no-winograd")
        if self.arguments.target_cpu:
            options.append("--target-cpu=" + self.arguments.target_cpu)
        run(os.path.join(self.arguments.tools, "compressc"), model, "-o", path,
            "-q", "--no-header", "--profile",
            f"--threads={self.arguments.threads}", *options)
        library = Library(path)
        os.remove(model)
        os.remove(path)
        return library

    def time_in_turns(self, libraries, shape):
        for library in libraries.values():
            if library.macs != shape.macs:
                raise RuntimeError(f"{library.macs} multiply-accumulates were "
                                   f"compiled, not {shape.macs}")
        least = dict.fromkeys(libraries, math.inf)
        begin, rounds, fell = time.perf_counter(), 0, 0
        # For 0.3 s, or 1.5 s where int8 is hardly faster, as clock rates vary.
        # Longer where other programs disturb: until no time has fallen in the
        # second half of the rounds.
        while True:
            seconds = time.perf_counter() - begin
            enough = 0.3 if least["int8"] < 0.8 * least["f32"] else 1.5
            if seconds > (enough if rounds >= max(10, 2 * fell) else 3):
                break
            rounds += 1
            for kind, library in libraries.items():
                self.other_memory.sum()
                ticks, _, _ = library.run(self.arguments.threads)
                if ticks < 0.98 * least[kind]:
                    fell = rounds
                least[kind] = min(least[kind], ticks)
        return least

    def measure(self, shape):
        """Microseconds in int8, f32, f32 without Winograd's algorithm, and f32
        between codes, or 0 where int8 is faster anyway."""
        kinds = ["int8", "f32"]
        if shape.may_use_winograd:
            kinds.append("direct")
        least = self.time(shape, kinds)
        least["between"] = 0
        if least["int8"] >= least["f32"] >= SHORTEST_US:
            again = self.time(shape, kinds + ["between"])
            for kind in kinds:
                least[kind] = min(least[kind], again[kind])
            if least["int8"] >= least["f32"]:
                least["between"] = again["between"]
        least.setdefault("direct", least["f32"])
        return [least[kind] for kind in ("int8", "f32", "direct", "between")]

    def time(self, shape, kinds):
        """The microseconds of each of the kinds, in turns."""
        # Closed whatever happens: the next ones have the same names.
        with ExitStack() as stack:
            libraries = {
                kind: stack.enter_context(closing(self.compile(shape, kind)))
                for kind in kinds}
            least = self.time_in_turns(libraries, shape)
        return {kind: float(f"{self.microseconds_of_tick * ticks:.4g}")
                for kind, ticks in least.items()}


class Result(NamedTuple):
    shape: str
    kind: str
    macs: int
    layers: int
    model: str
    int8_us: float
    f32_us: float
    direct_us: float
    between_us: float  # 0 where int8 is faster than f32

    @property
    def ratio(self):
        return self.int8_us / self.f32_us

    def __str__(self):
        direct = "" if self.direct_us == self.f32_us else (
            f", direct {self.direct_us:g}")
        if self.between_us:
            direct += f", between codes {self.between_us:g}"
        return (f"{self.ratio:.3f}  {self.int8_us:g} of {self.f32_us:g} us"
                f"{direct}  {self.shape}  ({self.model})")


def summarize(results):
    print(f"\n{'kind':10} shapes  median  best  worst  above 1")
    for kind in KINDS + ["all"]:
        ratios = [each.ratio for each in results if kind in (each.kind, "all")]
        if ratios:
            print(f"{kind:10} {len(ratios):6}  {statistics.median(ratios):6.3f}"
                  f" {min(ratios):5.3f}  {max(ratios):5.3f}  "
                  f"{sum(ratio > 1 for ratio in ratios):7}")
    slower = sum(each.int8_us > each.direct_us for each in results)
    kept = sum(0 < each.between_us < each.int8_us for each in results)
    print(f"above 1 against direct f32: {slower}, against f32 between codes: "
          f"{kept}\n\nThe worst:")
    for each in sorted(results, key=lambda each: -each.ratio)[:10]:
        print(each)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("work")
    parser.add_argument("--tools", default=os.path.join(ROOT, "build", "bin"))
    parser.add_argument("--models", type=lambda text: text.split(","))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--target-cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--chart")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    base = os.path.join(
        arguments.work,
        f"shapes-{arguments.target_cpu or 'native'}-{arguments.threads}")
    known = {}
    if os.path.exists(base + ".csv"):
        with open(base + ".csv", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames and tuple(reader.fieldnames) != Result._fields:
                sys.exit(f"{base}.csv: is of another version; remove it")
            known = {row["shape"]: [float(row[kind + "_us"]) for kind in
                                    ("int8", "f32", "direct", "between")]
                     for row in reader}

    found = list(collect(arguments.models or torchvision.models.list_models(
        module=torchvision.models)).items())
    print(f"{len(found)} shapes, "
          f"{sum(layers for _, (_, layers) in found)} layers", flush=True)
    if arguments.limit and arguments.limit < len(found):
        found = [found[i * len(found) // arguments.limit]
                 for i in range(arguments.limit)]
    try:
        bench = Bench(arguments)
    except RuntimeError as error:
        sys.exit(str(error))
    results, failed = [], 0
    with open(base + ".csv", "a", newline="") as file:
        writer = csv.writer(file)
        if not known and not file.tell():
            writer.writerow(Result._fields)
        for shape, (model, layers) in found:
            try:
                times = known.get(str(shape)) or bench.measure(shape)
            except RuntimeError as error:  # One shape must not end the others.
                failed += 1
                print(f"FAILED  {shape}: {error}", flush=True)
                continue
            result = Result(str(shape), shape.kind, shape.macs, layers, model,
                            *times)
            if str(shape) not in known:
                writer.writerow(result)
                file.flush()
                print(result, flush=True)
            results.append(result)
    resolved = [each for each in results
                if max(each.int8_us, each.f32_us) >= SHORTEST_US]
    print(f"{len(results) - len(resolved)} shapes take less than "
          f"{SHORTEST_US} us and are left out; {failed} failed")
    if resolved:
        summarize(resolved)
        features = set(re.split(r"[:,]", bench.target))
        target = next((name for feature, name in
                       [("+amx-int8", "AMX"), ("+avx512vnni", "AVX512-VNNI"),
                        ("+avxvnni", "AVX-VNNI"), ("+avx2", "AVX2")]
                       if feature in features), bench.target.split(":")[0])
        target += f", {arguments.threads} thread" + (
            "s" if arguments.threads > 1 else "")
        with open(arguments.chart or base + ".svg", "w") as file:
            file.write(draw(resolved, target))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
