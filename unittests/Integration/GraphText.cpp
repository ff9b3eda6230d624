//===- GraphText.cpp - pieces of MLIR text --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace oracle;

std::string oracle::number(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9e", value);
  return text;
}

std::string oracle::list(llvm::ArrayRef<int64_t> values) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(values, os);
  os << "]";
  return text;
}

std::string oracle::hexDense(llvm::ArrayRef<char> bytes) {
  return "dense<\"0x" +
         llvm::toHex(llvm::StringRef(bytes.data(), bytes.size())) + "\">";
}

static std::string gridText(const Grid &grid) {
  std::string text = number(grid.scale);
  if (grid.zeroPoint != 0)
    text += ":" + std::to_string(grid.zeroPoint);
  return text;
}

std::string oracle::quantType(unsigned bits, const std::vector<Grid> &grids,
                              int axis, CodeRange range) {
  std::string text = "!quant.uniform<i" + std::to_string(bits);
  if (bits == 8 && (range.low != -128 || range.high != 127))
    text += "<" + std::to_string(range.low) + ":" + std::to_string(range.high) +
            ">";
  text += ":f32";
  if (axis < 0)
    return text + ", " + gridText(grids[0]) + ">";
  text += ":" + std::to_string(axis) + ", {";
  for (size_t i = 0; i < grids.size(); ++i)
    text += (i ? ", " : "") + gridText(grids[i]);
  return text + "}>";
}

/// "tensor<1x2xf32>".
static std::string tensorType(llvm::ArrayRef<int64_t> shape,
                              llvm::StringRef element) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + element.str() + ">";
}

std::string GraphBuilder::name() { return "v" + std::to_string(nextName++); }

std::string GraphBuilder::type(const Image &image,
                               llvm::StringRef element) const {
  return tensorType({image.n, image.h, image.w, image.c}, element);
}

std::string GraphBuilder::pad(const std::string &x, Image &image, const Axis &y,
                              const Axis &w, llvm::StringRef value) {
  if (!y.padBefore && !y.padAfter && !w.padBefore && !w.padAfter)
    return x;
  std::string fill = name(), result = name(), before = type(image);
  image.h += y.padBefore + y.padAfter;
  image.w += w.padBefore + w.padAfter;
  llvm::raw_string_ostream(body)
      << "  %" << fill << " = arith.constant " << value << " : f32\n  %"
      << result << " = tensor.pad %" << x << " low"
      << list({0, y.padBefore, w.padBefore, 0}) << " high"
      << list({0, y.padAfter, w.padAfter, 0}) << " {\n"
      << "  ^bb0(%a: index, %b: index, %c: index, %d: index):\n"
      << "    tensor.yield %" << fill << " : f32\n  } : " << before << " to "
      << type(image) << "\n";
  return result;
}

std::string GraphBuilder::fill(const Image &image, llvm::StringRef value) {
  std::string constant = name(), empty = name(), result = name();
  llvm::raw_string_ostream(body)
      << "  %" << constant << " = arith.constant " << value << " : f32\n  %"
      << empty << " = tensor.empty() : " << type(image) << "\n  %" << result
      << " = linalg.fill ins(%" << constant << " : f32) outs(%" << empty
      << " : " << type(image) << ") -> " << type(image) << "\n";
  return result;
}

std::string GraphBuilder::constant(const std::vector<float> &values,
                                   const std::string &type) {
  std::string result = name();
  llvm::ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                             values.size() * 4);
  llvm::raw_string_ostream(body) << "  %" << result << " = arith.constant "
                                 << hexDense(bytes) << " : " << type << "\n";
  return result;
}

std::string GraphBuilder::weights(const ConvLayer &layer, llvm::StringRef dims,
                                  const Codes &codes, int axis) {
  if (layer.weightGrid.size() == 1)
    axis = -1;
  if (!quantized) {
    int64_t inner = 1, next = 0;
    std::vector<float> values;
    llvm::SmallVector<llvm::StringRef> extents;
    dims.split(extents, 'x');
    for (llvm::StringRef extent : llvm::drop_begin(extents, axis + 1))
      inner *= std::stoll(extent.str());
    for (int8_t code : codes) {
      size_t channel = axis < 0 ? 0 : next / inner % layer.weightGrid.size();
      values.push_back(dequantize(code, layer.weightGrid[channel]));
      ++next;
    }
    return constant(values, "tensor<" + dims.str() + "xf32>");
  }
  std::string plain = name(), cast = name(), result = name();
  std::string quant = quantType(8, layer.weightGrid, axis);
  llvm::ArrayRef<char> bytes(reinterpret_cast<const char *>(codes.data()),
                             codes.size());
  llvm::raw_string_ostream os(body);
  os << "  %" << plain << " = arith.constant " << hexDense(bytes)
     << " : tensor<" << dims << "xi8>\n  %" << cast << " = quant.scast %"
     << plain << " : tensor<" << dims << "xi8> to tensor<" << dims << "x"
     << quant << ">\n  %" << result << " = quant.dcast %" << cast
     << " : tensor<" << dims << "x" << quant << "> to tensor<" << dims
     << "xf32>\n";
  return result;
}

std::string GraphBuilder::bias(const ConvLayer &layer,
                               llvm::StringRef resultType, llvm::StringRef dims,
                               llvm::ArrayRef<int64_t> shape) {
  std::string empty = name(), result = name();
  llvm::raw_string_ostream os(body);
  os << "  %" << empty << " = tensor.empty() : " << resultType << "\n";
  if (layer.bias.empty()) {
    std::string zero = name();
    os << "  %" << zero << " = arith.constant 0.0 : f32\n  %" << result
       << " = linalg.fill ins(%" << zero << " : f32) outs(%" << empty << " : "
       << resultType << ") -> " << resultType << "\n";
    return result;
  }
  std::vector<Grid> grids;
  for (const Grid &grid : layer.weightGrid)
    grids.push_back({layer.in.scale * grid.scale, 0});
  std::string vector = "tensor<" + std::to_string(layer.filters) + "x";
  std::string real;
  if (!quantized) {
    std::vector<float> values;
    for (size_t f = 0; f < layer.bias.size(); ++f)
      values.push_back(
          dequantize(layer.bias[f], grids[grids.size() == 1 ? 0 : f]));
    real = constant(values, vector + "f32>");
  } else {
    std::string quant = quantType(32, grids, grids.size() == 1 ? -1 : 0);
    std::string plain = name(), cast = name();
    real = name();
    llvm::ArrayRef<char> bytes(
        reinterpret_cast<const char *>(layer.bias.data()),
        layer.bias.size() * 4);
    os << "  %" << plain << " = arith.constant " << hexDense(bytes) << " : "
       << vector << "i32>\n  %" << cast << " = quant.scast %" << plain << " : "
       << vector << "i32> to " << vector << quant << ">\n  %" << real
       << " = quant.dcast %" << cast << " : " << vector << quant << "> to "
       << vector << "f32>\n";
  }
  std::string type = vector + "f32>";
  if (!shape.empty()) {
    std::string flat = real;
    real = name();
    os << "  %" << real << " = tensor.expand_shape %" << flat
       << " [[0, 1]] output_shape " << list(shape) << " : " << type << " into "
       << tensorType(shape, "f32") << "\n";
    type = tensorType(shape, "f32");
  }
  os << "  %" << result << " = linalg.broadcast ins(%" << real << " : " << type
     << ") outs(%" << empty << " : " << resultType << ") dimensions = [" << dims
     << "]\n";
  return result;
}

std::string GraphBuilder::clamp(const std::string &x, const std::string &type,
                                const Clamp &clamp) {
  std::string current = x;
  for (bool low : {true, false}) {
    if (!(low ? clamp.low : clamp.high))
      continue;
    std::string bound = name(), empty = name(), result = name();
    llvm::raw_string_ostream os(body);
    os << "  %" << bound << " = arith.constant "
       << number(low ? clamp.lowest : clamp.highest) << " : f32\n  %" << empty
       << " = tensor.empty() : " << type << "\n  %" << result
       << " = linalg.generic {indexing_maps = [#id, #id], iterator_types = "
          "[\"parallel\", \"parallel\", \"parallel\", \"parallel\"]} ins(%"
       << current << " : " << type << ") outs(%" << empty << " : " << type
       << ") {\n  ^bb0(%a: f32, %o: f32):\n";
    if (clamp.style == ClampStyle::Select)
      os << "    %p = arith.cmpf " << (low ? "ugt" : "ult") << ", %a, %"
         << bound << " : f32\n    %r = arith.select %p, %a, %" << bound
         << " : f32\n";
    else if (clamp.style == ClampStyle::MaxNum)
      os << "    %r = arith." << (low ? "maxnumf" : "minnumf") << " %a, %"
         << bound << " : f32\n";
    else
      os << "    %r = arith." << (low ? "maximumf" : "minimumf") << " %a, %"
         << bound << " : f32\n";
    os << "    linalg.yield %r : f32\n  } -> " << type << "\n";
    current = result;
  }
  return current;
}

std::string GraphBuilder::transpose(const std::string &x,
                                    llvm::ArrayRef<int64_t> shape,
                                    llvm::ArrayRef<int64_t> permutation) {
  std::vector<int64_t> to;
  for (int64_t d : permutation)
    to.push_back(shape[d]);
  std::string empty = name(), result = name(), type = tensorType(to, "f32");
  llvm::raw_string_ostream(body)
      << "  %" << empty << " = tensor.empty() : " << type << "\n  %" << result
      << " = linalg.transpose ins(%" << x << " : " << tensorType(shape, "f32")
      << ") outs(%" << empty << " : " << type
      << ") permutation = " << list(permutation) << "\n";
  return result;
}

std::string GraphBuilder::module() const {
  std::string text = "#id = affine_map<(a, b, c, d) -> (a, b, c, d)>\n"
                     "#channel = affine_map<(a, b, c, d) -> (a, d)>\n"
                     "#pixel = affine_map<(a, b, c, d) -> (b, c)>\n"
                     "func.func @main(";
  llvm::raw_string_ostream os(text);
  for (size_t i = 0; i < arguments.size(); ++i)
    os << (i ? ", %in" : "%in") << i << ": " << type(arguments[i].image);
  os << ") -> (";
  llvm::interleaveComma(outputs, os,
                        [&](const Activation &x) { os << type(x.image); });
  os << ") {\n" << body << "  return ";
  llvm::interleaveComma(outputs, os,
                        [&](const Activation &x) { os << "%" << x.value; });
  os << " : ";
  llvm::interleaveComma(outputs, os,
                        [&](const Activation &x) { os << type(x.image); });
  os << "\n}\n";
  return text;
}
