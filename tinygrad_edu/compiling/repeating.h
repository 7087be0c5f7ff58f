/* The program run again and again: results number `from` are inputs number `to` of the next run */
int repeat(long count, void **inputs, void **results, void **others, long pairs, const long *from,
            const long *to, char *recorded, long column, long column_bytes) {
    for (long n = 0; n < count; n++) {
        void **made = n % 2 ? others : results;
        if (compute(inputs, made)) return -1;
        if (recorded) memcpy(recorded + n * column_bytes, made[column], column_bytes);
        for (long pair = 0; pair < pairs; pair++) inputs[to[pair]] = made[from[pair]];
    }
    return 0;
}
