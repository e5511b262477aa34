/** Types that are one word; `timestamp` is microseconds in UTC. */
export const columnTypes = ['string', 'boolean', 'int', 'bigint', 'double', 'date', 'timestamp', 'binary'] as const;
type OneWord = (typeof columnTypes)[number];
type Decimal = `decimal(${number},${number})` | `decimal(${number}, ${number})`;
type Nested = `array<${string}>` | `map<${string}>` | `struct<${string}>`;

/**
 * What a column may hold: a word, `decimal(precision,scale)` of at most 38 digits, or a nested type as Spark writes it:
 * `array<string>`, `map<string,double>`, `struct<city:string,tags:array<string>>`.
 */
export type ColumnType = OneWord | Decimal | Nested;

const FIELD = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The type without blanks, or what is wrong with it. */
export function normalType(text: string): { type: ColumnType } | { wrong: string; word: string } {
  const type = text.trim().replace(/\s*([<>(),:])\s*/g, '$1');
  const fault = faultOf(type);
  return fault ?? { type: type as ColumnType };
}

/** Whether values of the type hold other values. */
export const isNested = (type: string): boolean => type.endsWith('>');

function faultOf(type: string): { wrong: string; word: string } | undefined {
  const wrong = (message: string, word = type) => ({ wrong: message, word });
  if ((columnTypes as readonly string[]).includes(type)) return undefined;
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
    if (precision < 1 || precision > 38) return wrong(`a decimal has 1 to 38 digits, not ${precision}`);
    return scale > precision ? wrong(`a decimal of ${precision} digits has no ${scale} after the point`) : undefined;
  }
  if (/^decimal\b/.test(type))
    return wrong('a decimal says its digits, and how many are after the point: decimal(10,2)');
  const nested = /^(array|map|struct)<(.*)>$/.exec(type);
  if (nested === null) {
    return /^(array|map|struct)\b/.test(type)
      ? wrong(
          `${type.slice(0, 6).match(/^\w+/)![0]} says what it holds: array<string>, map<string,double>, struct<city:string>`,
        )
      : wrong(`"${type}" is not a type`);
  }
  const [, kind, inside = ''] = nested;
  const parts = partsOf(inside);
  if (kind === 'array')
    return parts.length === 1 ? faultOf(inside) : wrong(`an array holds one type, not ${parts.length}`);
  if (kind === 'map') {
    if (parts.length !== 2) return wrong('a map has a type for its keys and one for its values: map<string,double>');
    if (isNested(parts[0]!)) return wrong('the keys of a map are not nested');
    return faultOf(parts[0]!) ?? faultOf(parts[1]!);
  }
  const names = new Set<string>();
  for (const part of parts) {
    const colon = part.indexOf(':');
    const name = part.slice(0, Math.max(colon, 0));
    if (!FIELD.test(name)) return wrong(`"${part}" is not a field of a struct, as city:string`);
    if (names.has(name.toLowerCase())) return wrong(`the field "${name}" is there twice`);
    names.add(name.toLowerCase());
    const fault = faultOf(part.slice(colon + 1));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The parts between commas that no bracket holds. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if ('<('.includes(sign)) depth++;
    else if ('>)'.includes(sign)) depth--;
    else if (sign === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
