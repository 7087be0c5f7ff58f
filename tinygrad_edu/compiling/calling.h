void *tables[TABLES + 1];                                     /* constant arrays */
void *input_types[INPUTS + 1], *result_types[RESULTS + 1]; /* the objects that NumPy has for types */

/* How Python calls: with two lists, of inputs and of new arrays and numbers for the results. An array keeps the address of
   its numbers behind what every object begins with; a number keeps itself there. */
static void *numbers_of(char *object, const void *type) {
    const void *kind = *(void **)(object + HEAD - sizeof(void *));
    if (kind == ARRAY_KIND) {
        const int flags = *(int *)(object + FLAGS_AT), in_order = 1, aligned = 0x100;
        const int fits = *(void **)(object + TYPE_AT) == type && (flags & in_order) && (flags & aligned);
        return fits ? *(void **)(object + HEAD) : 0;
    }
    return kind == FLOAT_KIND || kind == FLOAT64_KIND ? object + HEAD : 0;
}

static char **items_of(char *list) { return *(char ***)(list + HEAD + sizeof(void *)); }

/* 1 if an input is no array in order and of its type, and nothing was done; -1 if an index is out of range */
int call(char *given, char *made) {
    void *inputs[INPUTS + TABLES + 1], *results[RESULTS + 1];
    char **arrays = items_of(given);
    for (int n = 0; n < INPUTS; n++)
        if (!(inputs[n] = numbers_of(arrays[n], input_types[n]))) return 1;
    for (int n = 0; n < TABLES; n++) inputs[INPUTS + n] = tables[n];
    arrays = items_of(made);
    for (int n = 0; n < RESULTS; n++) results[n] = numbers_of(arrays[n], result_types[n]);
    return compute(inputs, results) ? -1 : 0;
}
