#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small MindIR models, with inputs and the outputs that they should give.

Usage: mindir_models.py NAME FOLDER

Writes NAME.mindir, NAME_input.npy and NAME_output.npy. The protobuf is written by
hand, so that the schema of the importer is not what it is tested against; the
outputs come from numpy, element by element.
"""

import pathlib
import struct
import sys

import numpy as np

#-----------------------------------------------------------------------------
# Protobuf
#-----------------------------------------------------------------------------


def varint(number):
    number &= (1 << 64) - 1
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def field(number, value):
    """One field: an int, a float, a text or bytes (also of a message)."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, (int, np.integer)):
        return varint(number << 3) + varint(int(value))
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(*fields):
    return b"".join(field(number, value) for number, value in fields)


FLOAT32, INT64, STRING, BOOL = 1, 7, 8, 9
TENSORS, TUPLE, LIST, MONAD = 19, 20, 21, 23


def tensor(shape, kind=FLOAT32, data=None, **more):
    fields = [(1, extent) for extent in shape] + [(2, kind)]
    if data is not None:
        fields.append((9, data.tobytes()))
    for number, value in more.items():
        fields.append((int(number[1:]), value))
    return message(*fields)


def attribute(name, value):
    """A bool, an int, a float, a text, a tuple or list of them, or an array."""
    fields = [(1, name)]
    if isinstance(value, np.ndarray):
        fields += [(12, tensor(value.shape, FLOAT32 if value.dtype.kind == "f"
                               else INT64, value)), (16, TENSORS)]
    elif isinstance(value, bool):
        fields += [(3, value), (16, BOOL)]
    elif isinstance(value, int):
        fields += [(3, value), (16, INT64)]
    elif isinstance(value, float):
        fields += [(2, value), (16, FLOAT32)]
    elif isinstance(value, str):
        fields += [(5, value), (16, STRING)]
    elif value is None:
        fields.append((16, MONAD))
    else:
        for element in value:
            is_float = isinstance(element, float)
            fields.append((17, message((8 if is_float else 10, element),
                                       (16, FLOAT32 if is_float else INT64))))
        fields.append((16, LIST if isinstance(value, list) else TUPLE))
    return message(*fields)


class Model:
    """A graph as MindSpore exports it."""

    def __init__(self):
        self.nodes, self.parameters, self.primitives = [], [], []
        self.inputs, self.outputs, self.count = [], [], 0

    def name(self, text):
        self.count += 1
        return f"7_net:{text}:{self.count}"

    def input(self, name, shape):
        self.inputs.append(message((1, "7_net:" + name), (2, tensor(shape))))
        return "7_net:" + name

    def output(self, name, shape):
        self.outputs.append(message((1, name), (2, tensor(shape))))

    def constant(self, value):
        name = self.name("ValueNode")
        self.nodes.append(message((2, name), (3, name), (4, "Constant"),
                                  (5, attribute("value", value))))
        return name

    def parameter(self, name, array):
        array = array.astype(np.float32)
        self.parameters.append(tensor(array.shape, FLOAT32, array,
                                      f7="7_net:" + name, f13=name))
        return self.node("Load", "7_net:" + name, None)

    def node(self, op, *inputs, **attributes):
        """`inputs` that are no text are constants."""
        inputs = [i if isinstance(i, str) else self.constant(i)
                  for i in inputs]
        primitive, result = f"{op}:{self.count}", self.name(op)
        self.primitives.append(message(
            (1, primitive), (2, op), *[(3, attribute(*pair))
                                       for pair in attributes.items()],
            (5, 1 if attributes else 2)))
        self.nodes.append(message(
            *[(1, i) for i in inputs], (2, result), (3, result),
            (4, "REF::" + primitive), (7, f"Default/{op}-op{self.count}")))
        return result

    def write(self, path):
        graph = message((2, "7_net"), *[(1, n) for n in self.nodes],
                        *[(3, p) for p in self.parameters],
                        *[(5, i) for i in self.inputs],
                        *[(6, o) for o in self.outputs])
        path.write_bytes(message(
            (1, "1.1"), (2, "MindSpore"), (5, "2.10.0"), (7, graph), (10, 1),
            *[(12, p) for p in self.primitives], (13, 3)))


#-----------------------------------------------------------------------------
# Networks
#-----------------------------------------------------------------------------


def windows(x, kernel, strides, pads, fill):
    """Every window of [N, C, H, W], as [N, C, OH, OW, KH * KW]."""
    top, bottom, left, right = pads
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)),
               constant_values=fill)
    rows = range(0, x.shape[2] - kernel[0] + 1, strides[0])
    columns = range(0, x.shape[3] - kernel[1] + 1, strides[1])
    return np.stack([np.stack(
        [x[:, :, r:r + kernel[0], c:c + kernel[1]].reshape(*x.shape[:2], -1)
         for c in columns], 2) for r in rows], 2)


def half(random):
    """float32 to float16 and back, with all that rounds differently."""
    bits = [0x3f800000, 0x3f801000, 0x3f803000, 0x477fe000, 0x477fefff,
            0x477ff000, 0x38800000, 0x387fffff, 0x33000000, 0x33000001,
            0x33800000, 0x33c00000, 0x7f7fffff, 0x7f800000, 0x7fc00000,
            0x00000001, 0]
    values = np.array(bits, np.uint32).view(np.float32)
    values = np.concatenate([values, -values])
    scaled = random.standard_normal(4000) * 2.0 ** random.integers(-28, 18, 4000)
    x = np.concatenate([values, scaled.astype(np.float32)])[None]
    model = Model()
    value = model.node("Cast", model.input("x", x.shape), 42)
    model.output(model.node("Cast", value, 43), x.shape)
    with np.errstate(over="ignore"):
        return model, x, x.astype(np.float16).astype(np.float32)


def zeros(random):
    """The signs of what rounds to 0 in float16, by their reciprocals."""
    x = np.float32([[0.0, -0.0, 1e-9, -1e-9, 2.0 ** -26, -2.0 ** -26, -2.0]])
    model = Model()
    value = model.node("Cast", model.input("x", x.shape), 42)
    value = model.node("Cast", value, 43)
    model.output(model.node("Reciprocal", value), x.shape)
    with np.errstate(divide="ignore"):
        return model, x, np.float32(1) / x.astype(np.float16).astype(np.float32)


def layers(random):
    """Convolution, pools of both kinds, a dense layer."""
    x = random.standard_normal((2, 3, 9, 8)).astype(np.float32)
    w = random.standard_normal((4, 3, 3, 2)).astype(np.float32)
    bias = random.standard_normal(4).astype(np.float32)
    dense = random.standard_normal((5, 16)).astype(np.float32)
    model = Model()
    value = model.node(
        "Conv2D", model.input("x", (-1, *x.shape[1:])),
        model.parameter("conv.weight", w), kernel_size=(3, 2), mode=1,
        out_channel=4, pad=(0, 1, 1, 0), pad_mode="pad", format="NCHW",
        pad_list=(0, 1, 1, 0), stride=(1, 1, 2, 1), group=1,
        dilation=(1, 1, 1, 1))
    value = model.node("BiasAdd", value, model.parameter("conv.bias", bias), 0)
    value = model.node("MaxPool", value, kernel_size=(1, 1, 2, 3),
                       strides=(1, 1, 2, 2), pad_mode="SAME", format="NCHW")
    value = model.node("ReLU6", value)
    value = model.node("AvgPool", value, (1, 3), (1, 1), 2, 0)
    value = model.node("Flatten", value)
    value = model.node("MatMul", value, model.parameter("dense", dense), False,
                       True)
    model.output(model.node("Softmax", value, (-1,)), (-1, 5))

    taps = windows(x, (3, 2), (2, 1), (0, 1, 1, 0), 0)
    y = np.einsum("ncrsk,fck->nfrs", taps, w.reshape(4, 3, 6))
    y += bias[:, None, None]
    y = windows(y, (2, 3), (2, 2), (0, 0, 0, 1), -np.inf).max(-1)
    y = windows(np.clip(y, 0, 6), (1, 3), (1, 1), (0, 0, 0, 0), 0).mean(-1)
    y = np.exp(y.reshape(2, -1) @ dense.T)
    return model, x, y / y.sum(1, keepdims=True)


def fake_quant(model, value, scale, zero_point, signed):
    scale = [float(s) for s in np.atleast_1d(scale)]
    return model.node(
        "FakeQuantParam", value, quant_algo_name="linear_quant_algo",
        linear_quant_scale=scale, signed=signed, num_bits=8,
        linear_quant_zero_point=[float(zero_point)] * len(scale),
        symmetric=signed, narrow_range=False, quant_dtype=7,
        is_per_channel=False, channel_axis=-1)


def codes(values, scale, zero_point, low, high):
    """The numbers that codes stand for."""
    scale = np.float32(scale)
    with np.errstate(invalid="ignore"):
        rounded = np.nan_to_num(np.round(values / scale))
    return (np.clip(rounded + zero_point, low, high)
            - zero_point).astype(np.float32) * scale


def quantized(random):
    """Two dense layers as SimQAT leaves them."""
    x = random.uniform(-1, 1, (8, 12)).astype(np.float32)
    first = random.standard_normal((6, 12)).astype(np.float32)
    second = random.standard_normal((3, 6)).astype(np.float32)
    first[4] = 0.0  # of a channel that is dead: its scale is 0
    scales = np.float32(2 * abs(first).max(1) / 255)
    model = Model()

    value = fake_quant(model, model.input("x", (-1, 12)), 2 / 255, 128, False)
    weight = fake_quant(model, model.parameter("first", first), scales, 0, True)
    value = model.node("MatMul", value, weight, False, True)
    value = fake_quant(model, model.node("ReLU", value), 0.05, 0, False)
    weight = fake_quant(model, model.parameter("second", second), 0.02, 0, True)
    value = model.node("MatMul", value, weight, False, True)
    model.output(fake_quant(model, value, 0.125, 100, False), (-1, 3))

    y = codes(x, 2 / 255, 128, 0, 255)
    y = y @ codes(first, scales[:, None], 0, -128, 127).T
    y = codes(np.maximum(y, 0), 0.05, 0, 0, 255)
    y = y @ codes(second, 0.02, 0, -128, 127).T
    return model, x, codes(y, 0.125, 100, 0, 255)


def levels(random):
    """Two convolutions by SLB, of 2 and 4 bits, on quantized activations."""
    x = random.uniform(-1, 1, (4, 3, 9, 9)).astype(np.float32)
    model = Model()
    value = fake_quant(model, model.input("x", (-1, 3, 9, 9)), 2 / 255, 128,
                       False)
    y = codes(x, 2 / 255, 128, 0, 255)
    for name, bits, shape, scale in (("a", 2, (5, 3, 3, 3), 0.03),
                                     ("b", 4, (2, 5, 3, 3), 0.25)):
        level = np.linspace(-1, 1, 2 ** bits, dtype=np.float32)
        weight = level[random.integers(0, 2 ** bits, shape)]
        filters = model.node(
            "FakeQuantParam", model.parameter(name, weight),
            quant_algo_name="SLBQuant", linear_quant_scale=[2.0 ** (bits - 1)],
            linear_quant_zero_point=[0.0], num_bits=bits, quant_dtype=bits - 1,
            is_per_channel=False)
        value = model.node(
            "Conv2D", value, filters, kernel_size=(3, 3), mode=1,
            out_channel=shape[0], pad=(0, 0, 0, 0), pad_mode="valid",
            format="NCHW", pad_list=(0, 0, 0, 0), stride=(1, 1, 1, 1), group=1,
            dilation=(1, 1, 1, 1))
        value = fake_quant(model, value, scale, 128, False)
        taps = windows(y, (3, 3), (1, 1), (0, 0, 0, 0), 0)
        y = np.einsum("ncrsk,fck->nfrs", taps, weight.reshape(*shape[:2], 9))
        y = codes(y, scale, 128, 0, 255)
    model.output(value, (-1, 2, 5, 5))
    return model, x, y


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    networks = {"half": half, "layers": layers, "levels": levels,
                "quantized": quantized, "zeros": zeros}
    model, x, y = networks[name](np.random.default_rng(1))
    model.write(folder / f"{name}.mindir")
    np.save(folder / f"{name}_input.npy", x)
    np.save(folder / f"{name}_output.npy", y.astype(np.float32))


main()
