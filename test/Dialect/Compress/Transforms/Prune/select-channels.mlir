// RUN: split-file %s %t
// RUN: compress-opt %t/example.mlir --compress-select-channels="criterion=l1 rate=0.5" | FileCheck %t/example.mlir
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 rate=0.25" | FileCheck %t/criteria.mlir --check-prefix=L1
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l2 rate=0.25" | FileCheck %t/criteria.mlir --check-prefix=L2
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=gamma rate=0.25" | FileCheck %t/criteria.mlir --check-prefix=GAMMA
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=fpgm rate=0.25" | FileCheck %t/criteria.mlir --check-prefix=L2
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=lamp rate=0.25" | FileCheck %t/criteria.mlir --check-prefix=L2
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=median-ratio rate=0.25" | FileCheck %t/criteria.mlir --check-prefix=L2
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=file scores=%t/scores.json rate=0.5" | FileCheck %t/criteria.mlir --check-prefix=FILE

// A control depends on the seed alone.
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=random rate=0.5 seed=1" -o %t/random1.mlir
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=random rate=0.5 seed=1" | diff - %t/random1.mlir
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=random rate=0.5 seed=3" | not diff - %t/random1.mlir

// How many go: int(0.74 * 4) is 2; 3 may, of which 4 are a multiple; half may.
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 rate=0.74" | FileCheck %t/criteria.mlir --check-prefix=TWO
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 rate=0.99 multiple=2" | FileCheck %t/criteria.mlir --check-prefix=TWO
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 rate=0.99 max-rate=0.5" | FileCheck %t/criteria.mlir --check-prefix=TWO
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 rate=0.99 multiple=4" | FileCheck %t/criteria.mlir --check-prefix=NONE
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 rate=0" | FileCheck %t/criteria.mlir --check-prefix=NONE
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 exclude=fi*" | FileCheck %t/criteria.mlir --check-prefix=NONE

// Layers of which the sum is over the same channels are one group.
// RUN: compress-opt %t/residual.mlir --compress-select-channels="criterion=l1 rate=0.5 combine=sum" | FileCheck %t/residual.mlir --check-prefix=SUM
// RUN: compress-opt %t/residual.mlir --compress-select-channels="criterion=l1 rate=0.5 combine=mean" | FileCheck %t/residual.mlir --check-prefix=SUM
// RUN: compress-opt %t/residual.mlir --compress-select-channels="criterion=l1 rate=0.5 combine=max" | FileCheck %t/residual.mlir --check-prefix=MAX

// All channels together; what is left of the weights or of the products.
// RUN: compress-opt %t/two.mlir --compress-select-channels="criterion=l1 rate=0.5 scope=local" | FileCheck %t/two.mlir --check-prefix=LOCAL
// RUN: compress-opt %t/two.mlir --compress-select-channels="criterion=l1 rate=0.5 scope=global" | FileCheck %t/two.mlir --check-prefix=GLOBAL
// RUN: compress-opt %t/two.mlir --compress-select-channels="criterion=l1 rate=0.4 scope=global budget=macs" | FileCheck %t/two.mlir --check-prefix=BUDGET
// RUN: compress-opt %t/two.mlir --compress-select-channels="criterion=l1 rate=0.3 scope=global budget=latency lanes=2" | FileCheck %t/two.mlir --check-prefix=LATENCY
// RUN: compress-opt %t/two.mlir --compress-select-channels="criterion=l1 rate=0.4 scope=global budget=parameters" | FileCheck %t/two.mlir --check-prefix=BUDGET

// TOSA.
// RUN: compress-opt %t/tosa.mlir --compress-select-channels="criterion=l1 rate=0.5" | FileCheck %t/tosa.mlir

// Why channels stay.
// RUN: compress-opt %t/criteria.mlir --compress-select-channels="criterion=l1 exclude=first" --remarks-filter=compress --remark-format=emitRemark -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EXCLUDED
// EXCLUDED:     remark: {{.*}}[Missed] SelectChannels {{.*}}"channels 'first' stay: excluded by name"
// EXCLUDED-NOT: remark:
// RUN: compress-opt %t/example.mlir --compress-select-channels="criterion=gamma" --remarks-filter=compress --remark-format=emitRemark -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NO-NORM
// NO-NORM:     remark: {{.*}}[Missed] SelectChannels {{.*}} stay: no batch normalization follows its layers"
// NO-NORM:     remark: {{.*}}[Missed] SelectChannels {{.*}} stay: an output of the network has it"
// RUN: not compress-opt %t/two.mlir --compress-select-channels="criterion=file scores=%t/scores.json" --remarks-filter=compress --remark-format=emitRemark -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNNAMED
// UNNAMED:     error: '{{.*}}scores.json': names none of the groups of channels of this network, but 'first': the file belongs to another network
// RUN: compress-opt %t/two.mlir --compress-select-channels="criterion=l1 rate=0.99 budget=macs" --remarks-filter=compress --remark-format=emitRemark -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNMET
// UNMET:       remark: {{.*}}[Missed] SelectChannels {{.*}}the budget is not met: more channels than may go would have to
// RUN: compress-opt %t/obstacle.mlir --compress-select-channels="criterion=l1" --remarks-filter=compress --remark-format=emitRemark -o - 2>&1 \
// RUN:   | FileCheck %t/obstacle.mlir

// RUN: compress-opt %t/unit.mlir --compress-select-channels="criterion=l1 rate=0.4" --remarks-filter=compress --remark-format=emitRemark -o - 2>&1 \
// RUN:   | FileCheck %t/unit.mlir

// What is wrong is said once, and nothing is written.
// RUN: not compress-opt %t/example.mlir --compress-select-channels="rate=1" -o %t/none 2>&1 | FileCheck %s --check-prefix=RATE
// RUN: not compress-opt %t/example.mlir --compress-select-channels="rate=-0.1" -o %t/none 2>&1 | FileCheck %s --check-prefix=RATE
// RUN: not compress-opt %t/example.mlir --compress-select-channels="rate=nan" -o %t/none 2>&1 | FileCheck %s --check-prefix=RATE
// RATE:        error: the rate is a number from 0 to below 1, not
// RUN: not compress-opt %t/example.mlir --compress-select-channels="max-rate=1.5" -o %t/none 2>&1 | FileCheck %s --check-prefix=MAX-RATE
// MAX-RATE:    error: max-rate is a number from 0 to 1, not 1.5
// RUN: not compress-opt %t/example.mlir --compress-select-channels="multiple=0" -o %t/none 2>&1 | FileCheck %s --check-prefix=MULTIPLE
// MULTIPLE:    error: multiple is a number from 1 to 65536, not 0
// RUN: not compress-opt %t/example.mlir --compress-select-channels="exclude=[" -o %t/none 2>&1 | FileCheck %s --check-prefix=PATTERN
// PATTERN:     error: exclude: [:
// RUN: not compress-opt %t/example.mlir --compress-select-channels="criterion=file" -o %t/none 2>&1 | FileCheck %s --check-prefix=TOGETHER
// RUN: not compress-opt %t/example.mlir --compress-select-channels="scores=%t/scores.json" -o %t/none 2>&1 | FileCheck %s --check-prefix=TOGETHER
// TOGETHER:    error: criterion=file and the file of scores belong together
// RUN: not compress-opt %t/example.mlir --compress-select-channels="criterion=reconstruction" -o %t/none 2>&1 | FileCheck %s --check-prefix=DATA
// RUN: not compress-opt %t/example.mlir --compress-select-channels="criterion=activation-mean" -o %t/none 2>&1 | FileCheck %s --check-prefix=DATA
// RUN: not compress-opt %t/example.mlir --compress-select-channels="criterion=activation-variance" -o %t/none 2>&1 | FileCheck %s --check-prefix=DATA
// RUN: not compress-opt %t/example.mlir --compress-select-channels="criterion=knockoff" -o %t/none 2>&1 | FileCheck %s --check-prefix=DATA
// RUN: not compress-opt %t/example.mlir --compress-select-channels="criterion=knockoff-gaussian" -o %t/none 2>&1 | FileCheck %s --check-prefix=DATA
// DATA:        error: criterion={{reconstruction|activation-mean|activation-variance|knockoff|knockoff-gaussian}} needs the network run on data, which a pass does not do; let compressc --prune-data write a file by --save-scores, and give it with criterion=file
// RUN: not compress-opt %t/criteria.mlir --compress-select-channels="criterion=file scores=%t/nothing.json" -o %t/none 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING:     error: {{.*}}nothing.json
// RUN: not compress-opt %t/criteria.mlir --compress-select-channels="criterion=file scores=%t/other.json" -o %t/none 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER:       error: '{{.*}}other.json': group 'first' has 3 scores for 4 channels: the file belongs to another network
// RUN: not compress-opt %t/criteria.mlir --compress-select-channels="criterion=file scores=%t/nan.json" -o %t/none 2>&1 | FileCheck %s --check-prefix=NAN
// NAN:         error: {{.*}}nan.json
// RUN: not compress-opt %t/criteria.mlir --compress-select-channels="criterion=file scores=%t/ranges.json" -o %t/none 2>&1 | FileCheck %s --check-prefix=FORMAT
// FORMAT:      error: {{.*}}ranges.json{{.*}}holds no scores
// RUN: not compress-opt %t/infinite.mlir --compress-select-channels="criterion=l1" -o %t/none 2>&1 | FileCheck %s --check-prefix=INFINITE
// INFINITE:    error: {{.*}}channels 'first': its scores are not finite: weights are NaN or infinite
// RUN: not compress-opt %t/integer.mlir --compress-select-channels -o %t/none 2>&1 | FileCheck %s --check-prefix=INTEGER
// INTEGER:     error: {{.*}}the network is in its integer form, in which scores and gates are gone; prune before --int8-lower
// RUN: not compress-opt %t/integer.mlir --compress-remove-channels -o %t/none 2>&1 | FileCheck %s --check-prefix=INTEGER
// RUN: not ls %t/none

//--- example.mlir

// The example of the description.

// CHECK-LABEL: func @example
// CHECK:         %[[H:.+]] = linalg.matmul
// CHECK-NEXT:    %[[M:.+]] = compress.channel_mask %[[H]] {axis = 1 : i64, mask = array<i1: true, false>} : tensor<1x2xf32>
// CHECK:         linalg.matmul ins(%[[M]], %{{.+}}
// CHECK-NOT:     compress.channel_mask
func.func @example(%x: tensor<1x4xf32>) -> tensor<1x3xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, -0.5], [2.0, 0.5], [-1.0, 0.25], [1.0, 0.0]]> : tensor<4x2xf32>
  %w2 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %h = linalg.matmul ins(%x, %w : tensor<1x4xf32>, tensor<4x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %e2 = tensor.empty() : tensor<1x3xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %y = linalg.matmul ins(%h, %w2 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%i2 : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

//--- criteria.mlir

// Filters (3, 0), (2, 2), (-2.1, -2.1), (5, 5): the first has the smallest sum
// of magnitudes, the second the smallest norm and distance from the others. The
// mask is behind the batch normalization and before the activation.

// L1:    %[[N:.+]] = linalg.generic
// L1:    arith.addf
// L1:    compress.channel_mask %[[N]] {axis = 1 : i64, mask = array<i1: false, true, true, true>}
// L1:    arith.maximumf
// L2:    compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, false, true, true>}
// GAMMA: compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, true, true, false>}
// FILE:  compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, true, false, true>}
// TWO:   compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, false, true, true>}
// NONE-NOT: compress.channel_mask
func.func @criteria(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[3.0, 2.0, -2.1, 5.0], [0.0, 2.0, -2.1, 5.0]]> : tensor<2x4xf32>
  %gamma = arith.constant dense<[4.0, 3.0, 2.0, -1.0]> : tensor<4xf32>
  %beta = arith.constant dense<[0.1, 0.2, 0.3, 0.4]> : tensor<4xf32>
  %w2 = arith.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %e = tensor.empty() : tensor<1x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4xf32>) -> tensor<1x4xf32>
  %h = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x4xf32>) outs(%i : tensor<1x4xf32>) -> tensor<1x4xf32> loc("first")
  %n = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%h, %gamma, %beta : tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<1x4xf32>) {
  ^bb0(%a: f32, %g: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %g : f32
    %s = arith.addf %p, %b : f32
    linalg.yield %s : f32
  } -> tensor<1x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%n : tensor<1x4xf32>) outs(%e : tensor<1x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x4xf32>
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%r, %w2 : tensor<1x4xf32>, tensor<4x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32> loc("last")
  return %y : tensor<1x1xf32>
}

//--- residual.mlir

// Sums of magnitudes 3 and 1, 2 and 5: together 5 and 6, at most 3 and 5.

// SUM-COUNT-2: compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, true>}
// MAX-COUNT-2: compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, true>}
func.func @residual(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %wa = arith.constant dense<[[3.0, 1.0]]> : tensor<1x2xf32>
  %wb = arith.constant dense<[[-2.0, 5.0]]> : tensor<1x2xf32>
  %w = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = linalg.matmul ins(%x, %wa : tensor<1x1xf32>, tensor<1x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %b = linalg.matmul ins(%x, %wb : tensor<1x1xf32>, tensor<1x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %s = linalg.add ins(%a, %b : tensor<1x2xf32>, tensor<1x2xf32>) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%s, %w : tensor<1x2xf32>, tensor<2x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

//--- two.mlir

// Over their means the scores are 0.2, 0.4, 0.6, 2.8 and 0.8, 0.9, 1.1, 1.2. Of
// 4 + 16 + 4 products at most 14.4 are to stay: without the two lowest channels
// 2 + 8 + 4 do.

// LOCAL:      compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, false, true, true>}
// LOCAL:      compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, false, true, true>}
// GLOBAL:     compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, false, false, true>}
// GLOBAL:     compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, true, true, true>}
// BUDGET:     compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, false, true, true>}
// BUDGET-NOT: compress.channel_mask
//
// In vectors of two outputs, for four inputs at a time: two channels of the
// second layer save 8 of 24 and lose 1.7, two of the first save 2 and lose 0.6.

// LATENCY-COUNT-2: linalg.matmul
// LATENCY-NEXT:    compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: false, false, true, true>}
// LATENCY-NOT:     compress.channel_mask
func.func @two(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[0.2, 0.4, 0.6, 2.8]]> : tensor<1x4xf32>
  %w2 = arith.constant dense<[[8.0, 9.0, 11.0, 12.0], [8.0, 9.0, 11.0, 12.0], [8.0, 9.0, 11.0, 12.0], [8.0, 9.0, 11.0, 12.0]]> : tensor<4x4xf32>
  %w3 = arith.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %e = tensor.empty() : tensor<1x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4xf32>) -> tensor<1x4xf32>
  %a = linalg.matmul ins(%x, %w1 : tensor<1x1xf32>, tensor<1x4xf32>) outs(%i : tensor<1x4xf32>) -> tensor<1x4xf32> loc("a")
  %b = linalg.matmul ins(%a, %w2 : tensor<1x4xf32>, tensor<4x4xf32>) outs(%i : tensor<1x4xf32>) -> tensor<1x4xf32> loc("b")
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%b, %w3 : tensor<1x4xf32>, tensor<4x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32> loc("c")
  return %y : tensor<1x1xf32>
}

//--- tosa.mlir

// CHECK-LABEL: func @tosa
// CHECK:         %[[H:.+]] = tosa.conv2d
// CHECK-NEXT:    %[[M:.+]] = compress.channel_mask %[[H]] {axis = 3 : i64, mask = array<i1: false, true>} : tensor<1x2x2x2xf32>
// CHECK-NEXT:    tosa.clamp %[[M]]
func.func @tosa(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x3xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[0.25]]], [[[-0.5]]]]> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b1 = "tosa.const"() {values = dense<0.1> : tensor<2xf32>} : () -> tensor<2xf32>
  %w2 = "tosa.const"() {values = dense<0.25> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  %b2 = "tosa.const"() {values = dense<0.2> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  %c = tosa.clamp %h {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %y = tosa.conv2d %c, %w2, %b2, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<3x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x3xf32>
  return %y : tensor<1x2x2x3xf32>
}

//--- obstacle.mlir

// The mean over the channels is taken off: where they are zero it is not.

// CHECK:     remark: {{.*}}[Missed] SelectChannels {{.*}}"channels 'first' stay: it adds to a sum what is not known to be zero"
// CHECK-NOT: compress.channel_mask
func.func @obstacle(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %w2 = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %h = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32> loc("first")
  %e1 = tensor.empty() : tensor<1xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1xf32>) -> tensor<1xf32>
  %s = linalg.reduce ins(%h : tensor<1x2xf32>) outs(%i1 : tensor<1xf32>) dimensions = [1]
    (%a: f32, %b: f32) {
      %sum = arith.addf %b, %a : f32
      linalg.yield %sum : f32
    }
  %c = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%h, %s : tensor<1x2xf32>, tensor<1xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<1x2xf32>
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%c, %w2 : tensor<1x2xf32>, tensor<2x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

//--- unit.mlir

// Masked, the first channel is 0.5 where it is not padded, the others are 0.

// CHECK: remark: {{.*}}[Missed] SelectChannels {{.*}}"channels 'first' stay: one of them is left when it is masked: it adds to a sum what is not known to be zero"
// CHECK: compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, false, true>}
func.func @unit(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]]]> : tensor<3x1x1x1xf32>
  %b = arith.constant dense<[0.5, -0.5, -0.5]> : tensor<3xf32>
  %w2 = arith.constant dense<0.5> : tensor<1x3x3x3xf32>
  %e1 = tensor.empty() : tensor<1x3x2x2xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %h = linalg.conv_2d_nchw_fchw ins(%x, %w1 : tensor<1x1x2x2xf32>, tensor<3x1x1x1xf32>) outs(%i1 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32> loc("first")
  %r = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (b)>, affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%h, %b : tensor<1x3x2x2xf32>, tensor<3xf32>) outs(%e1 : tensor<1x3x2x2xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %v = arith.maximumf %a, %zero : f32
    %s = arith.addf %v, %c : f32
    %t = arith.maximumf %s, %zero : f32
    linalg.yield %t : f32
  } -> tensor<1x3x2x2xf32>
  %p = tensor.pad %r low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%a: index, %b2: index, %c: index, %d: index):
    tensor.yield %zero : f32
  } : tensor<1x3x2x2xf32> to tensor<1x3x4x4xf32>
  %e2 = tensor.empty() : tensor<1x1x2x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%p, %w2 : tensor<1x3x4x4xf32>, tensor<1x3x3x3xf32>) outs(%i2 : tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

//--- infinite.mlir

func.func @infinite(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0x7FC00000, 4.0]]> : tensor<2x2xf32>
  %w2 = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %h = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32> loc("first")
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%h, %w2 : tensor<1x2xf32>, tensor<2x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

//--- integer.mlir

func.func @integer(%x: i32, %s: f32) -> i8 {
  %y = compress.requantize %x, %s zp(0) range(-128, 127) : i32, f32 -> i8
  return %y : i8
}

//--- scores.json
{"format": "compress-scores", "version": 1, "criterion": "test", "samples": 1,
 "groups": [{"name": "first", "scores": [0.1, 0.5, 0.2, 0.4]}]}

//--- other.json
{"format": "compress-scores", "version": 1, "criterion": "test", "samples": 1,
 "groups": [{"name": "first", "scores": [0.1, 0.5, 0.2]}]}

//--- nan.json
{"format": "compress-scores", "version": 1, "criterion": "test", "samples": 1,
 "groups": [{"name": "first", "scores": [0.1, NaN, 0.2, 0.4]}]}

//--- ranges.json
{"format": "compress-ranges", "version": 1, "groups": []}
