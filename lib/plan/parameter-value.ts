import type { Parameter } from './schema.ts';

/** The value as the engine takes it, or what is wrong with it and how to write it. */
export type ParameterValue = { value: string | number } | { wrong: string; hint: string };

/** Reads a value as a parameter of that type. A date is a day of the calendar, from year 1 to year 9999, as Spark and Python have it. */
export function parameterValue(type: Parameter['type'], value: string | number): ParameterValue {
  const text = String(value).trim();
  const wrong = (what: string, hint: string) => ({ wrong: `"${value}" is ${what}`, hint });
  switch (type) {
    case 'string':
      return { value: String(value) };
    case 'date': {
      if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return wrong('not a date', 'write it as 2025-06-30');
      return isDay(text) ? { value: text } : wrong('no day of the calendar', 'name a day that exists, as 2025-06-30');
    }
    case 'bigint':
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? { value: Number(text) }
        : wrong('not a bigint', 'write a whole number between -9007199254740991 and 9007199254740991');
    case 'double':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
        ? { value: Number(text) }
        : wrong('not a double', 'write a number, as 0.5');
    default:
      return type satisfies never;
  }
}

/** Whether `YYYY-MM-DD` is a day: 2025-02-30 is none, though `Date` would take it for the second of March. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && !text.startsWith('0000');
}
