/** An amount of money from a budget notice. */
export interface Amount {
  value: number;
  /** For example `USD`, if the text names one. */
  currency: string | undefined;
}

type Mark = '.' | ',';

const symbols: Record<string, string> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY', '₹': 'INR' };

/** Currencies that AWS writes in English notation; and currencies without cents, where a mark before three digits must be a separator. */
const english = ['USD', 'GBP', 'JPY', 'INR', 'AUD', 'CAD', 'SGD', 'HKD', 'NZD'];
const withoutCents = ['JPY', 'KRW'];

/**
 * Parses the amounts of one notice, which all use the same notation: `$1,234.50`, `1.234,50 €`, `CHF 1'234.50`. Undefined if one is
 * ambiguous (such as `€ 1.234` alone), has another currency than the others, or is not an amount.
 */
export function readAmounts(texts: readonly (string | undefined)[]): Amount[] | undefined {
  const parts = texts.map(partsOf);
  const known = parts.flatMap((part) => part ?? []);
  if (known.length < parts.length) return undefined;
  const currencies = new Set(known.flatMap(({ currency }) => currency ?? []));
  if (currencies.size > 1) return undefined;
  const [currency] = currencies;
  const decimals = new Set(known.flatMap(({ number }) => decimalMark(number) ?? []));
  if (decimals.size > 1) return undefined;
  const decimal = [...decimals][0] ?? (currency !== undefined && english.includes(currency) ? '.' : undefined);
  const values = known.map(({ number, sign }) => sign * readNumber(number, decimal, currency));
  return values.some(Number.isNaN) ? undefined : values.map((value) => ({ value, currency }));
}

/** Currency, sign and digits; undefined for anything but one number with at most one currency. */
function partsOf(text = ''): { currency: string | undefined; sign: 1 | -1; number: string } | undefined {
  const number = /\d[\d.,'’\s\u00a0\u202f]*/.exec(text)?.[0].trim();
  if (number === undefined) return undefined;
  const rest = text.replace(number, '').replace(/[\s\u00a0\u202f]/g, '');
  const minus = /[-−(]/.test(rest);
  const name = rest.replace(/[-−+()]/g, '');
  const currency = symbols[name] ?? (/^[A-Z]{3}$/.test(name) ? name : name.replace(/^(?:US)\$$/, 'USD'));
  if (name !== '' && !/^[A-Z]{3}$/.test(currency)) return undefined;
  return {
    currency: name === '' ? undefined : currency,
    sign: minus ? -1 : 1,
    number: number.replace(/['’\s\u00a0\u202f]/g, ''),
  };
}

/** The decimal mark of a number; undefined if it is ambiguous. */
function decimalMark(number: string): Mark | undefined {
  const last = Math.max(number.lastIndexOf('.'), number.lastIndexOf(','));
  if (last < 0) return undefined;
  const mark = number[last] as Mark;
  const other = mark === '.' ? ',' : '.';
  if (number.includes(other)) return mark;
  if (number.indexOf(mark) !== last) return other;
  return number.length - last - 1 === 3 && last > 0 && last <= 3 ? undefined : mark;
}

/** NaN if the number is malformed or its decimal mark is ambiguous. */
function readNumber(number: string, decimal: Mark | undefined, currency: string | undefined): number {
  if (/^\d+$/.test(number)) return Number(number);
  if (decimal === undefined) return Number.NaN;
  const [whole = '', cents, ...more] = number.split(decimal);
  const groups = whole.split(decimal === '.' ? ',' : '.');
  // In Indian notation, all groups except the last have two digits.
  const size = currency === 'INR' ? /^\d{2,3}$/ : /^\d{3}$/;
  const grouped = groups.slice(1).every((group) => size.test(group)) && (groups.length === 1 || groups[0]!.length <= 3);
  const joined = groups.join('');
  if (more.length > 0 || !grouped || !/^\d+$/.test(joined) || !/^\d*$/.test(cents ?? '')) return Number.NaN;
  if (cents !== undefined && currency !== undefined && withoutCents.includes(currency) && cents.length === 3)
    return Number.NaN;
  return Number(`${joined}.${cents ?? '0'}`);
}
