#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prunes the classification models of torchvision and compares the results.

Usage: pruned_models.py WORK [--tools=FOLDER] [--rate=R] [--criterion=C]
                        [--size=N] [-v] [NAME...]

Every model (or those named) gets random weights, also in its normalizations,
and is exported to ONNX as PyTorch does it. `compress-opt` masks half of the
channels of every group that may be pruned; once they are left in, once they are
taken out; both networks are compiled to f32 and run on one random image. Prints
a line a model: the largest difference between the two, relative to the largest
magnitude, parameters and multiply-accumulates before and after, how many groups
were pruned, and, with -v, which stay and why. Fails where a model is not pruned
or differs by more than 1e-5.

Needs what torchvision_models.py needs, and `compress-opt` in FOLDER.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import torch
import torchvision

import torchvision_models
from torchvision_models import ROOT, run


def randomize(model):
    """Gives normalizations numbers of their own: they begin as no-ops."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.weight.uniform_(.5, 1.5)
                module.bias.normal_(0, .1)
                module.running_mean.normal_(0, .1)
                module.running_var.uniform_(.5, 1.5)


def prune(name, work, tools, size, select):
    """Returns difference, costs before and after, and what stays."""
    shutil.rmtree(work, ignore_errors=True)  # External data has many files.
    os.makedirs(work)

    def at(file):
        return os.path.join(work, file)

    def tool(program, *arguments):
        return run(os.path.join(tools, program), *arguments)

    image, _ = torchvision_models.export(name, at("model.onnx"), size,
                                         randomize)
    np.save(at("in.npy"), image)
    tool("compressc", at("model.onnx"), "-q", "--emit=model", "--bytecode",
         "-o", at("model.mlirbc"))
    groups = tool("compress-opt", at("model.mlirbc"),
                  "--compress-print-channel-groups", "-o", os.devnull)
    start = time.time()
    tool("compress-opt", at("model.mlirbc"), "--compress-select-channels=" +
         select, "--emit-bytecode", "-o", at("selected.mlirbc"))
    tool("compress-opt", at("selected.mlirbc"), "--compress-remove-channels",
         "--emit-bytecode", "-o", at("pruned.mlirbc"))
    seconds = time.time() - start
    # As multiplications: compressc takes masks out by itself.
    tool("compress-opt", at("selected.mlirbc"), "--compress-lower-masks",
         "--emit-bytecode", "-o", at("masked.mlirbc"))
    costs, outputs = [], []
    for kind in ("model", "masked", "pruned"):
        report = at(kind + ".json")
        tool("compressc", at(kind + ".mlirbc"), "-q", "--no-header", "-o",
             at(kind + ".so"), "--report=" + report)
        with open(report) as file:
            costs.append(json.load(file))
        tool("compress-run", "run", at(kind + ".so"),
             "--input=" + at("in.npy"), "--output=" + at(kind + ".npy"))
        outputs.append(np.load(at(kind + ".npy")))
    full, masked, pruned = outputs
    if np.array_equal(full, masked):
        raise RuntimeError("the masks change nothing")
    difference = np.max(np.abs(masked - pruned)) / np.max(np.abs(masked))
    return difference, costs[0], costs[2], groups, seconds


def main():
    options = dict(argument[2:].split("=", 1) for argument in sys.argv[1:]
                   if argument.startswith("--") and "=" in argument)
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    if not names or set(options) - {"tools", "size", "rate", "criterion"}:
        sys.exit(__doc__)
    work = os.path.join(names.pop(0), "pruned")
    tools = options.get("tools", os.path.join(ROOT, "build", "bin"))
    select = (f"criterion={options.get('criterion', 'l1')} "
              f"rate={options.get('rate', '0.5')}")
    names = names or torchvision.models.list_models(module=torchvision.models)
    failed = []
    for name in names:
        try:
            difference, before, after, groups, seconds = prune(
                name, work, tools, int(options.get("size", 0)), select)
            lines = re.findall("^group .*", groups, re.MULTILINE)
            stay = [line for line in lines if ", pinned: " in line or
                    ", stays: " in line]
            good = difference <= 1e-5  # NaN is not.
            print(f"{name:20} {'equal' if good else 'DIFFERS':8} "
                  f"{difference:.1e}  parameters x "
                  f"{after['parameters'] / before['parameters']:.3f}, "
                  f"multiply-accumulates x {after['macs'] / before['macs']:.3f}, "
                  f"{len(lines) - len(stay)} of {len(lines)} groups, "
                  f"pruned in {seconds:.1f} s", flush=True)
            if "-v" in sys.argv:
                for line in stay:
                    print("    " + line, flush=True)
        except Exception as error:  # One model must not end the others.
            good = False
            print(f"{name:20} FAILED   {error}", flush=True)
        if not good:
            failed.append(name)
    print(f"{len(names) - len(failed)} of {len(names)} models; left: "
          f"{', '.join(failed) or 'none'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
