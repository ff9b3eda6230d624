# shellcheck shell=bash disable=SC2034 # The sourcing scripts use the variables.
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Functions of the scripts beside this file: packages, configuring, building.
# To be sourced by bash under `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
llvm_bin=/usr/lib/llvm-22/bin

# Debian's packages: what the build takes, and what the tests take besides.
build_packages=(
  ccache clang-22 cmake libgtest-dev liblld-22-dev libmlir-22-dev libonnx-dev
  libopenblas-pthread-dev libprotobuf-dev libzstd-dev lld-22 llvm-22-dev llvm-22-tools mlir-22-tools
  ninja-build protobuf-compiler python3 zlib1g-dev
)
test_packages=(clang-format-22 libclang-rt-22-dev python3-numpy python3-onnx
  python3-psutil qemu-user-static)

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# need_packages NAME...: installs those that are missing, and only those.
need_packages() {
  command -v dpkg-query >/dev/null ||
    fail "this script installs Debian's packages; on another system, install" \
      "LLVM, MLIR and LLD 22.1, clang 22, CMake and Ninja, and build with CMake"
  local name missing=()
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true) \
      == installed ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0

  local install=(apt-get install -y --no-install-recommends "${missing[@]}")
  ((EUID == 0)) ||
    fail "packages are missing; as root, run: apt-get update &&" \
      "${install[*]}"
  say "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # Another, unrelated source may be broken; what counts is the installation.
  apt-get -q update || printf 'warning: apt-get update failed\n' >&2
  "${install[@]}" ||
    fail "the packages could not be installed; LLVM 22 is in Debian 12's" \
      "security updates, which apt's sources must name"
}

# Compilations at a time: one a processor, and 1.5 GB of memory each.
jobs_at_a_time() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
  ((memory >= 1)) || memory=1
  echo $((cores < memory ? cores : memory))
}

# build TREE TARGETS [CMAKE-OPTION...]: configures and builds below the checkout.
build() {
  local tree=$root/$1 targets=$2
  shift 2
  say "Configuring ${tree#"$root"/}"
  # A tree that is there keeps its compiler.
  [[ -e $tree/CMakeCache.txt ]] ||
    set -- -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 "$@"
  cmake -S "$root" -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@"
  say "Building ${tree#"$root"/}"
  local started=$SECONDS
  # shellcheck disable=SC2086 # Several targets.
  NINJA_STATUS='[%f/%t, %es] ' ninja -C "$tree" -j "$(jobs_at_a_time)" $targets
  say "Built ${tree#"$root"/} in $((SECONDS - started)) s"
}
