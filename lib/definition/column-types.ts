/** Types of one word; `timestamp` is microseconds in UTC. */
export const columnTypes = ['string', 'boolean', 'int', 'bigint', 'double', 'date', 'timestamp', 'binary'] as const;
type OneWord = (typeof columnTypes)[number];
type Decimal = `decimal(${number},${number})` | `decimal(${number}, ${number})`;
type Nested = `array<${string}>` | `map<${string}>` | `struct<${string}>`;

/**
 * The type of a column: one word, `decimal(precision,scale)` of at most 38 digits, or a nested type in Spark's notation:
 * `array<string>`, `map<string,double>`, `struct<city:string,tags:array<string>>`.
 */
export type ColumnType = OneWord | Decimal | Nested;

const FIELD = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The type without blanks, or the error in it. */
export function normalType(text: string): { type: ColumnType } | { wrong: string; word: string } {
  const type = text.trim().replace(/\s*([<>(),:])\s*/g, '$1');
  const fault = faultOf(type);
  return fault ?? { type: type as ColumnType };
}

/** Whether the type is nested. */
export const isNested = (type: string): boolean => type.endsWith('>');

function faultOf(type: string): { wrong: string; word: string } | undefined {
  const wrong = (message: string, word = type) => ({ wrong: message, word });
  if ((columnTypes as readonly string[]).includes(type)) return undefined;
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
    if (precision < 1 || precision > 38) return wrong(`a decimal has 1 to 38 digits, not ${precision}`);
    return scale > precision
      ? wrong(`a decimal of ${precision} digits cannot have ${scale} after the point`)
      : undefined;
  }
  if (/^decimal\b/.test(type)) return wrong('a decimal needs precision and scale: decimal(10,2)');
  const nested = /^(array|map|struct)<(.*)>$/.exec(type);
  if (nested === null) {
    return /^(array|map|struct)\b/.test(type)
      ? wrong(
          `${type.slice(0, 6).match(/^\w+/)![0]} needs element types: array<string>, map<string,double>, struct<city:string>`,
        )
      : wrong(`"${type}" is not a type`);
  }
  const [, kind, inside = ''] = nested;
  const parts = partsOf(inside);
  if (kind === 'array')
    return parts.length === 1 ? faultOf(inside) : wrong(`an array has one element type, not ${parts.length}`);
  if (kind === 'map') {
    if (parts.length !== 2) return wrong('a map needs a key type and a value type: map<string,double>');
    if (isNested(parts[0]!)) return wrong('map keys cannot be nested');
    return faultOf(parts[0]!) ?? faultOf(parts[1]!);
  }
  const names = new Set<string>();
  for (const part of parts) {
    const colon = part.indexOf(':');
    const name = part.slice(0, Math.max(colon, 0));
    if (!FIELD.test(name)) return wrong(`"${part}" is not a valid struct field such as city:string`);
    if (names.has(name.toLowerCase())) return wrong(`the field "${name}" occurs twice`);
    names.add(name.toLowerCase());
    const fault = faultOf(part.slice(colon + 1));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The parts between commas outside brackets. */
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
