"""For each function, the rules that refuse a call of it."""

from engine.dialect.differing_json import read_json, written_json
from engine.dialect.differing_patterns import pattern_at, replacement
from engine.dialect.differing_times import SPAN_OF_UNITS, between, day_of_text, days, field, unit
from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.rules import Found, Rule, always, given, mixed, null_literal, unless_literal, with_double

HASHED = given(
    {"decimal", "nested", "null", "interval"},
    "Spark hashes it differently, or Sail cannot hash it",
    "CAST(x AS STRING) first",
)
ASCII = unless_literal(
    0, r"\d{1,2}|1[01]\d|12[0-7]", "a code above 127 is a different letter on Spark", "the letter itself"
)
PICKED = always("Spark writes numbers, blanks and escapes differently", "from_json(x, 'name STRING').name")
APPROXIMATE = always("each engine approximates differently", "percentile(x, 0.5)")

WRITE_TEXT = "concat concat_ws length sha2 md5 sha1 sha lpad rpad replace reverse crc32"
TAKE_DAYS = "last_day next_day year month day dayofmonth dayofweek weekday dayofyear weekofyear quarter months_between"
TAKE_PATTERNS = (
    "regexp_extract regexp_extract_all regexp_like regexp rlike split regexp_count regexp_substr regexp_instr"
)


def counted(reading: Reading, part: Part) -> Found:
    if part.more.startswith("DISTINCT") and any(reading.kind(span) == "double" for span in part.arguments):
        return "0.0 and -0.0 are one value for Spark and two for Sail", "count(DISTINCT x + 0.0D)"
    return None


CALLS: dict[str, tuple[Rule, ...]] = {
    **{name: (mixed,) for name in ("array", "coalesce", "nvl", "ifnull", "greatest", "least", "if", "nvl2")},
    **{name: (with_double,) for name in WRITE_TEXT.split()},
    **{name: (day_of_text,) for name in TAKE_DAYS.split()},
    **{name: (days,) for name in ("date_add", "date_sub", "add_months")},
    **{name: (pattern_at(1),) for name in TAKE_PATTERNS.split()},
    **{name: (HASHED,) for name in ("hash", "xxhash64")},
    **{name: (APPROXIMATE,) for name in ("percentile_approx", "approx_percentile", "approx_count_distinct")},
    **{name: (SPAN_OF_UNITS,) for name in ("timestampdiff",)},
    **{name: (written_json,) for name in ("to_json", "to_csv")},
    **{name: (read_json,) for name in ("from_json", "from_csv")},
    **{name: (field,) for name in ("extract", "date_part", "datepart")},
    "pattern": (pattern_at(0),),
    "regexp_replace": (pattern_at(1), replacement),
    "count": (counted,),
    **{
        name: (given({"nested"}, "Spark orders nulls and NaN inside it differently", "max_by(x, y)"),)
        for name in ("max", "min")
    },
    "trunc": (day_of_text, unit(1)),
    "date_trunc": (unit(0),),
    "bround": (always("Spark rounds ties differently", "round(x, n)"),),
    "rint": (always("Spark rounds ties differently", "round(x)"),),
    "conv": (always("Spark writes negative numbers differently", "hex(x) or bin(x)"),),
    "initcap": (
        always(
            "Spark keeps letters after a hyphen or an apostrophe in lower case",
            "upper(left(x, 1)) with lower(substring(x, 2))",
        ),
    ),
    "elt": (always("an index out of range is an error on Spark and null on Sail", "CASE x WHEN 1 THEN ... END"),),
    "factorial": (always("above 20 it is null on Spark and an error on Sail", "CASE x WHEN ... END"),),
    "get_json_object": (PICKED,),
    "json_tuple": (PICKED,),
    "array_contains": (null_literal,),
    "size": (null_literal,),
    "slice": (unless_literal(1, r"-?[1-9]\d*", "a start of 0 is an error on Spark", "a literal start, from 1"),),
    "chr": (ASCII,),
    "char": (ASCII,),
    "datediff": (between,),
    "date_diff": (between,),
}
