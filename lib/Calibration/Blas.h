//===- Blas.h - matrix arithmetic -------------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CALIBRATION_BLAS_H
#define COMPRESS_LIB_CALIBRATION_BLAS_H

#include <cblas.h>

// LAPACK's own interface; its integers are 32 bits wide.
extern "C" {
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda,
             int *info);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda,
             int *info);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a,
             const int *lda, double *b, const int *ldb, int *info);
void dgesv_(const int *n, const int *nrhs, double *a, const int *lda,
            int *pivots, double *b, const int *ldb, int *info);
}

namespace compress {

/// Call it before any other function of BLAS. Each call computes in the thread
/// that makes it: several of ours do, and a sum has one order.
inline void useBlas() {
  static const bool once = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  (void)once;
}

} // namespace compress

#endif // COMPRESS_LIB_CALIBRATION_BLAS_H
