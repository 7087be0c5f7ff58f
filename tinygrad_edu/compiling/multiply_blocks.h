/* C = A B for matrices of any arrangement, block by block: (m, k) @ (k, n), distances of rows and columns */
static void multiply_TYPE(long m, long k, long n, const TYPE *A, long A_rows, long A_columns, const TYPE *B,
                          long B_rows, long B_columns, TYPE *C) {
    enum { SIDE = 64 };
    TYPE block[SIDE][SIDE];
    for (long i = 0; i < m * n; i++) C[i] = 0;
    for (long q = 0; q < k; q += SIDE) {
        for (long j = 0; j < n; j += SIDE) {
            const long depth = k - q < SIDE ? k - q : SIDE, width = n - j < SIDE ? n - j : SIDE;
            for (long s = 0; s < depth; s++)
                for (long t = 0; t < width; t++) block[s][t] = B[(q + s) * B_rows + (j + t) * B_columns];
            for (long i = 0; i < m; i++) {
                for (long s = 0; s < depth; s++) {
                    const TYPE factor = A[i * A_rows + (q + s) * A_columns];
                    #pragma omp simd
                    for (long t = 0; t < width; t++) C[i * n + j + t] += factor * block[s][t];
                }
            }
        }
    }
}
