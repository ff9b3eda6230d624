# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs networks compiled for AArch64 and for this machine on the same inputs.

Usage: check_aarch64.py WORK EMULATOR CLANG LLD MODEL...

Prints, for each model and kind of CPU, whether the outputs have the same bits,
or how far they are from each other. Needs compressc and compress-run in the
path.
"""

import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          **options).stdout


def shape_of(library):
    """The extents of the only input, which is f32."""
    text = run("compress-run", "info", library).decode()
    line = next(line for line in text.splitlines() if line.startswith("input:"))
    return [int(extent) for extent in
            line[line.rindex("f32[") + 4:line.rindex("]")].split(",")]


def main():
    work, emulator, clang, lld = sys.argv[1:5]
    at = {name: os.path.join(work, name)
          for name in ["net.so", "net.o", "net", "x.npy", "y.npy"]}
    random = np.random.default_rng(1)
    for model in sys.argv[5:]:
        run("compressc", model, "-q", "--no-header", "-o", at["net.so"])
        image = random.normal(size=shape_of(at["net.so"])).astype(np.float32)
        np.save(at["x.npy"], image)
        run("compress-run", "run", at["net.so"], "--input=" + at["x.npy"],
            "--output=" + at["y.npy"])
        expected = np.load(at["y.npy"])
        for cpu in ["generic", "generic+dotprod", "generic+dotprod+i8mm"]:
            run("compressc", model, "-q", "-o", at["net.o"], "--emit=obj",
                "--threads=1", "--target=aarch64-linux-gnu",
                "--target-cpu=" + cpu)
            run(clang, "--target=aarch64-linux-gnu", "-O1", "-ffreestanding",
                "-fno-builtin", "-nostdlib", "-static", "-fuse-ld=" + lld,
                "-I" + work, os.path.join(HERE, "freestanding.c"), at["net.o"],
                "-o", at["net"])
            output = np.frombuffer(run(emulator, at["net"],
                                       input=image.tobytes()),
                                   expected.dtype).reshape(expected.shape)
            # Not of zeros.
            assert np.ptp(expected) > 0
            far = np.max(np.abs(output - expected)) / np.max(np.abs(expected))
            print(os.path.basename(model), cpu + ":",
                  "same bits" if np.array_equal(output, expected)
                  else "within 1e-5" if far < 1e-5 else f"differs by {far:.2e}")


main()
