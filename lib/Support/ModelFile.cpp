//===- ModelFile.cpp - which network is in a library ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElfChecker.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/Magic.h"

using namespace llvm;
using namespace compress;

bool compress::isLibrary(StringRef content) {
  return content.starts_with(ELF::ElfMagic);
}

Error ElfChecker::findNetwork(std::string &name, bool &hasProfile) {
  auto sections = elf.sections();
  if (!sections)
    return damaged(sections.takeError());
  StringSet<> infos, runs, profiles;
  for (const ELF64LE::Shdr &section : *sections) {
    if (section.sh_type != ELF::SHT_DYNSYM)
      continue;
    auto symbols = elf.symbols(&section);
    if (!symbols)
      return damaged(symbols.takeError());
    auto strings = elf.getStringTableForSymtab(section);
    if (!strings)
      return damaged(strings.takeError());
    numSymbols = symbols->size();
    for (const ELF64LE::Sym &symbol : *symbols) {
      Expected<StringRef> symbolName = symbol.getName(*strings);
      if (!symbolName)
        return damaged(symbolName.takeError());
      if (symbol.isUndefined())
        continue;
      // Symbols of versions are no addresses.
      bool absolute = symbol.st_shndx == ELF::SHN_ABS;
      if (!absolute && !segmentOf(symbol.st_value, 0, /*fromFile=*/false))
        return damaged("a symbol leads nowhere");
      if (symbol.getType() != ELF::STT_FUNC || !symbol.isExternal() ||
          symbol.getVisibility() != ELF::STV_DEFAULT || absolute)
        continue;
      StringRef rest = *symbolName;
      if (rest.consume_back("_info"))
        infos.insert(rest);
      else if (rest.consume_back("_run"))
        runs.insert(rest);
      else if (rest.consume_back("_profile"))
        profiles.insert(rest);
    }
  }
  size_t count = 0;
  for (StringRef candidate : infos.keys())
    if (runs.contains(candidate)) {
      name = candidate.str();
      hasProfile = profiles.contains(candidate);
      ++count;
    }
  if (count == 0)
    return fileError(path, "is a library, but has no network: it exports no "
                           "NAME_info and NAME_run; name one that compressc "
                           "has made");
  if (count > 1)
    return fileError(path, "has " + Twine(count) +
                               " networks; link each into a library of its "
                               "own");
  return Error::success();
}

/// The machine that this program runs on, as in ELF headers.
static constexpr unsigned hostMachine =
#if defined(__x86_64__)
    ELF::EM_X86_64;
#elif defined(__aarch64__)
    ELF::EM_AARCH64;
#else
    ELF::EM_NONE;
#endif

Expected<ModelFile> compress::checkModelFile(StringRef content,
                                             StringRef path) {
  if (!isLibrary(content))
    return fileError(path, "is no shared library; name one that compressc has "
                           "made");
  if (content.size() < sizeof(ELF64LE::Ehdr))
    return fileError(path, "is damaged: it ends in its header; compile it "
                           "again");
  if (content[ELF::EI_CLASS] != ELF::ELFCLASS64 ||
      content[ELF::EI_DATA] != ELF::ELFDATA2LSB)
    return fileError(path, "is a library for another machine; compile it for "
                           "this one");
  auto elf = ELF64LEFile::create(content);
  if (!elf)
    return fileError(path, toString(elf.takeError()));
  if (elf->getHeader().e_machine != hostMachine)
    return fileError(path, "is a library for another machine; compile it for "
                           "this one");
  if (elf->getHeader().e_type != ELF::ET_DYN)
    return fileError(path, "is an ELF file, but no shared library; name one "
                           "that compressc has made");
  ModelFile file;
  ElfChecker checker(*elf, content, path);
  if (Error error = checker.checkSegments())
    return std::move(error);
  if (Error error = checker.findNetwork(file.name, file.hasProfile))
    return std::move(error);
  if (Error error = checker.checkDynamic())
    return std::move(error);
  file.readable = checker.readable();
  return file;
}
