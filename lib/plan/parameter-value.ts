import type { Parameter } from './schema.ts';

/** The value for the engine, or the error and how to fix it. */
export type ParameterValue = { value: string | number } | { wrong: string; hint: string };

/** Parses a value as a parameter of that type. A date is a calendar day from year 1 to 9999, as in Spark and Python. */
export function parameterValue(type: Parameter['type'], value: string | number): ParameterValue {
  const text = String(value).trim();
  const wrong = (what: string, hint: string) => ({ wrong: `"${value}" is ${what}`, hint });
  switch (type) {
    case 'string':
      return { value: String(value) };
    case 'date': {
      if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return wrong('not a date', 'write it like 2025-06-30');
      return isDay(text) ? { value: text } : wrong('not a calendar day', 'use an existing day, such as 2025-06-30');
    }
    case 'bigint':
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? { value: Number(text) }
        : wrong('not a bigint', 'write a whole number between -9007199254740991 and 9007199254740991');
    case 'double':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
        ? { value: Number(text) }
        : wrong('not a double', 'write a number, such as 0.5');
    default:
      return type satisfies never;
  }
}

/** Whether `YYYY-MM-DD` is a calendar day: 2025-02-30 is not, although `Date` parses it as the second of March. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && !text.startsWith('0000');
}
