# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles ONNX's own node tests and compares the results with theirs.

Usage: onnx_conformance.py FOLDER WORK [--every=N] [--pass=N] [--exported]
       [NAME-PART...]

Every test in FOLDER has a model.onnx, and inputs and outputs as .pb files. Most
give weights as inputs: all inputs but the data become constants, by
compressc --freeze-inputs. A model that is not compiled must be refused with the
name of an operator, an input or an output.

Prints what is refused and why, and counts. Fails where a compiled model answers
wrongly, where a refusal names nothing, or where fewer than N pass (--pass=N).
--every=N takes one of N tests. --exported writes each model as ONNX again, which
must be valid, and compiles that.
"""

import collections
import concurrent.futures
import os
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper


def read_tensor(path):
    tensor = TensorProto()
    with open(path, "rb") as file:
        tensor.ParseFromString(file.read())
    return tensor


def run_tool(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def compare(output, expected):
    """What is wrong, if anything."""
    if output.shape != expected.shape or output.dtype != expected.dtype:
        return (f"gives {output.dtype}{list(output.shape)}, not "
                f"{expected.dtype}{list(expected.shape)}")
    if output.dtype.kind in "biu":
        wrong = np.count_nonzero(output != expected)
        return f"differs in {wrong} elements" if wrong else ""
    if not np.allclose(output, expected, rtol=1e-3, atol=1e-5, equal_nan=True):
        return "differs by up to %g" % np.max(np.abs(
            output.astype(np.float64) - expected.astype(np.float64)))
    return ""


def is_refused(result, folder):
    """Whether a tool has refused a model, and in which words."""
    if result.returncode != 1 or result.stderr.count("error:") != 1:
        return False, ""
    message = result.stderr.strip().split("error: ", 1)[1]
    return True, message.replace(folder, "").split("\n")[0]


def run_test(folder, work, exported):
    """The verdict on one test: passed, refused or failed, and the reason."""
    os.makedirs(work, exist_ok=True)
    path = os.path.join(folder, "model.onnx")
    graph = onnx.load(path).graph
    at = os.path.join(folder, "test_data_set_0")
    names = [value.name for value in graph.input]
    files = [os.path.join(at, f"input_{i}.pb") for i in range(len(names))]
    # A condition is no data; everywhere else the first input is.
    data = 1 if graph.node[0].op_type == "Where" else 0
    options, inputs = [], []
    for i, (name, file) in enumerate(zip(names, files)):
        npy = os.path.join(work, f"input_{i}.npy")
        try:
            np.save(npy, numpy_helper.to_array(read_tensor(file)))
        except (TypeError, ValueError, KeyError, OSError):
            if i == data:
                continue  # Of a type that numpy does not have: to be refused.
            return "refused", f"input {name} has no numpy type"
        if i == data:
            inputs.append("--input=" + npy)
        else:
            options.append(f"--freeze-inputs={name}={npy}")
    library = os.path.join(work, "model.so")
    if exported:
        again = os.path.join(work, "exported.onnx")
        result = run_tool("compressc", path, "-q", "-o", again, "--emit=onnx",
                          *options)
        refused, message = is_refused(result, folder)
        if refused and "cannot be written as ONNX: " in message:
            return "refused", message
        if not result.returncode:
            onnx.checker.check_model(onnx.load(again), full_check=True)
            path, options = again, []
    result = run_tool("compressc", path, "-q", "-o", library, *options)
    refused, message = is_refused(result, folder)
    if refused:
        if "'onnx." in message or "input \"" in message or "output \"" in message:
            return "refused", message
        return "failed", "is refused without a name: " + message
    if result.returncode:
        return "failed", f"exit code {result.returncode}: {result.stderr}"
    outputs = [os.path.join(work, f"output_{i}.npy")
               for i in range(len(graph.output))]
    result = run_tool("compress-run", "run", library, *inputs,
                      *("--output=" + output for output in outputs))
    if result.returncode:
        return "failed", result.stderr
    for i, output in enumerate(outputs):
        expected = numpy_helper.to_array(
            read_tensor(os.path.join(at, f"output_{i}.pb")))
        if wrong := compare(np.load(output), expected):
            return "failed", wrong
    return "passed", ""


def main():
    every = wanted = 0
    exported = False
    parts = []
    for argument in sys.argv[3:]:
        if argument.startswith("--every="):
            every = int(argument.split("=")[1])
        elif argument.startswith("--pass="):
            wanted = int(argument.split("=")[1])
        elif argument == "--exported":
            exported = True
        else:
            parts.append(argument)
    folder, work = sys.argv[1:3]
    names = sorted(name for name in os.listdir(folder)
                   if name.startswith("test_") and
                   all(part in name for part in parts))
    names = names[::every or 1]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(
            lambda name: run_test(os.path.join(folder, name),
                                  os.path.join(work, name), exported),
            names))
    for name, (verdict, reason) in zip(names, verdicts):
        if verdict != "passed":
            print(f"{verdict}: {name}: {reason}")
    count = collections.Counter(verdict for verdict, _ in verdicts)
    print(f"{count['passed']} passed, {count['failed']} failed, "
          f"{count['refused']} refused of {len(names)}")
    sys.exit(count["failed"] > 0 or count["passed"] < wanted)


main()
