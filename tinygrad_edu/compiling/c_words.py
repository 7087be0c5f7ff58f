"""Names that mean something in the C that is written here, so that no variable may have them."""

import re
from pathlib import Path

LANGUAGE = """
    auto break case char const continue default do double else enum extern float for goto if inline int
    long main register restrict return short signed sizeof static struct switch typedef union unsigned
    void volatile while NULL NAN INFINITY int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t
    uint64_t size_t float_t double_t
"""
MATHEMATICS = """
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim
    floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb
    lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalbln scalbn
    sin sinh sqrt tan tanh tgamma trunc
"""
CLASSES = """
    fpclassify isfinite isgreater isgreaterequal isinf isless islessequal islessgreater isnan isnormal
    isunordered signbit
"""
MEMORY = """
    memchr memcmp memcpy memmove memset strcat strchr strcmp strcoll strcpy strcspn strerror strlen
    strncat strncmp strncpy strpbrk strrchr strspn strstr strtok strxfrm
"""
PROGRAM = """
    inputs results first start stop compute out_of_range multiply_double multiply_float blas_length
    blas_double blas_float blas_multiply_double blas_multiply_float LONG_PROGRAM HEAD FLAGS_AT TYPE_AT
    INPUTS TABLES RESULTS ARRAY_KIND FLOAT_KIND FLOAT64_KIND tables input_types result_types
"""
DEFINED = re.compile(r"^(?:#define |(?:INLINE|FUNCTION|static|int) [^(]*?(?=\w+\())(\w+)", re.MULTILINE)
"""A macro, or the head of a function."""


def _words() -> set[str]:
    found = {*LANGUAGE.split(), *CLASSES.split(), *MEMORY.split(), *PROGRAM.split()}
    found |= {word + ending for word in MATHEMATICS.split() for ending in ("", "f", "l")}
    for name in ("functions.h", "calling.h", "repeating.h"):
        found |= {*DEFINED.findall(Path(__file__).with_name(name).read_text(encoding="utf-8"))}
    return found


WORDS = frozenset(_words())
IN_ROWS = re.compile(r"FP_[A-Z_]+|result\d+|part\d+|memory_of_(?:double|float|_Bool|u?int\d+_t)")


def means_something(name: str) -> bool:
    """Whether a name is a word of C, of its library, or of the program itself."""
    return name in WORDS or IN_ROWS.fullmatch(name) is not None
