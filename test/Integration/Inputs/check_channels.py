#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the channels that a pruned ONNX network kept with a list.

Usage: check_channels.py full.onnx pruned.onnx kept.json

The list has for each convolution the channels of the full network that stay. Each
is the convolution whose weights have its name and as many outputs as the list;
its filters must be those of the full network, in order, cut to the inputs that
stay.
"""

import json
import sys

import numpy as np
import onnx
from onnx import numpy_helper


def convolutions(path):
    """Weights of all convolutions, in the order of the graph."""
    model = onnx.load(path)
    weights = {i.name: numpy_helper.to_array(i)
               for i in model.graph.initializer}
    return [(node.input[1], weights[node.input[1]])
            for node in model.graph.node if node.op_type == "Conv"]


def main():
    full, pruned = convolutions(sys.argv[1]), convolutions(sys.argv[2])
    with open(sys.argv[3]) as file:
        kept = json.load(file)
    assert len(full) == len(pruned), (len(full), len(pruned))
    checked = 0
    for (name, large), (_, small) in zip(full, pruned):
        layers = [layer for layer in kept if name.startswith(layer + ".")]
        if not layers:
            assert small.shape[0] == large.shape[0], name
            continue
        channels = sorted(kept[layers[0]])
        assert small.shape[0] == len(channels), (name, small.shape)
        # Which inputs stay is told by the first filter.
        inputs, last = [], -1
        for i in range(small.shape[1]):
            last = next(j for j in range(last + 1, large.shape[1])
                        if np.array_equal(large[channels[0], j], small[0, i]))
            inputs.append(last)
        assert np.array_equal(large[channels][:, inputs], small), name
        checked += 1
    assert checked == len(kept), (checked, len(kept))
    print(f"{checked} convolutions kept the channels of the list")


main()
