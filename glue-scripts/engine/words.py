"""How all messages of the engine write counts. `lib/words.ts` does the same for TypeScript."""


def counted(n: int, what: str, many: str | None = None) -> str:
    """`1 row`, `1,234 rows`; `many` is the plural if it is not `what` with an s."""
    return f"{n:,} {what if n == 1 else many or f'{what}s'}"
