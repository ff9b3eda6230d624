// Ranges that are not those of the network.
// RUN: rm -rf %t && mkdir %t
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --mlir-print-debuginfo -o %t/network.mlir

// RUN: not compress-opt %t/network.mlir --compress-quantize-observed 2>&1 | FileCheck %s --check-prefix=NOFILE
// NOFILE: error: there are no ranges; name a file with ranges=FILE

// RUN: not compress-opt %t/network.mlir --compress-quantize-observed=ranges=%t/absent.json 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: '{{.*}}absent.json': no such file or directory

// RUN: sed 's/"pool"/"poll"/' %S/Inputs/ranges.json > %t/unknown.json
// RUN: not compress-opt %t/network.mlir --compress-quantize-observed=ranges=%t/unknown.json 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: {{.*}}'compress.observe' op has no range for tensor 'pool'; calibrate this network, with these options, again

// RUN: sed 's/{"name": "pool"/{"name": "more", "min": 0, "max": 1}, &/' %S/Inputs/ranges.json > %t/more.json
// RUN: not compress-opt %t/network.mlir --compress-quantize-observed=ranges=%t/more.json 2>&1 | FileCheck %s --check-prefix=MORE
// MORE: error: {{.*}}'func.func' op has no tensor 'more' to quantize, for which there is a range; take the line out, or calibrate this network again

// RUN: sed 's/0.5, 0, 0, -0.5/0.5/' %S/Inputs/ranges.json > %t/few.json
// RUN: not compress-opt %t/network.mlir --compress-quantize-observed=ranges=%t/few.json 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: error: {{.*}}'linalg.conv_2d_nhwc_hwcf' op has 4 channels, and corrections for 1; calibrate this network again

// RUN: sed 's/"conv2"/"conv9"/' %S/Inputs/ranges.json > %t/conv9.json
// RUN: not compress-opt %t/network.mlir --compress-quantize-observed=ranges=%t/conv9.json 2>&1 | FileCheck %s --check-prefix=CONV9
// CONV9: error: {{.*}}'func.func' op has no convolution or product 'conv9' that is quantized, for a correction in the ranges

// RUN: sed 's/"corrections": .*/"rounding": [{"name": "conv2", "steps": "0a"}], &/' %S/Inputs/ranges.json > %t/short.json
// RUN: not compress-opt %t/network.mlir --compress-quantize-observed=ranges=%t/short.json 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: error: {{.*}}'linalg.conv_2d_nhwc_hwcf' op has 16 weights, and roundings for 2; calibrate this network again

// RUN: sed 's/"corrections": .*/"rounding": [{"name": "conv8", "steps": "0a"}], &/' %S/Inputs/ranges.json > %t/conv8.json
// RUN: not compress-opt %t/network.mlir --compress-quantize-observed=ranges=%t/conv8.json 2>&1 | FileCheck %s --check-prefix=CONV8
// CONV8: error: {{.*}}'func.func' op has no convolution or product 'conv8' that is quantized, for a rounding in the ranges

// RUN: not compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-probe-errors 2>&1 | FileCheck %s --check-prefix=NOFILE

// RUN: not compress-opt %S/Inputs/network.mlir --compress-quantize-observed=ranges=%S/Inputs/ranges.json 2>&1 | FileCheck %s --check-prefix=UNPLACED
// UNPLACED: error: {{.*}}'func.func' op has no observed tensor for the ranges; run --compress-place-observers first
