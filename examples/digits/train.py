#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small residual network on drawn digits and writes it as ONNX.

  digits_float.onnx  f32, with its BatchNormalization nodes
  digits_qat.onnx    batch norm folded, then trained on with fake quantization:
                     QuantizeLinear/DequantizeLinear around every tensor, s8
                     weights per output channel, u8 activations per tensor,
                     s32 biases
  digits_scop.onnx   the float network with SCOP's gates (scop.py), trained on
                     without the channels that score lowest; they are still
                     there, and the gates say which they are
  digits_scop_qat.onnx
                     the same quantized; of those channels weights and biases
                     are zero

All are opset 13 and map `image` f32 [1, 1, 28, 28] to `logits` f32 [1, 10].
The network wants (pixel - 128) / 128, so that the u8 the first QuantizeLinear
produces is the pixel itself. Training images are drawn by generate.py from
streams that the test files do not use.

Usage:
    python3 generate.py
    python3 train.py [--out DIR] [--epochs N] [--qat-epochs N] [--seed S]
    python3 train.py --scop         # only the gates, from digits_float.onnx
    python3 train.py --check        # only measure the files already there

Training takes a few minutes on one CPU core. Depends on numpy and torch, on
onnx to write the models and on onnxruntime to check them
(pip install numpy torch onnx onnxruntime).
"""

import argparse
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

import export
import generate
import scop
from network import CENTRE, FakeQuant, Net, quantized

BATCH = 100


def preprocess(images):
    """u8 [N, 28, 28] to f32 [N, 1, 28, 28] in [-1, 1)."""
    return (images[:, None].astype(np.float32) - CENTRE) / CENTRE


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


class Trainer:
    """Training and validation images, and the loop over them."""

    def __init__(self, args):
        images, labels = generate.make_digits(args.images, args.seed,
                                              generate.STREAM_TRAIN)
        valid, self.valid_labels = generate.make_digits(
            1000, args.seed, generate.STREAM_VALID)
        self.valid = preprocess(valid)
        self.images = torch.from_numpy(preprocess(images))
        self.labels = torch.from_numpy(labels.astype(np.int64))
        self.steps = len(range(0, args.images, BATCH))

    def validate(self, net):
        return torch_accuracy(net, self.valid, self.valid_labels)

    def run(self, net, name, epochs, rate, before_epoch=lambda epoch: None):
        optimizer = torch.optim.AdamW(net.parameters(), rate,
                                      weight_decay=1e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, rate, total_steps=epochs * self.steps)
        for epoch in range(epochs):
            before_epoch(epoch)
            loss = train_epoch(net, self.images, self.labels, optimizer,
                               schedule)
            print(f"{name} epoch {epoch + 1}: loss {loss:.4f}, validation "
                  f"{self.validate(net):.1%}", flush=True)

    def run_qat(self, net, name, epochs):
        """Trains what quantized() has built."""
        # Ranges settle before they take effect, and stay fixed in the last
        # epoch.
        quants = [m for m in net.modules() if isinstance(m, FakeQuant)]
        net.train()
        with torch.no_grad():
            for start in range(0, 2000, BATCH):
                net(self.images[start:start + BATCH])
        for quant in quants:
            quant.quantizing = True

        def before_epoch(epoch):
            if epoch == epochs - 1:
                for quant in quants:
                    quant.observing = False

        self.run(net, name, epochs, 5e-4, before_epoch)


def train(args, trainer):
    torch.manual_seed(args.seed)
    net = Net()
    trainer.run(net, "float", args.epochs, 8e-3)
    export.export_float(net, args.out / "digits_float.onnx")
    net = quantized(net)
    trainer.run_qat(net, "qat", args.qat_epochs)
    export.export_qat(net, args.out / "digits_qat.onnx")


# Check.


def check(folder):
    """Prints the accuracy of all files on the test images."""
    import onnxruntime
    images = preprocess(generate.read_idx(folder / "test-images.idx.gz"))
    labels = generate.read_idx(folder / "test-labels.idx.gz")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Runs the graph as written, every Q and DQ included.
    options.graph_optimization_level = \
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL

    def measure(model, title):
        session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"])
        share = accuracy(lambda x: session.run(None, {"image": x})[0], images,
                         labels)
        print(f"{title}: {share:.1%} of {len(images)} test images")

    for name in ("digits_float.onnx", "digits_qat.onnx", "digits_scop.onnx",
                 "digits_scop_qat.onnx"):
        measure(str(folder / name), name)
    masked = scop.mask_lowest(folder / "digits_scop.onnx")
    measure(masked.SerializeToString(),
            f"digits_scop.onnx, {scop.RATE:.0%} of the gated channels masked")


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
    parser.add_argument("--gate-epochs", type=int, default=1, metavar="N",
                        help="epochs that train SCOP's gates (default: 1)")
    parser.add_argument("--tune-epochs", type=int, default=8, metavar="N",
                        help="epochs without the channels that score lowest "
                        "(default: 8)")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--check", action="store_true",
                        help="only measure the models in --out")
    parser.add_argument("--scop", action="store_true",
                        help="only train the gates, of the digits_float.onnx "
                        "in --out")
    args = parser.parse_args()

    torch.set_num_threads(1)
    if not args.check:
        trainer = Trainer(args)
        if not args.scop:
            train(args, trainer)
        scop.train(args, trainer)
    check(args.out)


if __name__ == "__main__":
    main()
