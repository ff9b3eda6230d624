# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""SCOP on the network of network.py: which channels may go.

Every gated convolution mixes its features with those of a knockoff, another
image of the batch, before batch norm: beta * real + (1 - beta) * knockoff. Only
beta is trained, one number a channel. A channel of the score
|gamma| * (2 * beta - 1), with gamma of its batch norm, is worth the more the
higher; of each layer int(RATE * channels) lowest are masked, and the network is
trained on without them.

Tang et al., SCOP: Scientific Control for Reliable Neural Network Pruning
(NeurIPS 2020).
"""

import copy
import dataclasses

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import export
from network import ConvUnit, Net, quantized

RATE = 0.35
# Not the stem, depthwise or dense layer.
GATED = ("block1.first", "block1.second", "pointwise", "block2.first",
         "block2.second")


@dataclasses.dataclass
class Gate:
    """What the channels of a layer are scored by: f32 [C] each."""
    beta: np.ndarray
    gamma: np.ndarray

    def lowest(self):
        """The channels to be dropped."""
        scores = (np.abs(self.gamma.astype(np.float64)) *
                  (2 * self.beta.astype(np.float64) - 1))
        return np.argsort(scores, kind="stable")[:int(RATE * len(scores))]


class GatedUnit(ConvUnit):
    """A ConvUnit whose batch norm sees a mixture, or whose channels are masked
    behind it."""

    def __init__(self, unit):
        nn.Module.__init__(self)
        self.conv, self.bn, self.relu = unit.conv, unit.bn, unit.relu
        channels = self.conv.out_channels
        self.beta = nn.Parameter(torch.full((channels,), .5))
        self.register_buffer("mask", torch.ones(channels))
        self.mixing = False

    def forward(self, x):
        x = self.conv(x)
        if self.mixing:
            # The second half of the batch are the knockoffs of the first.
            real, knockoff = x.chunk(2)
            beta = self.beta[:, None, None]
            x = torch.cat([beta * real + (1 - beta) * knockoff, knockoff])
        x = self.bn(x) * self.mask[:, None, None]
        return F.relu(x) if self.relu else x

    def read_gate(self):
        return Gate(self.beta.detach().numpy().copy(),
                    self.bn.weight.detach().numpy().copy())


def gated(net):
    """Replaces the units of GATED in place."""
    units = {}
    for name in GATED:
        parent, _, last = name.rpartition(".")
        parent = net.get_submodule(parent)
        units[name] = GatedUnit(getattr(parent, last))
        setattr(parent, last, units[name])
    return units


def train_gates(net, units, trainer, epochs, batch=100):
    """Trains beta alone: weights frozen, batch norms in inference."""
    net.eval()
    net.requires_grad_(False)
    betas = [unit.beta.requires_grad_() for unit in units.values()]
    for unit in units.values():
        unit.mixing = True
    # Slow enough that few gates reach 1, where they no longer tell channels
    # apart.
    optimizer = torch.optim.SGD(betas, 1e-3, momentum=0.9)
    for epoch in range(epochs):
        total = 0.0
        for pick in torch.randperm(len(trainer.images)).split(batch):
            real = trainer.images[pick]
            knockoff = real[torch.randperm(len(real))]
            logits = net(torch.cat([real, knockoff]))[:len(real)]
            loss = F.cross_entropy(logits, trainer.labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            for beta in betas:
                beta.data.clamp_(0, 1)
            total += loss.item() * len(pick)
        print(f"gates epoch {epoch + 1}: loss {total / len(trainer.images):.4f}"
              f", mean beta {torch.cat(betas).mean():.2f}", flush=True)
    net.requires_grad_(True)
    for unit in units.values():
        unit.mixing = False
        unit.beta.requires_grad_(False)


def train(args, trainer):
    """Writes digits_scop.onnx and digits_scop_qat.onnx."""
    torch.manual_seed(args.seed)
    net = load(args.out / "digits_float.onnx")
    units = gated(net)
    train_gates(net, units, trainer, args.gate_epochs)
    gates = {name: unit.read_gate() for name, unit in units.items()}
    print(f"all channels: validation {trainer.validate(net):.1%}")
    for name, gate in gates.items():
        units[name].mask[gate.lowest()] = 0
    print(f"without the lowest: validation {trainer.validate(net):.1%}")
    trainer.run(net, "tune", args.tune_epochs, 2e-3)

    plain = Net()
    plain.load_state_dict({key: value for key, value in net.state_dict().items()
                           if key in plain.state_dict()})
    path = args.out / "digits_scop.onnx"
    export.export_float(plain, path)
    add_gates(path, gates)

    # Zeros stay zeros: their gradients are masked as well.
    net = quantized(copy.deepcopy(net))
    for name, gate in gates.items():
        layer = net.get_submodule(name)
        layer.gate = gate
        for parameter in (layer.weight, layer.bias):
            kept = torch.ones_like(parameter)
            kept[gate.lowest()] = 0
            parameter.data *= kept
            parameter.register_hook(lambda grad, kept=kept: grad * kept)
    trainer.run_qat(net, "qat", args.qat_epochs)
    for name, gate in gates.items():
        layer = net.get_submodule(name)
        if layer.weight[gate.lowest()].any() or layer.bias[gate.lowest()].any():
            raise RuntimeError(f"{name}: a masked channel has come back")
    export.export_qat(net, args.out / "digits_scop_qat.onnx")


# ONNX.


def load(path):
    """The float network in a file of export_float."""
    import onnx
    from onnx import numpy_helper
    net = Net()
    weights = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy())
               for i in onnx.load(str(path)).graph.initializer}
    missing = [key for key in net.load_state_dict(weights, strict=False)[0]
               if not key.endswith("num_batches_tracked")]
    if missing:
        raise RuntimeError(f"{path} has no {', '.join(missing)}")
    return net


def add_gates(path, gates):
    """Puts a gate behind the batch norm of each layer in `gates`."""
    import onnx
    from onnx import helper, numpy_helper
    graph = onnx.load(str(path)).graph
    nodes = list(graph.node)
    del graph.node[:]
    for node in nodes:
        graph.node.append(node)
        name = node.input[1].removesuffix(".bn.weight") \
            if node.op_type == "BatchNormalization" else None
        if name not in gates:
            continue
        gate = gates[name]
        output = node.output[0]
        graph.node[-1].output[0] = f"{output}_ungated"
        inputs = [f"{output}_ungated", f"{name}.beta", f"{name}.gamma"]
        graph.node.append(helper.make_node("ChannelGate", inputs, [output],
                                           f"{name}.gate", domain="compress",
                                           axis=1))
        for array, key in ((gate.beta, inputs[1]), (gate.gamma, inputs[2])):
            graph.initializer.append(numpy_helper.from_array(array, key))
    model = export.make_model(graph, has_gates=True)
    path.write_bytes(model.SerializeToString())


def mask_lowest(path):
    """The model in `path` with 0 for gamma and beta of the batch norms of all
    channels that score lowest, so that they are 0 behind them."""
    import onnx
    from onnx import numpy_helper
    model = onnx.load(str(path))
    tensors = {i.name: i for i in model.graph.initializer}
    producers = {node.output[0]: node for node in model.graph.node}

    def read(name):
        return numpy_helper.to_array(tensors[name])

    for node in model.graph.node:
        if node.op_type != "ChannelGate":
            continue
        lowest = Gate(read(node.input[1]), read(node.input[2])).lowest()
        for name in producers[node.input[0]].input[1:3]:
            array = read(name).copy()
            array[lowest] = 0
            tensors[name].CopyFrom(numpy_helper.from_array(array, name))
    return model
