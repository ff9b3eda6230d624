#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What it would be worth to fuse the layers of MobileNetV2's blocks.

Usage: inverted_residual.py WORK [--tools=FOLDER]

Fused, a block computes some rows of its middle (expanded channels) at a time,
which then stay in a nearer cache level. So each layer of a block is timed by
itself, in int8 on one thread, on all rows of its image, on half and on a
quarter of them: if microseconds a row do not fall, there is nothing to win.

Needs what conv_shapes.py needs.
"""

import argparse
import os

from conv_shapes import Bench, Shape
from torchvision_models import ROOT

# Channels of input, middle and output, size, stride: of blocks that differ.
BLOCKS = [(16, 96, 24, 112, 2), (24, 144, 24, 56, 1), (24, 144, 32, 56, 2),
          (32, 192, 32, 28, 1), (64, 384, 64, 14, 1)]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("work")
    parser.add_argument("--tools", default=os.path.join(ROOT, "build", "bin"))
    arguments = parser.parse_args()
    arguments.target_cpu, arguments.threads = None, 1
    os.makedirs(arguments.work, exist_ok=True)
    bench = Bench(arguments)
    print("block  rows  middle KB  us a row: expand  depthwise  project  all")
    for inputs, middle, outputs, size, stride in BLOCKS:
        for rows in (size, size // 2, size // 4):
            layers = [
                Shape(False, inputs, middle, (rows, size)),
                Shape(False, middle, middle, (rows, size), (3, 3),
                      stride=(stride, stride), padding=(1, 1), groups=middle),
                Shape(False, middle, outputs, (rows // stride, size // stride))]
            times = [bench.time(layer, ["int8", "f32"])["int8"] / rows
                     for layer in layers]
            print(f"{inputs}-{middle}-{outputs}  {rows}  "
                  f"{rows * size * middle / 1024:.0f}  "
                  + "  ".join(f"{us:.3f}" for us in times + [sum(times)]),
                  flush=True)


if __name__ == "__main__":
    main()
