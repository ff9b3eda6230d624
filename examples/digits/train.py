#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small residual network on drawn digits and writes it as ONNX twice.

  digits_float.onnx  f32, with its BatchNormalization nodes
  digits_qat.onnx    batch norm folded, then trained on with fake quantization:
                     QuantizeLinear/DequantizeLinear around every tensor, s8
                     weights per output channel, u8 activations per tensor,
                     s32 biases

Both are opset 13 and map `image` f32 [1, 1, 28, 28] to `logits` f32 [1, 10].
The network wants (pixel - 128) / 128, so that the u8 the first QuantizeLinear
produces is the pixel itself. Training images are drawn by generate.py from
streams that the test files do not use.

Usage:
    python3 generate.py
    python3 train.py [--out DIR] [--epochs N] [--qat-epochs N] [--seed S]
    python3 train.py --check        # only measure the files already there

Training takes a few minutes on one CPU core. Depends on numpy and torch, on
onnx to write the quantized model and on onnxruntime to check both
(pip install numpy torch onnx onnxruntime).
"""

import argparse
import inspect
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import generate

CENTRE = 128.0
BATCH = 100


def preprocess(images):
    """u8 [N, 28, 28] to f32 [N, 1, 28, 28] in [-1, 1)."""
    return (images[:, None].astype(np.float32) - CENTRE) / CENTRE


# The float network.


class ConvUnit(nn.Module):
    """Convolution, batch norm and, where asked for, relu."""

    def __init__(self, cin, cout, kernel, stride=1, groups=1, relu=True):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2,
                              groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.relu = relu

    def forward(self, x):
        x = self.bn(self.conv(x))
        return F.relu(x) if self.relu else x


class Residual(nn.Module):
    """relu(x + conv(conv(x))), the shape kept."""

    def __init__(self, channels):
        super().__init__()
        self.first = ConvUnit(channels, channels, 3)
        self.second = ConvUnit(channels, channels, 3, relu=False)
        self.out = nn.Identity()

    def forward(self, x):
        return self.out(F.relu(x + self.second(self.first(x))))


class Net(nn.Module):
    """Stem, residual, depthwise-separable and residual block, dense layer."""

    def __init__(self, narrow=16, wide=32):
        super().__init__()
        self.image = nn.Identity()
        self.stem = ConvUnit(1, narrow, 3, stride=2)
        self.block1 = Residual(narrow)
        self.depthwise = ConvUnit(narrow, narrow, 3, stride=2, groups=narrow)
        self.pointwise = ConvUnit(narrow, wide, 1)
        self.block2 = Residual(wide)
        self.pooled = nn.Identity()
        self.dense = nn.Linear(wide, 10)

    def forward(self, x):
        x = self.block1(self.stem(self.image(x)))
        x = self.block2(self.pointwise(self.depthwise(x)))
        x = self.pooled(F.adaptive_avg_pool2d(x, 1))
        return self.dense(torch.flatten(x, 1))


# The same network with fake quantization.


class FakeQuant(nn.Module):
    """Per-tensor u8 fake quantization; follows the range while `observing`."""

    def __init__(self, scale=None, zero_point=0):
        super().__init__()
        self.observing = scale is None
        self.quantizing = scale is not None
        self.low = self.high = None
        self.scale, self.zero_point = scale, zero_point

    def observe(self, x):
        low, high = min(x.min().item(), 0.0), max(x.max().item(), 0.0)
        if self.low is None:
            self.low, self.high = low, high
        self.low += .05 * (low - self.low)
        self.high += .05 * (high - self.high)
        # Through f32, the type the scale has in the file.
        self.scale = float(np.float32(max(self.high - self.low, 1e-6) / 255))
        self.zero_point = int(np.clip(round(-self.low / self.scale), 0, 255))

    def forward(self, x):
        if self.observing and self.training:
            self.observe(x.detach())
        if not self.quantizing:
            return x
        return torch.fake_quantize_per_tensor_affine(
            x, self.scale, self.zero_point, 0, 255)


def weight_scale(weight):
    """Symmetric s8 scale of every output channel."""
    return weight.detach().abs().flatten(1).amax(1).clamp(min=1e-6) / 127


def fake_quantize_weight(weight):
    scale = weight_scale(weight)
    zero_point = torch.zeros(len(scale), dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(weight, scale, zero_point, 0,
                                                  -127, 127)


class QuantConv(nn.Module):
    """A ConvUnit with its batch norm folded and its tensors quantized."""

    def __init__(self, unit):
        super().__init__()
        conv, bn = unit.conv, unit.bn
        factor = (bn.weight / torch.sqrt(bn.running_var + bn.eps)).detach()
        self.weight = nn.Parameter(conv.weight.detach() *
                                   factor[:, None, None, None])
        self.bias = nn.Parameter(bn.bias.detach() - bn.running_mean * factor)
        self.stride, self.padding = conv.stride, conv.padding
        self.groups, self.relu = conv.groups, unit.relu
        self.out = FakeQuant()

    def forward(self, x):
        x = F.conv2d(x, fake_quantize_weight(self.weight), self.bias,
                     self.stride, self.padding, groups=self.groups)
        return self.out(F.relu(x) if self.relu else x)


class QuantDense(nn.Module):
    """A Linear with its tensors quantized."""

    def __init__(self, linear):
        super().__init__()
        self.weight = nn.Parameter(linear.weight.detach().clone())
        self.bias = nn.Parameter(linear.bias.detach().clone())
        self.out = FakeQuant()

    def forward(self, x):
        return self.out(F.linear(x, fake_quantize_weight(self.weight),
                                 self.bias))


def quantized(net):
    """Rebuilds `net` in place as its fake-quantized twin."""
    for block in (net.block1, net.block2):
        block.first = QuantConv(block.first)
        block.second = QuantConv(block.second)
        block.out = FakeQuant()
    for name in ("stem", "depthwise", "pointwise"):
        setattr(net, name, QuantConv(getattr(net, name)))
    net.image = FakeQuant(1 / CENTRE, int(CENTRE))
    net.pooled = FakeQuant()
    net.dense = QuantDense(net.dense)
    return net


# Training.


def accuracy(predict, images, labels):
    """Share of `images` for which `predict` scores the label highest."""
    hits = sum((np.asarray(predict(images[i:i + 1])).argmax(1) ==
                labels[i:i + 1]).sum() for i in range(len(images)))
    return hits / len(images)


def torch_accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        return accuracy(lambda x: net(torch.from_numpy(x)), images, labels)


def train_epoch(net, images, labels, optimizer, schedule):
    net.train()
    total = 0.0
    order = torch.randperm(len(images))
    for pick in order.split(BATCH):
        loss = F.cross_entropy(net(images[pick]), labels[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item() * len(pick)
    return total / len(images)


def train(args):
    torch.manual_seed(args.seed)
    images, labels = generate.make_digits(args.images, args.seed,
                                          generate.STREAM_TRAIN)
    valid, valid_labels = generate.make_digits(1000, args.seed,
                                               generate.STREAM_VALID)
    valid = preprocess(valid)
    images = torch.from_numpy(preprocess(images))
    labels = torch.from_numpy(labels.astype(np.int64))
    steps = len(range(0, args.images, BATCH))

    def run(net, name, epochs, rate, before_epoch=lambda epoch: None):
        optimizer = torch.optim.AdamW(net.parameters(), rate,
                                      weight_decay=1e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, rate, total_steps=epochs * steps)
        for epoch in range(epochs):
            before_epoch(epoch)
            loss = train_epoch(net, images, labels, optimizer, schedule)
            print(f"{name} epoch {epoch + 1}: loss {loss:.4f}, validation "
                  f"{torch_accuracy(net, valid, valid_labels):.1%}", flush=True)

    net = Net()
    run(net, "float", args.epochs, 8e-3)
    export_float(net, args.out / "digits_float.onnx")

    # Ranges settle before they take effect, and stay fixed in the last epoch.
    net = quantized(net)
    quants = [m for m in net.modules() if isinstance(m, FakeQuant)]
    net.train()
    with torch.no_grad():
        for start in range(0, 2000, BATCH):
            net(images[start:start + BATCH])
    for quant in quants:
        quant.quantizing = True

    def before_epoch(epoch):
        if epoch == args.qat_epochs - 1:
            for quant in quants:
                quant.observing = False

    run(net, "qat", args.qat_epochs, 5e-4, before_epoch)
    export_qat(net, args.out / "digits_qat.onnx")


# Export.


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


class QdqWriter:
    """Collects the nodes and initializers of a quantized ONNX graph."""

    def __init__(self):
        from onnx import helper, numpy_helper
        self.helper, self.numpy_helper = helper, numpy_helper
        self.nodes, self.initializers = [], []

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

    def conv(self, x, input_scale, name, layer):
        """Conv, relu if any, Q and DQ; returns what the next layer needs."""
        y = self.node("Conv",
                      [x] + self.weights(name, layer, input_scale),
                      f"{name}_conv" if layer.relu else name,
                      kernel_shape=layer.weight.shape[2:],
                      strides=layer.stride, pads=layer.padding * 2,
                      group=layer.groups)
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
    import onnx
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
    model = helper.make_model(graph, producer_name="train.py", ir_version=7,
                              opset_imports=[helper.make_opsetid("", 13)])
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


# Check.


def check(folder):
    """Prints the accuracy of both files on the test images."""
    import onnxruntime
    images = preprocess(generate.read_idx(folder / "test-images.idx.gz"))
    labels = generate.read_idx(folder / "test-labels.idx.gz")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Runs the graph as written, every Q and DQ included.
    options.graph_optimization_level = \
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    for name in ("digits_float.onnx", "digits_qat.onnx"):
        session = onnxruntime.InferenceSession(
            str(folder / name), options, providers=["CPUExecutionProvider"])
        share = accuracy(lambda x: session.run(None, {"image": x})[0], images,
                         labels)
        print(f"{name}: {share:.1%} of {len(images)} test images")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent,
                        help="where the test files are and the models go "
                        "(default: beside this script)")
    parser.add_argument("--images", type=int, default=20000, metavar="N",
                        help="number of training images (default: 20000)")
    parser.add_argument("--epochs", type=int, default=8, metavar="N",
                        help="float epochs (default: 8)")
    parser.add_argument("--qat-epochs", type=int, default=2, metavar="N",
                        help="epochs with fake quantization (default: 2)")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--check", action="store_true",
                        help="only measure the models in --out")
    args = parser.parse_args()

    torch.set_num_threads(1)
    if not args.check:
        train(args)
    check(args.out)


if __name__ == "__main__":
    main()
