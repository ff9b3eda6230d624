# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The network that train.py trains: in f32, and with fake quantization."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CENTRE = 128.0


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
        self.gate = None  # Of scop.py; only exported.
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
