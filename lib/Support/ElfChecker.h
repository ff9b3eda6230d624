//===- ElfChecker.h - checks before the linker sees a file ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dynamic linker trusts what it loads: a truncated library or one with a
// wrong address in a header ends the process. So everything that it follows is
// checked here first, except for the code, of course.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_SUPPORT_ELFCHECKER_H
#define COMPRESS_LIB_SUPPORT_ELFCHECKER_H

#include "Compress/Support/InputFile.h"
#include "Compress/Support/ModelLibrary.h"
#include "llvm/Object/ELF.h"

namespace compress {

using llvm::object::ELF64LE;
using llvm::object::ELF64LEFile;

/// Checks one library. The functions are called in this order.
class ElfChecker {
public:
  ElfChecker(const ELF64LEFile &elf, llvm::StringRef content,
             llvm::StringRef path)
      : elf(elf), content(content), path(path) {}

  llvm::Error checkSegments();
  llvm::Error findNetwork(std::string &name, bool &hasProfile);
  llvm::Error checkDynamic();

  llvm::SmallVector<ModelFile::Segment, 4> readable() const {
    llvm::SmallVector<ModelFile::Segment, 4> result;
    for (const ELF64LE::Phdr *load : loads)
      if (load->p_flags & llvm::ELF::PF_R)
        result.push_back({load->p_vaddr, load->p_vaddr + load->p_memsz,
                          (load->p_flags & llvm::ELF::PF_W) != 0});
    return result;
  }

private:
  llvm::Error damaged(const llvm::Twine &what) {
    return fileError(path, "is damaged: " + what + "; compile it again");
  }
  llvm::Error damaged(llvm::Error error) {
    return damaged(llvm::StringRef(llvm::toString(std::move(error))));
  }

  /// The segment that has all the `size` bytes from `address` in memory; those
  /// bytes come from the file where `fromFile` is set.
  const ELF64LE::Phdr *segmentOf(uint64_t address, uint64_t size,
                                 bool fromFile) const;

  /// The bytes of the file that are loaded to `address`; false where there
  /// are not so many.
  bool bytesAt(uint64_t address, uint64_t size, llvm::StringRef &bytes) const;

  /// Checks a table of relocations, of which the first `numRelative` are
  /// known to add the library's address to a word and to do nothing else.
  llvm::Error checkRelocations(uint64_t address, uint64_t size,
                               uint64_t numRelative);
  llvm::Error checkRelativeRelocations(uint64_t address, uint64_t size);

  /// Check the tables in which symbols are looked up by name.
  llvm::Error checkGnuHash(uint64_t address);
  llvm::Error checkHash(uint64_t address);

  /// Checks the versions that are needed of the libraries `needed`.
  llvm::Error checkVersions(uint64_t address, llvm::StringRef strings,
                            llvm::ArrayRef<llvm::StringRef> needed);

  const ELF64LEFile &elf;
  llvm::StringRef content;
  llvm::StringRef path;
  llvm::SmallVector<const ELF64LE::Phdr *, 4> loads;
  const ELF64LE::Phdr *dynamic = nullptr;
  uint64_t numSymbols = 0;
};

} // namespace compress

#endif // COMPRESS_LIB_SUPPORT_ELFCHECKER_H
