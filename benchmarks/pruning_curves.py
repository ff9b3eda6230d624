#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prunes ResNet-20 or ResNet-56 by every criterion and tests the accuracy.

Usage: pruning_curves.py WORK [--tools=FOLDER] [--network=resnet20]
         [--criteria=l1,...] [--keep=90,80,70,60,50] [--samples=1000]
         [--repair=none,once,ordered] [--trials=N]

Channels within residual blocks are ranked together, and those go that leave the
given percentage of the multiply-accumulates; nothing is trained. Scores and
repair see the first --samples images of CIFAR-10's training set, the accuracy is
that of all 10,000 test images. A line is printed a result and kept in
WORK/NETWORK-SAMPLES.csv; what stands there is not computed again. Criteria that
take data divide the budget by trials, of which --trials counts those of the
whole network, five at least; those of one layer alone are the same for every
percentage and stand in WORK/NETWORK-SAMPLES-CRITERION-FITTED.json.

Needs the data in COMPRESS_DATA_DIR (default: ../shared/data beside the project)
and `compressc` and `compress-run` in FOLDER (default: build/bin).
"""

import csv
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("COMPRESS_DATA_DIR",
                      os.path.join(ROOT, os.pardir, "shared", "data"))
NORMALIZED = ["--scale=1/255", "--mean=.485,.456,.406", "--std=.229,.224,.225"]
FROM_WEIGHTS = ["random", "l1", "l2", "gamma", "fpgm", "lamp", "median-ratio"]
FROM_DATA = ["activation-mean", "activation-variance", "knockoff",
             "knockoff-gaussian", "reconstruction"]
# What the blocks add to: pruned as well it costs all of them.
STREAMS = "/conv1/*,/layer2/layer2.0/conv2/*,/layer3/layer3.0/conv2/*"


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stderr.strip())
    return result.stdout


def measure(work, tools, options, criterion, keep, repair):
    """The percentages of correct answers and of multiply-accumulates kept."""
    # gamma is that of the batch normalization, which the other file has folded.
    suffix = "float_bn" if criterion == "gamma" else "float"
    model = os.path.join(DATA, "cifar10_resnet",
                         f"{options['network']}_{suffix}.onnx")
    cifar = "cifar10:" + os.path.join(DATA, "cifar10", "")
    library = os.path.join(work, "pruned.so")
    report = os.path.join(work, "pruned.json")
    compressc = os.path.join(tools, "compressc")
    data = [f"--prune-criterion={criterion}", f"--prune-exclude={STREAMS}",
            f"--prune-data={cifar}train_10000.bin",
            f"--prune-samples={options['samples']}", *NORMALIZED]
    if repair == "none":
        data.append("--no-repair")
    extra = ["--repair-once"] if repair == "once" else []
    if criterion in FROM_DATA:
        fitted = "none" if repair == "none" else "fitted"
        layers = os.path.join(
            work, f"{options['network']}-{options['samples']}-{criterion}-"
            f"{fitted}.json")
        run(compressc, model, f"--sensitivity={layers}",
            "--sensitivity-rates=0.5", "-q", *data)
        extra += [f"--prune-sensitivity={layers}",
                  "--prune-trials=" + options["trials"]]
    run(compressc, model, "-o", library, "-q",
        "--no-header", f"--report={report}", f"--prune={1 - keep / 100:.6g}",
        "--prune-scope=global", "--prune-budget=macs", *data, *extra)
    text = run(os.path.join(tools, "compress-run"), "eval", library,
               f"--data={cifar}test_all_10000.bin", *NORMALIZED)
    with open(report) as file:
        counts = json.load(file)
    return (float(re.search(r"top1=([\d.]+)", text).group(1)),
            100 * counts["macs"] / counts["imported"]["macs"])


def main():
    options = {"network": "resnet20",
               "criteria": ",".join(FROM_WEIGHTS + FROM_DATA),
               "keep": "90,80,70,60,50", "samples": "1000",
               "repair": "none,once,ordered", "trials": "1",
               "tools": os.path.join(ROOT, "build", "bin")}
    work = None
    for argument in sys.argv[1:]:
        name, separator, value = argument.partition("=")
        if separator and name[:2] == "--" and name[2:] in options:
            options[name[2:]] = value
        elif work is None and argument[0] != "-":
            work = argument
        else:
            sys.exit(__doc__.strip())
    if work is None:
        sys.exit(__doc__.strip())
    os.makedirs(work, exist_ok=True)
    path = os.path.join(
        work, f"{options['network']}-{options['samples']}.csv")
    done = {}
    if os.path.exists(path):
        with open(path) as file:
            done = {tuple(row[:3]): row[3:] for row in csv.reader(file)}
    for repair in options["repair"].split(","):
        for criterion in options["criteria"].split(","):
            for keep in options["keep"].split(","):
                key = (criterion, repair, keep)
                if key not in done:
                    top1, macs = measure(work, options["tools"], options,
                                         criterion, float(keep), repair)
                    done[key] = [f"{top1:.2f}", f"{macs:.2f}"]
                    with open(path, "a") as file:
                        csv.writer(file).writerow([*key, *done[key]])
                print(*key, *done[key], flush=True)


if __name__ == "__main__":
    main()
