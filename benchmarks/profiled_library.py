# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a compiled library and reads the times of its kernels."""

import ctypes as c
import os
import time

import _ctypes
import numpy as np


def structure(title, /, **fields):
    return type(title, (c.Structure,), {"_fields_": list(fields.items())})


# What the header of a compiled network declares.
TensorInfo = structure(
    "TensorInfo", name=c.c_char_p, dtype=c.c_int32, rank=c.c_int32,
    dims=c.POINTER(c.c_int64), bytes=c.c_int64, quantized=c.c_int32,
    scale=c.c_float, zero_point=c.c_int32)
ModelInfo = structure(
    "ModelInfo", abi_version=c.c_uint32, num_inputs=c.c_uint32,
    num_outputs=c.c_uint32, max_threads=c.c_uint32,
    inputs=c.POINTER(TensorInfo), outputs=c.POINTER(TensorInfo),
    arena_bytes=c.c_int64, constant_bytes=c.c_int64, target=c.c_char_p,
    producer=c.c_char_p)
ProfileOp = structure(
    "ProfileOp", kernel=c.c_char_p, source=c.c_char_p, element=c.c_char_p,
    macs=c.c_int64, bytes=c.c_int64)
Profile = structure(
    "Profile", num_ops=c.c_uint64, ops=c.POINTER(ProfileOp),
    ticks=c.POINTER(c.c_uint64))


def aligned(size):
    memory = np.zeros(size + 64, np.uint8)
    begin = -memory.ctypes.data % 64
    return memory[begin:begin + size]


class Library:
    """A network of one layer with a profile."""

    def __init__(self, path):
        # By an absolute path; another would be searched for.
        self.library = c.CDLL(os.path.abspath(path))
        self.ticks = None
        name = os.path.splitext(os.path.basename(path))[0]
        self.function = self.library[name + "_run"]
        get_info = self.library[name + "_info"]
        get_info.restype = c.POINTER(ModelInfo)
        get_profile = self.library[name + "_profile"]
        get_profile.restype = c.POINTER(Profile)
        info, profile = get_info().contents, get_profile().contents
        if info.abi_version != 1:
            raise RuntimeError(f"the ABI has version {info.abi_version}, not 1")
        self.target = info.target.decode()
        self.input = aligned(info.inputs[0].bytes)
        self.input.view(np.float32)[:] = np.random.default_rng(0).uniform(
            -1, 1, len(self.input) // 4)
        self.output = aligned(info.outputs[0].bytes)
        self.arena = aligned(info.arena_bytes)
        self.ticks = np.ctypeslib.as_array(profile.ticks, (profile.num_ops,))
        ops = profile.ops[:profile.num_ops]
        if not any(op.source == b"producer" for op in ops):
            raise RuntimeError("the input is not made by a kernel of its own")
        self.counted = np.array([op.source == b"layer" for op in ops])
        self.macs = sum(op.macs for op in ops if op.source == b"layer")

    def run(self, threads):
        """The ticks of the layer, and seconds and ticks of all."""
        self.output.fill(0)
        self.arena.fill(0)
        self.ticks.fill(0)
        tensors = [(c.c_void_p * 1)(each.ctypes.data)
                   for each in (self.input, self.output)]
        arena = c.c_void_p(self.arena.ctypes.data)
        begin = time.perf_counter()
        result = self.function(*tensors, arena, c.c_int32(threads))
        seconds = time.perf_counter() - begin
        if result:
            raise RuntimeError(f"the network returned {result}")
        return int(self.ticks[self.counted].sum()), seconds, self.ticks.sum()

    def close(self):
        self.ticks = None
        _ctypes.dlclose(self.library._handle)
