/*===- RuntimeArchive.c - the runtime inside the compiler -----------------===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/*
 * The bytes of libcompress_runtime.a, so that the compiler can link libraries
 * wherever it is installed. COMPRESS_RUNTIME_ARCHIVE is the file's path.
 */
__asm__(".section .rodata\n"
        ".global compress_runtime_archive_begin\n"
        ".global compress_runtime_archive_end\n"
        ".balign 16\n"
        "compress_runtime_archive_begin:\n"
        ".incbin \"" COMPRESS_RUNTIME_ARCHIVE "\"\n"
        "compress_runtime_archive_end:\n"
        ".byte 0\n"
        ".text\n");
