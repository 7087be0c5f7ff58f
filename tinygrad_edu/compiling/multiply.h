/* C = A B for matrices of any arrangement, by the BLAS: (m, k) @ (k, n), distances of rows and columns */
typedef BLAS_LENGTH blas_length;
typedef void blas_TYPE(int, int, int, blas_length, blas_length, blas_length, TYPE, const TYPE *, blas_length,
                       const TYPE *, blas_length, TYPE, TYPE *, blas_length);
blas_TYPE *blas_multiply_TYPE;

static void multiply_TYPE(long m, long k, long n, const TYPE *A, long A_rows, long A_columns, const TYPE *B,
                          long B_rows, long B_columns, TYPE *C) {
    const int by_rows = 101, as_it_is = 111, transposed = 112;
    blas_multiply_TYPE(by_rows, A_columns == 1 ? as_it_is : transposed, B_columns == 1 ? as_it_is : transposed,
                       m, n, k, 1, A, A_columns == 1 ? A_rows : A_columns,
                       B, B_columns == 1 ? B_rows : B_columns, 0, C, n);
}
