//===- ElfChecker.cpp - checks before the linker sees a file --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElfChecker.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace compress;

const ELF64LE::Phdr *ElfChecker::segmentOf(uint64_t address, uint64_t size,
                                           bool fromFile) const {
  // Where one segment ends and the next begins, an address is the next one's.
  const ELF64LE::Phdr *endsHere = nullptr;
  for (const ELF64LE::Phdr *load : loads) {
    uint64_t extent = fromFile ? load->p_filesz : load->p_memsz;
    if (address < load->p_vaddr || address - load->p_vaddr > extent ||
        size > extent - (address - load->p_vaddr))
      continue;
    if (address - load->p_vaddr < extent)
      return load;
    endsHere = load;
  }
  return endsHere;
}

bool ElfChecker::bytesAt(uint64_t address, uint64_t size,
                         StringRef &bytes) const {
  const ELF64LE::Phdr *load = segmentOf(address, size, /*fromFile=*/true);
  if (load)
    bytes = content.substr(load->p_offset + (address - load->p_vaddr), size);
  return load;
}

Error ElfChecker::checkSegments() {
  auto headers = elf.program_headers();
  if (!headers)
    return damaged(headers.takeError());
  constexpr uint64_t addressLimit = uint64_t(1) << 46;
  uint64_t end = 0; // Of the segment before.
  for (const ELF64LE::Phdr &header : *headers) {
    if (header.p_type == ELF::PT_GNU_STACK || header.p_type == ELF::PT_NULL)
      continue;
    if (header.p_offset > content.size() ||
        header.p_filesz > content.size() - header.p_offset)
      return damaged("the file ends before its segments do");
    if (header.p_filesz > header.p_memsz || header.p_vaddr > addressLimit ||
        header.p_memsz > addressLimit)
      return damaged("a segment has an impossible size or address");
    if (header.p_type != ELF::PT_LOAD)
      continue;
    uint64_t align = header.p_align;
    if (!isPowerOf2_64(align) || align > addressLimit ||
        (header.p_vaddr - header.p_offset) % align != 0)
      return damaged("a segment is not aligned");
    if (header.p_vaddr < end)
      return damaged("segments overlap");
    end = header.p_vaddr + header.p_memsz;
    loads.push_back(&header);
  }
  for (const ELF64LE::Phdr &header : *headers) {
    switch (header.p_type) {
    case ELF::PT_DYNAMIC:
      if (dynamic)
        return damaged("two dynamic sections");
      dynamic = &header;
      break;
    case ELF::PT_PHDR:
    case ELF::PT_NOTE:
    case ELF::PT_TLS:
    case ELF::PT_GNU_RELRO:
    case ELF::PT_GNU_PROPERTY:
    case ELF::PT_GNU_EH_FRAME:
      break;
    default:
      continue;
    }
    // What is made read only ends with the last page of its segment.
    bool relro = header.p_type == ELF::PT_GNU_RELRO;
    const ELF64LE::Phdr *load =
        segmentOf(header.p_vaddr, relro ? 0 : uint64_t(header.p_memsz),
                  header.p_type == ELF::PT_DYNAMIC);
    if (!load || header.p_vaddr + header.p_memsz >
                     alignTo(load->p_vaddr + load->p_memsz, load->p_align))
      return damaged("a segment is not loaded");
  }
  if (!dynamic)
    return damaged("no dynamic section");
  return Error::success();
}

Error ElfChecker::checkRelocations(uint64_t address, uint64_t size,
                                   uint64_t numRelative) {
  StringRef table;
  if (size % sizeof(ELF64LE::Rela) != 0 || !bytesAt(address, size, table))
    return damaged("the relocations are not in it");
  ArrayRef<ELF64LE::Rela> relocations(
      reinterpret_cast<const ELF64LE::Rela *>(table.data()),
      table.size() / sizeof(ELF64LE::Rela));
  if (numRelative > relocations.size())
    return damaged("there are fewer relocations than there should be");
  for (const ELF64LE::Rela &relocation : relocations) {
    uint32_t type = relocation.getType(/*isMips64EL=*/false);
    if (type != elf.getRelativeRelocationType() && numRelative > 0)
      return damaged("a relocation is of another kind");
    numRelative -= numRelative > 0;
    if (type == 0) // Does nothing.
      continue;
    const ELF64LE::Phdr *target =
        segmentOf(relocation.r_offset, 8, /*fromFile=*/false);
    if (!target || !(target->p_flags & ELF::PF_W) ||
        relocation.getSymbol(/*isMips64EL=*/false) >= numSymbols)
      return damaged("a relocation leads nowhere");
  }
  return Error::success();
}

Error ElfChecker::checkRelativeRelocations(uint64_t address, uint64_t size) {
  StringRef table;
  if (size % 8 != 0 || !bytesAt(address, size, table))
    return damaged("the relocations are not in it");
  // An even word is an address, an odd word a map of the 63 words behind.
  uint64_t place = 0;
  auto writable = [&](uint64_t address) {
    const ELF64LE::Phdr *target = segmentOf(address, 8, /*fromFile=*/false);
    return target && (target->p_flags & ELF::PF_W);
  };
  for (; !table.empty(); table = table.drop_front(8)) {
    uint64_t word = support::endian::read64le(table.data());
    if (!(word & 1)) {
      if (!writable(word))
        return damaged("a relocation leads nowhere");
      place = word + 8;
      continue;
    }
    for (uint64_t i = 0; i < 63; ++i)
      if ((word >> (i + 1) & 1) && !writable(place + 8 * i))
        return damaged("a relocation leads nowhere");
    place += uint64_t(8) * 63;
  }
  return Error::success();
}

Error ElfChecker::checkGnuHash(uint64_t address) {
  // Four numbers, a filter, a first symbol for each bucket, and for each
  // symbol from `first` a hash whose lowest bit says whether a bucket ends.
  StringRef header, table;
  if (!bytesAt(address, 16, header))
    return damaged("the hash table is not in it");
  uint64_t numBuckets = support::endian::read32le(header.data());
  uint64_t first = support::endian::read32le(header.data() + 4);
  uint64_t numFilters = support::endian::read32le(header.data() + 8);
  uint64_t begin = 16 + 8 * numFilters;
  if (numBuckets == 0 || !isPowerOf2_64(numFilters) ||
      !bytesAt(address, begin + 4 * numBuckets, table))
    return damaged("the hash table is not in it");
  bool empty = true;
  for (uint64_t i = 0; i < numBuckets; ++i) {
    uint32_t symbol = support::endian::read32le(table.data() + begin + 4 * i);
    if (symbol != 0 && (symbol < first || symbol >= numSymbols))
      return damaged("the hash table leads nowhere");
    empty &= symbol == 0;
  }
  if (empty)
    return Error::success();
  begin += 4 * numBuckets;
  if (!bytesAt(address, begin + 4 * (numSymbols - first), table) ||
      !(table[table.size() - 4] & 1))
    return damaged("the hash table does not end");
  return Error::success();
}

Error ElfChecker::checkHash(uint64_t address) {
  // Two numbers, a first symbol for each bucket and a next one for each symbol.
  StringRef header, table;
  if (!bytesAt(address, 8, header))
    return damaged("the hash table is not in it");
  uint64_t numBuckets = support::endian::read32le(header.data());
  uint64_t numChains = support::endian::read32le(header.data() + 4);
  if (numBuckets == 0 || numChains != numSymbols ||
      !bytesAt(address + 8, 4 * (numBuckets + numChains), table))
    return damaged("the hash table is not in it");
  BitVector seen(numSymbols);
  for (uint64_t i = 0; i < numBuckets; ++i) {
    uint64_t symbol = support::endian::read32le(table.data() + 4 * i);
    while (symbol != 0) {
      if (symbol >= numSymbols || seen.test(symbol))
        return damaged("the hash table leads nowhere");
      seen.set(symbol);
      symbol =
          support::endian::read32le(table.data() + 4 * (numBuckets + symbol));
    }
  }
  return Error::success();
}

Error ElfChecker::checkVersions(uint64_t address, StringRef strings,
                                ArrayRef<StringRef> needed) {
  StringRef bytes;
  for (uint64_t next = 1; next; address += next) {
    if (!bytesAt(address, sizeof(ELF64LE::Verneed), bytes))
      return damaged("the versions are not in it");
    auto *library = reinterpret_cast<const ELF64LE::Verneed *>(bytes.data());
    next = library->vn_next;
    // Behind the strings' end there is no name that is needed.
    if (!llvm::is_contained(needed,
                            strings.substr(library->vn_file).split('\0').first))
      return damaged("a version of another library");
    uint64_t version = address + library->vn_aux;
    for (uint64_t nextVersion = 1; nextVersion; version += nextVersion) {
      if (!bytesAt(version, sizeof(ELF64LE::Vernaux), bytes))
        return damaged("the versions are not in it");
      auto *entry = reinterpret_cast<const ELF64LE::Vernaux *>(bytes.data());
      nextVersion = entry->vna_next;
      if (entry->vna_name >= strings.size())
        return damaged("a name leads nowhere");
    }
  }
  return Error::success();
}

Error ElfChecker::checkDynamic() {
  StringRef table = content.substr(dynamic->p_offset, dynamic->p_filesz);
  StringRef loaded;
  if (!bytesAt(dynamic->p_vaddr, dynamic->p_filesz, loaded) ||
      loaded.data() != table.data())
    return damaged("the dynamic section is not loaded");
  ArrayRef<ELF64LE::Dyn> entries(
      reinterpret_cast<const ELF64LE::Dyn *>(table.data()),
      table.size() / sizeof(ELF64LE::Dyn));

  DenseMap<uint64_t, uint64_t> values;    // By tag, which is small.
  SmallVector<uint64_t, 8> names, needed; // Offsets into the strings.
  bool ended = false;
  for (const ELF64LE::Dyn &entry : entries) {
    ended = entry.d_tag == ELF::DT_NULL;
    if (ended)
      break;
    switch (entry.d_tag) {
    case ELF::DT_NEEDED:
      needed.push_back(entry.getVal());
      break;
    case ELF::DT_SONAME:
    case ELF::DT_RPATH:
    case ELF::DT_RUNPATH:
      names.push_back(entry.getVal());
      break;
    case ELF::DT_REL: // Not of this machine.
      return damaged("relocations of another machine");
    case ELF::DT_AUXILIARY:
    case ELF::DT_FILTER:
      return damaged("it stands for another library");
    default:
      if (static_cast<uint64_t>(entry.d_tag) < uint64_t(1) << 32)
        values[entry.d_tag] = entry.getVal();
    }
  }
  if (!ended)
    return damaged("the dynamic section does not end");

  struct Range {
    uint64_t begin, size; // Tags of the address and the size; 0 for none.
  };
  static constexpr Range ranges[] = {{ELF::DT_STRTAB, ELF::DT_STRSZ},
                                     {ELF::DT_RELA, ELF::DT_RELASZ},
                                     {ELF::DT_JMPREL, ELF::DT_PLTRELSZ},
                                     {ELF::DT_RELR, ELF::DT_RELRSZ},
                                     {ELF::DT_INIT_ARRAY, ELF::DT_INIT_ARRAYSZ},
                                     {ELF::DT_FINI_ARRAY, ELF::DT_FINI_ARRAYSZ},
                                     {ELF::DT_SYMTAB, 0},
                                     {ELF::DT_HASH, 0},
                                     {ELF::DT_GNU_HASH, 0},
                                     {ELF::DT_PLTGOT, 0},
                                     {ELF::DT_INIT, 0},
                                     {ELF::DT_FINI, 0},
                                     {ELF::DT_VERSYM, 0},
                                     {ELF::DT_VERNEED, 0},
                                     {ELF::DT_VERDEF, 0}};
  for (const Range &range : ranges) {
    auto begin = values.find(range.begin);
    if (begin == values.end())
      continue;
    uint64_t size = range.size ? values.lookup(range.size) : 1;
    if (!segmentOf(begin->second, size, /*fromFile=*/false))
      return damaged("the dynamic section leads nowhere");
  }

  StringRef strings;
  if (!values.count(ELF::DT_STRTAB) || !values.count(ELF::DT_SYMTAB) ||
      !(values.count(ELF::DT_HASH) || values.count(ELF::DT_GNU_HASH)) ||
      !bytesAt(values[ELF::DT_STRTAB], values.lookup(ELF::DT_STRSZ), strings) ||
      !strings.ends_with(StringRef("\0", 1)))
    return damaged("the table of symbols is incomplete");
  for (uint64_t name : llvm::concat<uint64_t>(names, needed))
    if (name >= strings.size())
      return damaged("a name leads nowhere");
  SmallVector<StringRef, 4> libraries;
  for (uint64_t name : needed)
    libraries.push_back(strings.drop_front(name).split('\0').first);
  auto has = [&](uint64_t tag, uint64_t value) {
    auto found = values.find(tag);
    return found == values.end() || found->second == value;
  };
  if (!has(ELF::DT_SYMENT, sizeof(ELF64LE::Sym)) ||
      !has(ELF::DT_RELAENT, sizeof(ELF64LE::Rela)) ||
      !has(ELF::DT_RELRENT, 8) || !has(ELF::DT_PLTREL, ELF::DT_RELA))
    return damaged("the dynamic section has entries of another size");

  // Where there are both only the first is used.
  if (Error error = values.count(ELF::DT_GNU_HASH)
                        ? checkGnuHash(values[ELF::DT_GNU_HASH])
                        : checkHash(values[ELF::DT_HASH]))
    return error;
  if (values.count(ELF::DT_VERNEED))
    if (Error error =
            checkVersions(values[ELF::DT_VERNEED], strings, libraries))
      return error;
  if (values.count(ELF::DT_RELA))
    if (Error error = checkRelocations(values[ELF::DT_RELA],
                                       values.lookup(ELF::DT_RELASZ),
                                       values.lookup(ELF::DT_RELACOUNT)))
      return error;
  if (values.count(ELF::DT_JMPREL))
    if (Error error = checkRelocations(values[ELF::DT_JMPREL],
                                       values.lookup(ELF::DT_PLTRELSZ), 0))
      return error;
  if (values.count(ELF::DT_RELR))
    return checkRelativeRelocations(values[ELF::DT_RELR],
                                    values.lookup(ELF::DT_RELRSZ));
  return Error::success();
}
