#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles what onnxruntime's quantizer makes of torchvision's models.

Usage: onnxruntime_quantizer.py WORK [--tools=FOLDER] [--modes=M,...] [NAME...]

Every model (ten by default) gets random weights, is exported to ONNX and
quantized in every mode, on random images; then both, onnxruntime without
optimizations and our library, run it on another image. Prints a line a model and
mode: cosine and signal-to-noise ratio of the two results, how much is computed in
integers, and what stays float with its reason. Fails where a model is not
compiled or the cosine is below 0.99.

Modes: qdq or qop (QOperator), u8u8, u8s8 or s8s8 (activations, weights), pc (per
channel) or pt; and dynamic-u8, dynamic-s8.

Needs Debian's python3-torchvision, and onnx and onnxruntime from PyPI.
"""

import collections
import json
import os
import subprocess
import sys
import warnings

import numpy as np
import onnxruntime
import torch
import torchvision
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat,
                                      QuantType, quantize_dynamic,
                                      quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAMES = ["resnet18", "mobilenet_v2", "squeezenet1_1", "googlenet", "densenet121",
         "shufflenet_v2_x1_0", "efficientnet_b0", "mnasnet1_0",
         "regnet_y_400mf", "mobilenet_v3_small"]
MODES = [f"{form}-{types}-{axis}" for form in ["qdq", "qop"]
         for types in ["u8u8", "u8s8", "s8s8"] for axis in ["pt", "pc"]]
MODES += ["dynamic-u8", "dynamic-s8"]


class Images(CalibrationDataReader):
    def __init__(self, name):
        self.name = name
        self.left = [image(seed) for seed in range(1, 5)]

    def get_next(self):
        return {self.name: self.left.pop()} if self.left else None


def image(seed):
    return np.random.default_rng(seed).standard_normal(
        (1, 3, 224, 224), np.float32)


def export(name, path):
    """Writes the float model, with batch norms folded as the quantizer wants."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = torchvision.models.get_model(name, weights=None).eval()
        # Running statistics that fit, so that no layer dies out.
        model.train()
        with torch.no_grad():
            for seed in range(10, 14):
                model(torch.from_numpy(np.concatenate(
                    [image(seed), image(seed + 10)])))
        model.eval()
        torch.onnx.export(model, torch.from_numpy(image(0)), path + ".raw",
                          opset_version=13)
    quant_pre_process(path + ".raw", path, skip_symbolic_shape=True)


def quantize(mode, source, target):
    types = {"u8": QuantType.QUInt8, "s8": QuantType.QInt8}
    if mode.startswith("dynamic"):
        quantize_dynamic(source, target, weight_type=types[mode[-2:]])
        return
    form, kinds, axis = mode.split("-")
    session = onnxruntime.InferenceSession(source)
    quantize_static(
        source, target, Images(session.get_inputs()[0].name),
        quant_format=QuantFormat.QDQ if form == "qdq" else QuantFormat.QOperator,
        per_channel=axis == "pc", activation_type=types[kinds[:2]],
        weight_type=types[kinds[2:]])


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no message"]
        raise RuntimeError(lines[0][:300])


def check(mode, float_model, work, tools):
    at = {kind: os.path.join(work, "model" + kind)
          for kind in [".onnx", ".so", ".json", ".npy", ".out.npy"]}
    quantize(mode, float_model, at[".onnx"])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = \
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(at[".onnx"], options)
    expected = session.run(None, {session.get_inputs()[0].name: image(99)})[0]
    np.save(at[".npy"], image(99))
    run(os.path.join(tools, "compressc"), at[".onnx"], "-q", "--no-header",
        "-o", at[".so"], "--report=" + at[".json"])
    run(os.path.join(tools, "compress-run"), "run", at[".so"],
        "--input=" + at[".npy"], "--output=" + at[".out.npy"])
    output = np.load(at[".out.npy"]).astype(np.float64)
    expected = expected.astype(np.float64)
    cosine = float(np.sum(output * expected) /
                   np.sqrt(np.sum(output**2) * np.sum(expected**2)))
    noise = np.sum((output - expected)**2)
    snr = 10 * np.log10(np.sum(expected**2) / noise) if noise else np.inf
    with open(at[".json"]) as file:
        report = json.load(file)
    reasons = collections.Counter(
        remark["message"] for remark in report["remarks"]
        if remark["name"] == "Float")
    integers = 100 * report["integer_macs"] / max(report["macs"], 1)
    return cosine, snr, integers, reasons


def main():
    options = dict(argument[2:].split("=", 1) for argument in sys.argv[1:]
                   if argument.startswith("--") and "=" in argument)
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    if not names or set(options) - {"tools", "modes"}:
        sys.exit(__doc__)
    work = names.pop(0)
    os.makedirs(work, exist_ok=True)
    tools = options.get("tools", os.path.join(ROOT, "build", "bin"))
    modes = options["modes"].split(",") if "modes" in options else MODES
    failed = total = 0
    for name in names or NAMES:
        float_model = os.path.join(work, "float.onnx")
        export(name, float_model)
        for mode in modes:
            total += 1
            try:
                cosine, snr, integers, reasons = check(mode, float_model, work,
                                                       tools)
                good = cosine >= 0.99
                print(f"{name:20} {mode:12} cosine {cosine:.5f} {snr:6.1f} dB "
                      f"{integers:5.1f} % in integers", flush=True)
                for reason, count in reasons.most_common():
                    print(f"    {count} x {reason}")
            except Exception as error:  # One model must not end the others.
                good = False
                print(f"{name:20} {mode:12} FAILED {error}", flush=True)
            failed += not good
    print(f"{total - failed} of {total}")
    sys.exit(1 if failed else 0)


main()
