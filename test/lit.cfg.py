# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How lit finds and runs the tests: features, substitutions, the path.

Features
  avx2, avxvnni, avx512vnni  what this processor can do
  data                       the public data sets and networks are here
  python-numpy               %python has numpy
  python-onnx                %python has numpy and onnx
  tosa-tools                 benchmarks/tosa-conformance has installed them
  clang-format               clang-format-22 is installed
  qemu-aarch64               programs for AArch64 can be built, and run here
  asan                       the project is built with sanitizers

Substitutions
  %data      folder of the public data (REQUIRES: data)
  %digits    folder of the embedded example
  %plugin    the plugin that stock mlir-opt loads
  %qemu_aarch64, %clang, %lld  these programs (REQUIRES: qemu-aarch64)
  %python    Python with what the checks need
  %src_root, %obj_root  the checkout and the build tree
  %compress_tools, %llvm_tools  folders of our executables and of LLVM's
"""

import os
import platform
import shutil
import subprocess
import sys

import lit.formats

# Module of the unit tests' configuration as well.
sys.path.insert(0, os.path.join(config.compress_src_root, "test"))
import lit_common

config.name = "Compress"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Unit", "CMakeLists.txt"]
config.test_source_root = os.path.join(config.compress_src_root, "test")
config.test_exec_root = os.path.join(config.compress_obj_root, "test")

lit_common.set_environment(config)
config.environment["PATH"] = os.pathsep.join(
    [config.compress_tools_dir, config.llvm_tools_dir,
     config.environment["PATH"]])


def cpu_features():
    """Those features of this processor that tests ask for."""
    if platform.machine() != "x86_64":
        return []
    names = {"avx2": "avx2", "avx_vnni": "avxvnni",
             "avx512_vnni": "avx512vnni"}
    with open("/proc/cpuinfo") as file:
        flags = next((line.split() for line in file
                      if line.startswith("flags")), [])
    return [names[flag] for flag in flags if flag in names]


config.available_features.update(cpu_features())
if config.compress_sanitize:
    config.available_features.add("asan")

lit_common.limit_time(lit_config)
data = lit_common.data_folder(config)
if data:
    config.available_features.add("data")
    # Unit tests and scripts that tests start look here as well.
    config.environment["COMPRESS_DATA_DIR"] = data
else:
    lit_config.note("tests on the public data are skipped: no data; "
                    "COMPRESS_DATA_DIR says where it is")

if shutil.which("clang-format-22"):
    config.available_features.add("clang-format")
tools = os.pathsep.join([config.llvm_tools_dir, os.environ["PATH"]])
emulator = (shutil.which("qemu-aarch64-static") or
            shutil.which("qemu-aarch64"))
clang, lld = (shutil.which(name + "-22") or shutil.which(name, path=tools)
              for name in ["clang", "ld.lld"])
if emulator and clang and lld:
    config.available_features.add("qemu-aarch64")
for feature, modules in [("python-numpy", "numpy"),
                         ("python-onnx", "numpy, onnx")]:
    if subprocess.run([config.python, "-c", "import " + modules],
                      stderr=subprocess.DEVNULL).returncode == 0:
        config.available_features.add(feature)
if os.path.exists(os.path.join(config.compress_obj_root, "tosa-tools", "bin",
                               "tosa-opt")):
    config.available_features.add("tosa-tools")

config.substitutions += [
    ("%data", data or "no-data"),
    ("%digits", os.path.join(config.compress_src_root, "examples", "digits")),
    ("%plugin", config.compress_plugin),
    ("%python", config.python),
    ("%qemu_aarch64", emulator or "no-qemu"),
    ("%clang", clang or "no-clang"),
    ("%lld", lld or "no-lld"),
    ("%llvm_tools", config.llvm_tools_dir),
    ("%compress_tools", config.compress_tools_dir),
    ("%src_root", config.compress_src_root),
    ("%obj_root", config.compress_obj_root),
]
