#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prunes residual networks as SCOP does and counts what is left.

Usage: pruned_topologies.py WORK [--tools=FOLDER] [--rate=R] [--count-only]
                            [NAME...]

torchvision's ResNet-18, -34, -50 and -101 (or those named) get random weights,
batch norms and gates, one gate behind each convolution of a block but those on
a shortcut, and are written to WORK as ONNX with BatchNormalization nodes.
`compressc --scop-prune=RATE --emit=onnx` writes the smaller network. Its
parameters (convolutions, gamma and beta of batch norms, dense layer; no running
statistics) and multiply-accumulates at 224 x 224 are compared

  - with what is computed here from the gates of the large one, exactly;
  - with the figures known for these networks and rates;

and, where onnxruntime is installed, its results with those of the large network
in which the same channels are zero. Prints a line for each network and rate;
fails if one differs.

With --rate=R the networks are pruned at that rate, for which nothing is known
but what is computed. With --count-only compressc is not run: what is compared
is the computation here with the known figures.

Needs torchvision and onnx, and `compressc` in FOLDER (default: build/bin). WORK
keeps the large networks, 420 MB, and one pruned one at a time.
"""

import math
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import onnx
import torch
import torchvision
from onnx import helper, numpy_helper

try:
    import onnxruntime
except ImportError:
    onnxruntime = None

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIZE = 224

# Network, rate, parameters and multiply-accumulates that go, in per cent, and
# the parameters that are left where they are known exactly.
KNOWN = [
    ("resnet18", 0.30, "39.3", "38.1", None),
    ("resnet34", 0.30, "39.7", "39.15", None),
    ("resnet50", 0.35, "42.8", "45.4", 14_617_421),
    ("resnet50", 0.45, "52.2", "55.6", 12_209_092),
    ("resnet101", 0.35, "46.8", "48.6", None),
]

# What is pruned: bn1, bn2, bn3 of a block, not the one of its shortcut.
GATED = re.compile(r"layer\d+\.\d+\.bn\d+\.weight")


# The network with gates.


def build(name):
    """With random weights and statistics that keep results within f32."""
    torch.manual_seed(0)
    model = torchvision.models.get_model(name, weights=None).eval()
    with torch.no_grad():
        for key, module in model.named_modules():
            if not isinstance(module, torch.nn.BatchNorm2d):
                continue
            last = key.endswith("bn3" if hasattr(model.layer1[0], "bn3")
                                else "bn2") and key.startswith("layer")
            module.weight.uniform_(0.1, 0.5) if last else \
                module.weight.uniform_(0.5, 1.5)
            module.bias.normal_(std=0.1)
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
    return model


def export(model, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, torch.zeros(1, 3, SIZE, SIZE), path,
                          opset_version=13, do_constant_folding=False,
                          training=torch.onnx.TrainingMode.PRESERVE)


def add_gates(model):
    """The same with compress::ChannelGate behind what GATED names."""
    generator = np.random.default_rng(0)
    graph = model.graph
    tensors = read_tensors(graph)
    nodes = list(graph.node)
    del graph.node[:]
    for node in nodes:
        graph.node.append(node)
        if node.op_type != "BatchNormalization" or \
                not GATED.fullmatch(node.input[1]):
            continue
        gamma = tensors[node.input[1]]
        output, key = node.output[0], node.input[1].removesuffix("weight")
        graph.node[-1].output[0] = inner = f"{output}_ungated"
        beta = generator.uniform(0, 1, gamma.size).astype(np.float32)
        graph.initializer.extend([numpy_helper.from_array(beta, key + "gate"),
                                  numpy_helper.from_array(gamma, key + "gamma")])
        graph.node.append(helper.make_node(
            "ChannelGate", [inner, key + "gate", key + "gamma"], [output],
            key + "gate", domain="compress", axis=1))
    opset = helper.make_opsetid("", 13)
    identity = helper.make_function(
        "compress", "ChannelGate", ["x", "beta", "gamma"], ["y"],
        [helper.make_node("Identity", ["x"], ["y"])], [opset], ["axis"])
    return helper.make_model(
        graph, ir_version=8, functions=[identity],
        opset_imports=[opset, helper.make_opsetid("compress", 1)])


def read_tensors(graph):
    return {i.name: numpy_helper.to_array(i) for i in graph.initializer}


def lowest(tensors, gate, rate):
    """The channels of a gate that go."""
    beta, gamma = (tensors[name].astype(np.float64) for name in gate.input[1:3])
    scores = np.abs(gamma) * (2 * beta - 1)
    return np.argsort(scores, kind="stable")[:int(rate * scores.size)]


# Counting.


def read_shapes(model):
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    values = list(inferred.graph.value_info) + list(inferred.graph.output)
    return {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim]
            for v in values}


def count(model, rate=None):
    """Parameters and multiply-accumulates of a model; with `rate` of what is
    left of it when the gates have done their work."""
    graph, shapes = model.graph, read_shapes(model)
    tensors = read_tensors(graph)
    producers = {node.output[0]: node for node in graph.node}
    # Live channels by tensor. A gate says it of what is before it, too; a sum is
    # as wide as ever.
    live = {}
    for node in graph.node:
        if node.op_type == "ChannelGate" and rate is not None:
            gone = lowest(tensors, node, rate)
            tensor = node.output[0]
            live[tensor] = tensors[node.input[1]].size - len(gone)
            while producers[tensor].op_type != "Conv":
                parent = producers[tensor].input[0]
                live[parent] = live[tensor]
                tensor = parent
    parameters = macs = 0
    for node in graph.node:
        x, y = node.input[0], node.output[0]
        if node.op_type == "Conv":
            if len(node.input) > 2:
                raise RuntimeError(f"{node.name} has a bias: its batch norm "
                                   "has been folded, and is not to be counted")
            weight = tensors[node.input[1]]
            size = (live.get(y, weight.shape[0]) *
                    live.get(x, weight.shape[1]) * math.prod(weight.shape[2:]))
            parameters += size
            macs += size * math.prod(shapes[y][2:])
        elif node.op_type == "Gemm":
            size = tensors[node.input[1]].size
            parameters += size + tensors[node.input[2]].size
            macs += size
        elif node.op_type == "BatchNormalization":
            parameters += 2 * live.get(y, tensors[node.input[1]].size)
        elif node.op_type in ("Relu", "MaxPool") and x in live:
            live[y] = live[x]
    return parameters, macs


# The tool.


def prune(tools, path, rate, pruned):
    """The one call of the tool that is measured here."""
    command = [os.path.join(tools, "compressc"), path, f"--scop-prune={rate}",
               "--emit=onnx", "-q", "-o", pruned]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no message"]
        raise RuntimeError(lines[0][:300])


def mask(model, rate):
    """`model` with 0 for gamma and beta of the batch norms of all channels that
    go."""
    masked = onnx.ModelProto()
    masked.CopyFrom(model)
    arrays = read_tensors(masked.graph)
    stored = {i.name: i for i in masked.graph.initializer}
    producers = {node.output[0]: node for node in masked.graph.node}
    for node in masked.graph.node:
        if node.op_type != "ChannelGate":
            continue
        gone = lowest(arrays, node, rate)
        for name in producers[node.input[0]].input[1:3]:
            array = arrays[name].copy()
            array[gone] = 0
            stored[name].CopyFrom(numpy_helper.from_array(array, name))
    return masked


def run(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"])
    image = np.random.default_rng(1).standard_normal((1, 3, SIZE, SIZE))
    return session.run(None, {session.get_inputs()[0].name:
                              image.astype(np.float32)})[0]


# The table.


def matches(before, after, known):
    """Whether what has gone rounds to the per cent in `known`."""
    digits = len(known.partition(".")[2])
    return f"{100 * (1 - after / before):.{digits}f}" == known


def check(model, path, row, tools):
    """Prints a line for one network and rate; returns whether all agrees."""
    name, rate, known_parameters, known_macs, exact = row
    before = count(model)
    after = expected = count(model, rate)
    wrong = []
    if tools:
        pruned = path.replace(".onnx", ".pruned.onnx")
        prune(tools, path, rate, pruned)
        small = onnx.load(pruned)
        after = count(small)
        if after != expected:
            wrong.append("computed {:,} and {:,}".format(*expected))
        if onnxruntime:
            reference, output = run(mask(model, rate)), run(small)
            error = np.max(np.abs(output - reference)) / \
                np.max(np.abs(reference))
            if not error <= 1e-4:  # NaN is not.
                wrong.append(f"results differ by {error:.1e}")
        os.remove(pruned)
    if known_parameters and not matches(before[0], after[0], known_parameters):
        wrong.append(f"known -{known_parameters} % of the parameters")
    if known_macs and not matches(before[1], after[1], known_macs):
        wrong.append(f"known -{known_macs} % of the multiply-accumulates")
    if exact and after[0] != exact:
        wrong.append(f"known {exact:,} parameters")
    print(f"{name:10} {rate:5.2f} {before[0]:12,} {after[0]:12,} "
          f"{100 * (after[0] / before[0] - 1):7.2f} % {before[1]:15,} "
          f"{after[1]:14,} {100 * (after[1] / before[1] - 1):7.2f} %  "
          f"{'; '.join(wrong) or 'equal'}", flush=True)
    return not wrong


def main():
    count_only = "--count-only" in sys.argv
    options = dict(argument[2:].split("=", 1) for argument in sys.argv[1:]
                   if argument.startswith("--") and "=" in argument)
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    if not names or set(options) - {"tools", "rate"}:
        sys.exit(__doc__)
    work = names.pop(0)
    tools = options.get("tools", os.path.join(ROOT, "build", "bin"))
    rows = [row for row in KNOWN if not names or row[0] in names]
    if "rate" in options:
        rows = [(name, float(options["rate"]), None, None, None)
                for name in dict.fromkeys(row[0] for row in rows)]
    if not rows:
        sys.exit(f"{', '.join(names)}: not among the networks\n\n{__doc__}")
    os.makedirs(work, exist_ok=True)
    print(f"{'network':10} {'rate':>5} {'parameters':>12} {'pruned':>12} "
          f"{'':9} {'MACs':>15} {'pruned':>14}")
    good, loaded = True, None
    for row in rows:
        path = os.path.join(work, row[0] + ".onnx")
        try:
            if loaded != row[0]:
                export(build(row[0]), path)
                model = add_gates(onnx.load(path))
                onnx.save(model, path)
                loaded = row[0]
            good &= check(model, path, row, None if count_only else tools)
        except Exception as error:  # One network must not end the others.
            good = False
            print(f"{row[0]:10} {row[1]:5.2f} FAILED {error}", flush=True)
    sys.exit(0 if good else 1)


main()
