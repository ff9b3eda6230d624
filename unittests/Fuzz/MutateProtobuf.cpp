//===- MutateProtobuf.cpp - changed protobuf messages --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Works on protobuf's wire format: a message is a list of fields, each a number
// with its tag, or a tag, a length and bytes, which may be a message again.
//
//===----------------------------------------------------------------------===//

#include "Mutate.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Endian.h"

using namespace compress;
using namespace compress::fuzz;
using llvm::StringRef;

namespace {

/// Field `number` of messages of kind `parent` holds one of kind `child`. Kind
/// 0 is the model.
struct MessageField {
  unsigned parent, number, child;
};

struct Schema {
  llvm::ArrayRef<MessageField> messages;
  /// Whether a change of a field matters to a reader.
  bool (*matters)(unsigned parent, unsigned number);
};

struct Field {
  unsigned parent = 0, number = 0, wire = 0;
  uint64_t value = 0;          // where it is a number
  std::string bytes;           // else, where it is no message
  std::vector<Field> children; // where it is one
  bool isMessage = false;
};

} // namespace

static const Schema &onnxSchema() {
  enum : uint8_t {
    kModel,
    kGraph,
    kNode,
    kAttribute,
    kTensor,
    kValueInfo,
    kType,
    kTensorType,
    kShape,
    kDimension,
    kOpset,
  };
  static constexpr MessageField messages[] = {
      {kModel, 7, kGraph},      {kModel, 8, kOpset},
      {kGraph, 1, kNode},       {kGraph, 5, kTensor},
      {kGraph, 11, kValueInfo}, {kGraph, 12, kValueInfo},
      {kGraph, 13, kValueInfo}, {kNode, 5, kAttribute},
      {kAttribute, 5, kTensor}, {kAttribute, 6, kGraph},
      {kValueInfo, 2, kType},   {kType, 1, kTensorType},
      {kTensorType, 2, kShape}, {kShape, 1, kDimension},
  };
  static const Schema schema{
      messages, [](unsigned parent, unsigned number) {
        return !(parent == kModel && number != 7 && number != 8) &&
               !(parent == kNode && number == 6); // documentation
      }};
  return schema;
}

static const Schema &mindirSchema() {
  enum : uint8_t {
    kModel,
    kGraph,
    kNode,
    kAttribute,
    kTensor,
    kValueInfo,
    kPrimitive,
    kExternal,
  };
  static constexpr MessageField messages[] = {
      {kModel, 7, kGraph},         {kModel, 8, kGraph},
      {kModel, 12, kPrimitive},    {kGraph, 1, kNode},
      {kGraph, 3, kTensor},        {kGraph, 5, kValueInfo},
      {kGraph, 6, kValueInfo},     {kNode, 5, kAttribute},
      {kPrimitive, 3, kAttribute}, {kValueInfo, 2, kTensor},
      {kTensor, 12, kExternal},    {kAttribute, 6, kTensor},
      {kAttribute, 12, kTensor},   {kAttribute, 17, kAttribute},
  };
  static const Schema schema{messages, [](unsigned parent, unsigned number) {
                               return !(parent == kModel && number != 7 &&
                                        number != 8 && number != 12) &&
                                      !(parent == kGraph &&
                                        number == 8) && // bookkeeping
                                      !(parent == kNode && number > 7);
                             }};
  return schema;
}

static bool readVarint(StringRef &bytes, uint64_t &value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    uint8_t byte = bytes.front();
    bytes = bytes.drop_front();
    value |= uint64_t(byte & 127) << shift;
    if (byte < 128)
      return true;
  }
  return false;
}

static void writeVarint(std::string &out, uint64_t value) {
  for (; value >= 128; value >>= 7)
    out += static_cast<char>(value | 128);
  out += static_cast<char>(value);
}

/// The fields of a message, as far as they can be read.
static std::vector<Field> parse(StringRef bytes, const Schema &schema,
                                unsigned kind) {
  std::vector<Field> fields;
  uint64_t tag, length;
  while (readVarint(bytes, tag)) {
    Field field;
    field.parent = kind;
    field.number = tag >> 3;
    field.wire = tag & 7;
    if (field.wire == 0) {
      if (!readVarint(bytes, field.value))
        break;
    } else {
      length = field.wire == 1 ? 8 : 4;
      if (field.wire == 2 && !readVarint(bytes, length))
        break;
      StringRef body = bytes.take_front(length);
      bytes = bytes.drop_front(body.size());
      field.bytes = body.str();
      for (const auto &[parent, number, child] : schema.messages)
        if (parent == kind && number == field.number && field.wire == 2) {
          field.isMessage = true;
          field.children = parse(body, schema, child);
        }
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

static std::string print(llvm::ArrayRef<Field> fields) {
  std::string out;
  for (const Field &field : fields) {
    writeVarint(out, uint64_t(field.number) << 3 | field.wire);
    if (field.wire == 0) {
      writeVarint(out, field.value);
      continue;
    }
    const std::string &body =
        field.isMessage ? print(field.children) : field.bytes;
    if (field.wire == 2)
      writeVarint(out, body.size());
    out += body;
  }
  return out;
}

/// Every list of fields, with that of each message in it, and every field.
static void collect(std::vector<Field> &fields,
                    std::vector<std::vector<Field> *> &lists,
                    std::vector<Field *> &all) {
  lists.push_back(&fields);
  for (Field &field : fields) {
    all.push_back(&field);
    collect(field.children, lists, all);
  }
}

/// Puts difficult numbers into the data of a tensor.
static void changeData(std::string &bytes, Random &random) {
  size_t size = below(random, 3) ? 4 : 8;
  if (bytes.size() < size) {
    for (char &c : bytes)
      c = static_cast<char>(awkwardInteger(random));
    return;
  }
  size_t first = below(random, bytes.size() / size);
  size_t count = below(random, 2) ? 1 : bytes.size() / size - first;
  for (size_t i = first; i < first + count; ++i) {
    char *place = &bytes[i * size];
    if (size == 4)
      llvm::support::endian::write32le(place, awkwardFloat(random));
    else
      llvm::support::endian::write64le(place, awkwardInteger(random));
  }
}

static void changeField(Field &field, llvm::ArrayRef<Field *> all,
                        Random &random) {
  // Often what another field of the same meaning has: its number or name.
  const Field &other = *anyOf(random, all);
  bool sameKind = other.parent == field.parent && other.number == field.number;
  if (field.wire == 0)
    field.value = sameKind           ? other.value
                  : below(random, 3) ? awkwardInteger(random)
                                     : below(random, 20);
  else if (field.isMessage)
    field.children = sameKind ? other.children : std::vector<Field>();
  else if (sameKind)
    field.bytes = other.bytes;
  else if (field.wire == 5)
    llvm::support::endian::write32le(field.bytes.data(), awkwardFloat(random));
  else if (below(random, 4) == 0 && !field.bytes.empty())
    field.bytes.resize(below(random, field.bytes.size()));
  else
    changeData(field.bytes, random);
}

static void mutateMessage(std::vector<Field> &model, const Schema &schema,
                          Random &random) {
  std::vector<std::vector<Field> *> lists;
  std::vector<Field *> all;
  collect(model, lists, all);
  if (all.empty())
    return;
  if (below(random, 3)) {
    // Fields of the same meaning are many, so that a pair is found by trying.
    Field *field = anyOf(random, all);
    for (int attempt = 0;
         attempt < 20 && !schema.matters(field->parent, field->number);
         ++attempt)
      field = anyOf(random, all);
    llvm::SmallVector<Field *> same;
    for (Field *other : all)
      if (other->parent == field->parent && other->number == field->number)
        same.push_back(other);
    if (below(random, 2))
      changeField(*field, same, random);
    else
      changeField(*field, all, random);
    return;
  }
  std::vector<Field> &list = *anyOf(random, lists);
  if (list.empty())
    return;
  size_t place = below(random, list.size());
  switch (below(random, 3)) {
  case 0:
    list.erase(list.begin() + place);
    break;
  case 1: {
    Field copy = list[place];
    list.insert(list.begin() + below(random, list.size()), std::move(copy));
    break;
  }
  default:
    std::swap(list[place], list[below(random, list.size())]);
  }
}

static std::string mutate(std::string content, const Schema &schema,
                          Random &random) {
  if (below(random, 3) == 0)
    return mutateBytes(std::move(content), random);
  std::vector<Field> model = parse(content, schema, /*kind=*/0);
  size_t times = 1 + below(random, 3);
  for (size_t i = 0; i < times; ++i)
    mutateMessage(model, schema, random);
  return print(model);
}

std::string fuzz::mutateOnnx(std::string content, Random &random) {
  return mutate(std::move(content), onnxSchema(), random);
}

std::string fuzz::mutateMindIR(std::string content, Random &random) {
  return mutate(std::move(content), mindirSchema(), random);
}
