"""How messages count, in all of the engine; `lib/words.ts` says the same."""


def counted(n: int, what: str, many: str | None = None) -> str:
    """`1 row`, `1,234 rows`; `many` is the plural where it is not `what` with an s."""
    return f"{n:,} {what if n == 1 else many or f'{what}s'}"
