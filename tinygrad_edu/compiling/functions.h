/* Functions that C's library lacks, or has only for one number at a time. They are free of branches, so that
   loops over them become vector instructions; exp, log and their kin are right to within 2 units in the last
   place. Only those that a program needs are part of it. Single precision is computed in double precision. */

#define INLINE static inline __attribute__((always_inline))

/* In a long program, longer functions are called, one number or one vector at a time: it is built much faster. */
#if defined(LONG_PROGRAM) && defined(__GNUC__) && !defined(__clang__)
#define FUNCTION static __attribute__((noinline, simd("notinbranch")))
#else
#define FUNCTION INLINE
#endif

#ifdef __FP_FAST_FMA
#define FMA(a, b, c) __builtin_fma(a, b, c)
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

/* Added to a number, it leaves the nearest whole number in the last bits. */
#define WHOLE 6755399441055744.0

/* 2 to the power of the whole number in the last bits of x + WHOLE, plus a step: put where the exponent is kept */
INLINE double power_of_2(double whole, int step) {
    uint64_t bits;
    memcpy(&bits, &whole, sizeof bits);
    bits = (bits + (uint64_t)(1023 + step)) << 52;
    memcpy(&whole, &bits, sizeof bits);
    return whole;
}

/* how often ln 2 is in x, plus WHOLE */
INLINE double halvings(double x) { return FMA(x, 1.4426950408889634, WHOLE); }

/* exp(r) - 1 for the rest r of x without n ln 2, where |r| is at most ln 2 / 2: r + r^2 times a polynomial that
   meets (exp(r) - 1 - r) / r^2 at the Chebyshev nodes, in parts that do not wait for each other */
INLINE double rest_of_exp(double x, double n) {
    const double r = FMA(n, -1.90821492927058770002e-10, FMA(n, -6.93147180369123816490e-01, x));
    const double square = r * r, fourth = square * square;
    const double low = FMA(FMA(0.008333333333330062, r, 0.04166666666662413), square,
                           FMA(0.16666666666666669, r, 0.5));
    const double middle = FMA(0.00019841269863053618, r, 0.0013888888917213717);
    const double high = FMA(FMA(2.510038549551032e-08, r, 2.7620088445409746e-07), square,
                            FMA(2.7557268459997064e-06, r, 2.4801521295954376e-05));
    return FMA(square, FMA(FMA(high, square, middle), fourth, low), r);
}

/* 2^n (1 + p), in two steps because 2^n alone may be too large or too small */
FUNCTION double exponential(double x) {
    const double low = x < -746 ? -746 : x, bounded = low > 710 ? 710 : low;
    const double whole = halvings(bounded), p = rest_of_exp(bounded, whole - WHOLE);
    const double scaled = power_of_2(whole, bounded < -700 ? 200 : -1) * (1 + p);
    return scaled * (bounded < -700 ? 6.223015277861142e-61 : 2);
}

/* 2^n p + (2^n - 1), which keeps the digits of a small x */
FUNCTION double exponential_minus_1(double x) {
    const double low = x < -40 ? -40 : x, bounded = low > 710 ? 710 : low;
    const double whole = halvings(bounded), p = rest_of_exp(bounded, whole - WHOLE);
    const double scale = power_of_2(whole, -1);
    return x == 0 ? x : FMA(scale, p, scale - 0.5) * 2;
}

/* 1 / (1 + exp(-x)), with 2^n in two steps; where it is too small, 0 */
FUNCTION double logistic(double x) {
    const double size = fabs(x), bounded = copysign(size > 710 ? 710 : size, -x);
    const double whole = halvings(bounded), p = rest_of_exp(bounded, whole - WHOLE);
    int64_t bits;
    memcpy(&bits, &whole, sizeof bits);
    bits -= 0x4338000000000000 - 1022; /* the bits of WHOLE */
    bits = (bits < 0 ? 0 : bits) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return 1 / (1 + power * FMA(2, p, 2));
}

FUNCTION double hyperbolic_tangent(double x) {
    const double e = exponential_minus_1(-2 * fabs(x));
    return copysign(-e / (e + 2), x);
}

/* k ln 2 + log(m) with sqrt(1/2) <= m < sqrt(2); log(1 + f) = 2 artanh(f / (2 + f)), by its power series
   with coefficients fitted for this interval (as in Sun's fdlibm) */
FUNCTION double logarithm(double x) {
    const double normal = x < 2.2250738585072014e-308 ? x * 18014398509481984.0 : x;
    long long bits;
    memcpy(&bits, &normal, sizeof bits);
    const int high = (int)(bits >> 32) + (0x3ff00000 - 0x3fe6a09e);
    const double k = (double)((high >> 20) - 1023) - (x < 2.2250738585072014e-308 ? 54 : 0);
    bits = ((long long)((high & 0x000fffff) + 0x3fe6a09e) << 32) | (bits & 0xffffffffLL);
    double m;
    memcpy(&m, &bits, sizeof m);
    const double f = m - 1, s = f / (2 + f), z = s * s, w = z * z, half_square = 0.5 * f * f;
    const double odd = w * FMA(w, FMA(w, 1.531383769920937332e-01, 2.222219843214978396e-01),
                               3.999999999940941908e-01);
    const double even = z * FMA(w, FMA(w, FMA(w, 1.479819860511658591e-01, 1.818357216161805012e-01),
                                       2.857142874366239149e-01), 6.666666666666735130e-01);
    const double tail = s * (half_square + odd + even) + k * 1.90821492927058770002e-10;
    const double result = k * 6.93147180369123816490e-01 - ((half_square - tail) - f);
    const double checked = x == 0 ? -INFINITY : x < 0 ? NAN : result;
    return x == INFINITY || x != x ? x : checked;
}

/* log(u) for the rounded u = 1 + x, and what the rounding took away */
FUNCTION double logarithm_of_1_plus(double x) {
    const double u = 1 + x, lost = x - (u - 1);
    const double result = logarithm(u) + (u > 0 ? lost / u : 0);
    return x == INFINITY || x == 0 ? x : result;
}

FUNCTION double log_of_sum(double x, double y) {
    const double larger = x > y ? x : y, difference = -fabs(x - y);
    const double result = larger + logarithm_of_1_plus(exponential(difference));
    return x == y ? x + 0.6931471805599453 : result;
}

FUNCTION double log2_of_sum(double x, double y) {
    const double larger = x > y ? x : y, difference = -fabs(x - y);
    const double result = larger + logarithm_of_1_plus(exp2(difference)) *
                          1.4426950408889634;
    return x == y ? x + 1 : result;
}

INLINE double larger_of(double x, double y) { return x >= y || x != x ? x : y; }

INLINE double smaller_of(double x, double y) { return x <= y || x != x ? x : y; }

INLINE double larger_number(double x, double y) { return x >= y || y != y ? x : y; }

INLINE double smaller_number(double x, double y) { return x <= y || y != y ? x : y; }

INLINE double sign_of(double x) { return x != x ? x : (double)((x > 0) - (x < 0)); }

INLINE double step_at(double x, double middle) { return x != x ? x : x == 0 ? middle : (double)(x > 0); }

INLINE double floored_remainder(double x, double y) {
    const double rest = fmod(x, y);
    return rest == 0 ? copysign(0.0, y) : (rest < 0) != (y < 0) ? rest + y : rest;
}

INLINE double floored_quotient(double x, double y) {
    const double rest = fmod(x, y), whole = (x - rest) / y;
    const double adjusted = rest != 0 && (rest < 0) != (y < 0) ? whole - 1 : whole;
    const double down = floor(adjusted), nearest = adjusted - down > 0.5 ? down + 1 : down;
    return y == 0 ? x / y : adjusted == 0 ? copysign(0.0, x / y) : nearest;
}

INLINE double sine_ratio(double angle) { return sin(angle) / angle; }

/* a position counted from the start; where there is none, the first, and the flag is raised */
INLINE int64_t index_of(int64_t i, int64_t n) {
    if (i < -n || i >= n) {
        out_of_range = 1;
        return 0;
    }
    return i < 0 ? i + n : i;
}
