# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the networks of network.py as ONNX."""

import inspect

import numpy as np
import torch

from network import weight_scale


def export_float(net, path):
    net.eval()
    # PRESERVE keeps the exporter from folding the batch norms.
    extra = {}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        extra["dynamo"] = False
    torch.onnx.export(net, torch.zeros(1, 1, 28, 28), str(path),
                      input_names=["image"], output_names=["logits"],
                      opset_version=13, do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE, **extra)


def gate_function():
    """compress::ChannelGate for runtimes that do not know it: the identity."""
    from onnx import helper
    return helper.make_function(
        "compress", "ChannelGate", ["x", "beta", "gamma"], ["y"],
        [helper.make_node("Identity", ["x"], ["y"])],
        [helper.make_opsetid("", 13)], ["axis"])


def make_model(graph, has_gates):
    """The model of `graph`, checked."""
    import onnx
    from onnx import helper
    opsets = [helper.make_opsetid("", 13)]
    if has_gates:
        opsets.append(helper.make_opsetid("compress", 1))
    model = helper.make_model(graph, producer_name="train.py",
                              ir_version=8 if has_gates else 7,
                              opset_imports=opsets,
                              functions=[gate_function()] if has_gates else [])
    onnx.checker.check_model(model, full_check=True)
    return model


class QdqWriter:
    """Collects the nodes and initializers of a quantized ONNX graph."""

    def __init__(self):
        from onnx import helper, numpy_helper
        self.helper, self.numpy_helper = helper, numpy_helper
        self.nodes, self.initializers = [], []
        self.has_gates = False

    def constant(self, name, array):
        self.initializers.append(self.numpy_helper.from_array(array, name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(self.helper.make_node(op, inputs, [output],
                                                name=output, **attributes))
        return output

    def quantize(self, x, quant, output=None):
        """Q and DQ behind `x`."""
        parameters = [
            self.constant(f"{x}_scale", np.float32(quant.scale)),
            self.constant(f"{x}_zero_point", np.uint8(quant.zero_point))]
        q = self.node("QuantizeLinear", [x] + parameters, f"{x}_q")
        return self.node("DequantizeLinear", [q] + parameters,
                         output or f"{x}_dq")

    def weights(self, name, layer, input_scale):
        """DQ of the weights and of the bias of `layer`."""
        scale = weight_scale(layer.weight).numpy()
        shape = (-1,) + (1,) * (layer.weight.ndim - 1)
        weight = layer.weight.detach().numpy() / scale.reshape(shape)
        weight = np.clip(np.round(weight), -127, 127).astype(np.int8)
        bias_scale = np.float32(input_scale) * scale
        bias = np.round(layer.bias.detach().numpy().astype(np.float64) /
                        bias_scale)
        if np.abs(bias).max() >= 2**31:
            raise OverflowError(f"{name}: the bias does not fit s32")
        return [
            self.node("DequantizeLinear",
                      [self.constant(f"{name}_weight_q", weight),
                       self.constant(f"{name}_weight_scale", scale),
                       self.constant(f"{name}_weight_zero_point",
                                     np.zeros(len(scale), np.int8))],
                      f"{name}_weight", axis=0),
            self.node("DequantizeLinear",
                      [self.constant(f"{name}_bias_q", bias.astype(np.int32)),
                       self.constant(f"{name}_bias_scale", bias_scale)],
                      f"{name}_bias", axis=0)]

    def gate(self, x, gate, output):
        return self.node("ChannelGate",
                         [x, self.constant(f"{output}_beta", gate.beta),
                          self.constant(f"{output}_gamma", gate.gamma)],
                         output, domain="compress", axis=1)

    def conv(self, x, input_scale, name, layer):
        """Conv, gate and relu if any, Q and DQ; returns what the next layer
        needs."""
        y = self.node("Conv",
                      [x] + self.weights(name, layer, input_scale),
                      f"{name}_conv" if layer.relu or layer.gate else name,
                      kernel_shape=layer.weight.shape[2:],
                      strides=layer.stride, pads=layer.padding * 2,
                      group=layer.groups)
        if layer.gate:
            y = self.gate(y, layer.gate,
                          f"{name}_gate" if layer.relu else name)
            self.has_gates = True
        if layer.relu:
            y = self.node("Relu", [y], name)
        return self.quantize(y, layer.out), layer.out.scale

    def residual(self, x, input_scale, name, block):
        y = self.conv(x, input_scale, f"{name}_first", block.first)
        y, _ = self.conv(*y, f"{name}_second", block.second)
        y = self.node("Add", [x, y], f"{name}_add")
        y = self.node("Relu", [y], name)
        return self.quantize(y, block.out), block.out.scale


def export_qat(net, path):
    from onnx import TensorProto, helper
    w = QdqWriter()
    x = w.quantize("image", net.image), net.image.scale
    x = w.conv(*x, "stem", net.stem)
    x = w.residual(*x, "block1", net.block1)
    x = w.conv(*x, "depthwise", net.depthwise)
    x = w.conv(*x, "pointwise", net.pointwise)
    x, _ = w.residual(*x, "block2", net.block2)
    x = w.quantize(w.node("GlobalAveragePool", [x], "pooled"), net.pooled)
    x = w.quantize(w.node("Flatten", [x], "flat", axis=1), net.pooled)
    parameters = w.weights("dense", net.dense, net.pooled.scale)
    x = w.node("Gemm", [x] + parameters, "dense", transB=1)
    w.quantize(x, net.dense.out, "logits")

    def value(name, shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(w.nodes, "digits",
                              [value("image", [1, 1, 28, 28])],
                              [value("logits", [1, 10])], w.initializers)
    model = make_model(graph, w.has_gates)
    path.write_bytes(model.SerializeToString())
