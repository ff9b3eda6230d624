#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calibrates public float networks and compares their int8 with their f32.

Usage: calibration.py WORK [--tools=FOLDER] [--choose] [COMPRESSC-OPTION...]

Prints a line a network: the samples for which both have the same top class, and
the ratio of signal to noise at the outputs. ResNet-20, ResNet-56 and MLPerf
Tiny's ResNet-8 (its logits) see 1,000 images of CIFAR-10's training set and are
judged on the 10,000 test images; MobileNetV2 sees 50 images and is judged on 50
others. Whoever compares options to choose one takes --choose: judged are then
training images that calibration has not seen, or for MobileNetV2 those it has.

Needs the data in COMPRESS_DATA_DIR (default: ../shared/data beside the project),
Debian's python3-onnx, and `compressc` and `compress-run` in FOLDER (default:
build/bin).
"""

import os
import re
import subprocess
import sys

import onnx

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("COMPRESS_DATA_DIR",
                      os.path.join(ROOT, os.pardir, "shared", "data"))
NORMALIZED = ["--scale=1/255", "--mean=.485,.456,.406", "--std=.229,.224,.225"]


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stderr.strip())
    return result.stdout


def write_logits(source, path):
    """The network without the softmax at its end."""
    model = onnx.load(source)
    while model.graph.node[-1].op_type in ("Softmax", "Identity"):
        last = model.graph.node.pop()
    model.graph.output[0].name = last.input[0]
    onnx.save(model, path)


def networks(work, choose):
    """Name, file, options of the data, data to calibrate, data to judge."""
    cifar = "cifar10:" + os.path.join(DATA, "cifar10", "")
    seen = [f"--calibrate={cifar}train_calib_1000.bin"]
    judged = ([f"--data={cifar}train_10000.bin", "--skip=1000"] if choose else
              [f"--data={cifar}test_all_10000.bin"])
    for name in ["resnet20", "resnet56"]:
        path = os.path.join(DATA, "cifar10_resnet", name + "_float.onnx")
        yield name, path, NORMALIZED, seen, judged
    logits = os.path.join(work, "resnet8_logits.onnx")
    write_logits(os.path.join(DATA, "mlperf_resnet8",
                              "pretrainedResnet.converted.onnx"), logits)
    yield "resnet8", logits, [], seen, judged
    images = "raw:" + os.path.join(DATA, "imagenet100",
                                   "sample100_224_u8_nhwc.bin,100x224x224x3")
    yield ("mobilenetv2",
           os.path.join(DATA, "mobilenetv2",
                        "mobilenetv2_float_dequantized.onnx"), NORMALIZED,
           ["--input-shape=1x3x224x224", "--calibrate=" + images,
            "--calibration-samples=50"],
           ["--data=" + images] + (["--limit=50"] if choose else ["--skip=50"]))


def main():
    options = [a for a in sys.argv[1:] if a.startswith("-")]
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    if len(names) != 1 or "--help" in options:
        sys.exit(__doc__)
    work = names[0]
    os.makedirs(work, exist_ok=True)
    tools = os.path.join(ROOT, "build", "bin")
    for option in list(options):
        if option.startswith("--tools="):
            tools = option.split("=", 1)[1]
            options.remove(option)
    choose = "--choose" in options
    options = [option for option in options if option != "--choose"]
    compressc, runner = (os.path.join(tools, tool)
                         for tool in ("compressc", "compress-run"))
    print("network      top-1 alike  signal to noise")
    for name, path, prepare, seen, judged in networks(work, choose):
        reference, library = (os.path.join(work, f"{name}_{kind}.so")
                              for kind in ("float", "int8"))
        shape = [o for o in seen if o.startswith("--input-shape")]
        run(compressc, path, "-q", "--no-header", "-o", reference, *shape)
        run(compressc, path, "-q", "--no-header", "-o", library, *seen,
            *prepare, *options)
        line = run(runner, "compare", reference, library, *judged, *prepare)
        alike, ratio = re.search(r"agreement=(\S+) sqnr_db=(\S+)",
                                 line.splitlines()[-1]).groups()
        print(f"{name:12} {alike:>9} %  {ratio:>12} dB", flush=True)


main()
