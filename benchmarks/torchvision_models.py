#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the classification models of torchvision and compares the results.

Usage: torchvision_models.py WORK [--tools=FOLDER] [--size=N] [NAME...]

Every model (or those named) gets random weights, is exported to ONNX as PyTorch
does it, compiled to f32, and run on one random image; the results of PyTorch
and, where it is installed, of onnxruntime on the same file are the references.
Prints a line a model: the largest difference from each, relative to the largest
magnitude, seconds to compile, and the time of one inference. Fails where a model
is not compiled or differs by more than 1e-4 from either.

Needs Debian's python3-torchvision and python3-onnx, and `compressc` and
`compress-run` in FOLDER (default: build/bin). WORK holds one model at a time, up
to 3 GB.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import warnings

import numpy as np
import torch
import torchvision

try:
    import onnxruntime
except ImportError:
    onnxruntime = None

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def export_v2_attention(model):
    """Lets the exporter write swin_v2: it has no translation of `zero_`.

    The attention of version 2 sets the part of its bias that belongs to the keys
    to zero at every call. Done to the parameter itself beforehand, the call
    changes nothing, and whatever stands for it in the graph has no user.
    """
    for module in model.modules():
        if hasattr(module, "cpb_mlp"):
            with torch.no_grad():
                length = module.qkv.bias.numel() // 3
                module.qkv.bias[length:2 * length].zero_()
    torch.onnx.register_custom_op_symbolic(
        "aten::zero", lambda graph, value: graph.op("Identity", value), 14)


def export(name, path, size, prepare=lambda model: None):
    """Writes the model; returns the input and what PyTorch makes of it."""
    torch.manual_seed(0)
    model = torchvision.models.get_model(name, weights=None).eval()
    prepare(model)
    with torch.no_grad():  # Layers that begin with zeros give no test.
        for weights in model.parameters():
            if weights.dim() > 1 and not weights.any():
                torch.nn.init.normal_(weights, std=0.02)
    if name.startswith("swin_v2"):
        export_v2_attention(model)
    size = size or (299 if name == "inception_v3" else 224)
    image = torch.randn(1, 3, size, size)
    with torch.no_grad():
        expected = model(image).numpy()
    # With gradients: without, attention is one operator that is not exported.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, image, path, opset_version=14)
    return image.numpy(), expected


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no message"]
        raise RuntimeError(lines[0][:300])
    return result.stdout


def by_onnxruntime(path, image):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options,
                                           ["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: image})[0]


def check(name, work, tools, size):
    shutil.rmtree(work, ignore_errors=True)  # External data has many files.
    os.makedirs(work)
    at = {kind: os.path.join(work, "model" + kind)
          for kind in [".onnx", ".so", ".npy", ".out.npy"]}
    image, expected = export(name, at[".onnx"], size)
    references = [expected]
    if onnxruntime:
        references.append(by_onnxruntime(at[".onnx"], image))
    np.save(at[".npy"], image)
    start = time.time()
    run(os.path.join(tools, "compressc"), at[".onnx"], "-q", "--no-header",
        "-o", at[".so"])
    seconds = time.time() - start
    runner = os.path.join(tools, "compress-run")
    run(runner, "run", at[".so"], "--input=" + at[".npy"],
        "--output=" + at[".out.npy"])
    output = np.load(at[".out.npy"])
    if output.shape != expected.shape:
        raise RuntimeError(f"gives {output.shape}, not {expected.shape}")
    differences = [np.max(np.abs(output - reference)) /
                   np.max(np.abs(reference)) for reference in references]
    bench = run(runner, "bench", at[".so"], "--runs=3")
    latency = float(re.search(r"min_ms=([\d.]+)", bench)[1])
    return differences, seconds, latency


def main():
    options = dict(argument[2:].split("=", 1) for argument in sys.argv[1:]
                   if argument.startswith("--") and "=" in argument)
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    if not names or set(options) - {"tools", "size"}:
        sys.exit(__doc__)
    work = names.pop(0)
    print("differences from PyTorch" +
          (" and onnxruntime " + onnxruntime.__version__ if onnxruntime else ""))
    tools = options.get("tools", os.path.join(ROOT, "build", "bin"))
    size = int(options.get("size", 0))
    names = names or torchvision.models.list_models(module=torchvision.models)
    failed = []
    for name in names:
        try:
            differences, seconds, latency = check(
                name, os.path.join(work, "torchvision"), tools, size)
            good = all(each <= 1e-4 for each in differences)  # NaN is not.
            print(f"{name:20} {'equal' if good else 'DIFFERS':8} "
                  f"{', '.join(f'{each:.1e}' for each in differences)}  compiled in {seconds:.1f} s, "
                  f"{latency:.2f} ms", flush=True)
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
