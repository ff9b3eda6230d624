# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the GoogleTest executables of unittests/ under lit."""

import os
import sys

import lit.formats

sys.path.insert(0, os.path.join(config.compress_src_root, "test"))
import lit_common

config.name = "Compress-Unit"
config.test_format = lit.formats.GoogleTest(".", "Tests")
config.suffixes = []
config.test_source_root = os.path.join(config.compress_obj_root, "unittests")
config.test_exec_root = config.test_source_root
lit_common.set_environment(config)
lit_common.limit_time(lit_config)
