# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the lit tests and the unit tests configure alike."""

import importlib.util
import os


def data_folder(config):
    """The public data sets and networks, or None where they are absent."""
    folder = os.environ.get("COMPRESS_DATA_DIR") or os.path.join(
        config.compress_src_root, os.pardir, "shared", "data")
    folder = os.path.abspath(folder)
    return folder if os.path.isdir(folder) else None


def limit_time(lit_config):
    """Ends a test that hangs; lit needs psutil for that."""
    if importlib.util.find_spec("psutil"):
        lit_config.maxIndividualTestTime = 900


def set_environment(config):
    """What tests may see of the caller's environment, and sanitizers."""
    for name in ("COMPRESS_DATA_DIR", "COMPRESS_FUZZ_MUTANTS", "HOME",
                 "TMPDIR"):
        if name in os.environ:
            config.environment[name] = os.environ[name]
    if config.compress_sanitize:
        # libMLIR and libLLVM are not instrumented. They take memory from
        # allocators whose inlined parts, in our code, would poison it.
        config.environment["ASAN_OPTIONS"] = ":".join(
            ["allow_user_poisoning=0", "detect_leaks=0",
             "strict_string_checks=1", "abort_on_error=0"])
        config.environment["UBSAN_OPTIONS"] = \
            "halt_on_error=1:print_stacktrace=1"
        config.environment["ASAN_SYMBOLIZER_PATH"] = os.path.join(
            config.llvm_tools_dir, "llvm-symbolizer")
