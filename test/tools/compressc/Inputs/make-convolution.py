# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a convolution of 32 channels as TOSA, and eight images for it.

Usage: make-convolution.py FOLDER
"""

import os
import sys

import numpy as np

random = np.random.default_rng(1)
weights = random.standard_normal((32, 3, 3, 32), np.float32)
with open(os.path.join(sys.argv[1], "model.mlir"), "w") as file:
    file.write(f"""
func.func @main(%x: tensor<1x15x16x32xf32>) -> tensor<1x15x16x32xf32> {{
  %w = arith.constant dense<"0x{weights.tobytes().hex()}"> : tensor<32x3x3x32xf32>
  %b = arith.constant dense<1.0> : tensor<32xf32>
  %z = "tosa.const"() {{values = dense<0.0> : tensor<1xf32>}} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {{acc_type = f32, dilation = array<i64: 1, 1>,
    pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}} :
    (tensor<1x15x16x32xf32>, tensor<32x3x3x32xf32>, tensor<32xf32>, tensor<1xf32>,
     tensor<1xf32>) -> tensor<1x15x16x32xf32>
  return %y : tensor<1x15x16x32xf32>
}}
""")
np.save(os.path.join(sys.argv[1], "x.npy"),
        random.standard_normal((8, 15, 16, 32), np.float32))
