#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The networks of MindSpore Golden Stick beside what Compress makes of them.

Usage: golden_stick.py WORK [--tools=FOLDER] [--mindspore=PYTHON]

Prints two tables (Markdown). The first has for each compressed MindIR file the
bytes of the float file, of the compressed file and of the int8 library, the times
of one inference in one thread (the least of many), and the accuracy: of the float
network, of the compressed file as MindSpore computes it, and of the library. The
second has what pruning leaves of the networks that are pruned at full size.

With --mindspore the float files are also timed by MindSpore, in one thread; a
Python that has it is given. Compressed files with fake quantization do not run
there: no CPU kernel exists for it.

Needs the data in COMPRESS_DATA_DIR (default: ../shared/data beside the project),
and `compressc` and `compress-run` in FOLDER (default: build/bin).
"""

import argparse
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("COMPRESS_DATA_DIR",
                      os.path.join(ROOT, os.pardir, "shared", "data"))
MNIST = os.path.join(DATA, "mnist", "t10k-")
DIGITS = f"idx:{MNIST}images-idx3-ubyte.gz"
LABELLED = [f"--data={DIGITS},{MNIST}labels-idx1-ubyte.gz", "--skip=8000"]
PREPARED = ["--pad=2", "--pad-first", "--scale=1/255", "--mean=.1307",
            "--std=.3081"]
CALIBRATED = [f"--calibrate={DIGITS}", "--calibration-samples=500", *PREPARED]
CIFAR = ["--calibrate=cifar10:" + os.path.join(DATA, "cifar10",
                                               "train_calib_1000.bin"),
         "--calibration-samples=200", "--scale=1/255",
         "--mean=.485,.456,.406", "--std=.229,.224,.225"]
# The method, the float and the compressed file, options that make int8 of it.
NETWORKS = [
    ("LeNet-5, SimQAT per channel", "lenet_float", "lenet_simqat", []),
    ("LeNet-5, SimQAT per layer, narrow", "lenet_float",
     "lenet_simqat_perlayer_narrow", []),
    ("LeNet-5, SLB 1 bit", "lenet_float", "lenet_slb_w1", CALIBRATED),
    ("LeNet-5, SLB 2 bits", "lenet_float", "lenet_slb_w2", CALIBRATED),
    ("LeNet-5, SLB 4 bits", "lenet_float", "lenet_slb_w4", CALIBRATED),
    ("LeNet-5, UniPruner", "lenet_float", "lenet_unipruned", CALIBRATED),
    ("LeNet with BN, SimQAT no fold", "lenetbn_float",
     "lenetbn_simqat_nofold", []),
    ("LeNet with BN, SimQAT one-conv fold", "lenetbn_float",
     "lenetbn_simqat_onefold", []),
    ("LeNet with BN, SLB 1 bit", "lenetbn_float", "lenetbn_slb_w1",
     CALIBRATED),
    ("ResNet-20, SimQAT no fold", "resnet20_float",
     "resnet20_simqat_nofold", []),
    ("ResNet-20, SCOP", "resnet20_float", "resnet20_scop", CIFAR),
    ("ResNet-20, UniPruner", "resnet20_float", "resnet20_unipruned", CIFAR),
]
# Runs a model many times and prints the least time, in ms.
MINDSPORE = """
import sys, time
import numpy as np, mindspore as ms
ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU", runtime_num_threads=1)
net = ms.nn.GraphCell(ms.load(sys.argv[1]))
x = ms.Tensor(np.zeros([int(n) for n in sys.argv[2].split("x")], np.float32))
times = []
for i in range(600):
    start = time.perf_counter()
    net(x).asnumpy()
    times.append(time.perf_counter() - start)
print("least", 1000 * min(times[100:]))
"""


def run(*command, **more):
    result = subprocess.run(command, capture_output=True, text=True, **more)
    if result.returncode:
        sys.exit(result.stderr.strip()[-2000:])
    return result.stdout + result.stderr


class Bench:
    def __init__(self, arguments):
        self.arguments, self.known = arguments, {}

    def tool(self, name, *options):
        return run(os.path.join(self.arguments.tools, name), *options)

    def file(self, name):
        return os.path.join(DATA, "mindspore", name + ".mindir")

    def compile(self, name, options):
        """The library's path, and what compressc says of it."""
        key = (name, *options)
        if key not in self.known:
            path = os.path.join(self.arguments.work, f"{len(self.known)}.so")
            said = self.tool("compressc", self.file(name), "-o", path,
                             "--threads=1", *options)
            self.known[key] = path, said
        return self.known[key]

    def time(self, path):
        said = self.tool("compress-run", "bench", path, "--threads=1")
        return float(re.search(r"min_ms=([0-9.]+)", said)[1])

    def accuracy(self, name, path):
        if not name.startswith("lenet"):
            return "-"  # trained for a few steps only
        said = self.tool("compress-run", "eval", path, *LABELLED, *PREPARED)
        return re.search(r"top1=([0-9.]+)", said)[1]

    def mindspore(self, name):
        if not self.arguments.mindspore:
            return "-"
        if name in self.known:
            return self.known[name]
        shape = "1x1x32x32" if name.startswith("lenet") else "1x3x32x32"
        said = run(self.arguments.mindspore, "-c", MINDSPORE, self.file(name),
                   shape, env={**os.environ, "OMP_NUM_THREADS": "1"})
        self.known[name] = f"{float(re.search('least ([0-9.]+)', said)[1]):.3f}"
        return self.known[name]


def print_row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("work")
    parser.add_argument("--tools", default=os.path.join(ROOT, "build", "bin"))
    parser.add_argument("--mindspore")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    bench = Bench(arguments)
    size = os.path.getsize

    print_row("network", "float MindIR", "Golden Stick's", "int8 library",
              "MindSpore, float", "library, f32", "library, int8",
              "accuracy: float", "as written", "int8")
    print_row("---", *["--:"] * 9)
    for title, float_name, name, options in NETWORKS:
        full, _ = bench.compile(float_name, [])
        written, _ = bench.compile(name, ["--mindir-as-written"])
        small, said = bench.compile(name, options)
        assert "int8" in said, said
        print_row(title, f"{size(bench.file(float_name)):,}",
                  f"{size(bench.file(name)):,}", f"{size(small):,}",
                  bench.mindspore(float_name), f"{bench.time(full):.3f}",
                  f"{bench.time(small):.3f}", bench.accuracy(name, full),
                  bench.accuracy(name, written), bench.accuracy(name, small))

    print()
    print_row("pruned, f32", "parameters", "multiply-accumulates", "library",
              "ms")
    print_row("---", *["--:"] * 4)
    for name in ["resnet20_float", "resnet20_scop", "resnet20_unipruned",
                 "lenet_float", "lenet_unipruned"]:
        path, said = bench.compile(name, [])
        counts = re.search(r"([0-9,]+) parameters, ([0-9,]+) multiply", said)
        print_row(name, counts[1], counts[2], f"{size(path):,}",
                  f"{bench.time(path):.3f}")


main()
