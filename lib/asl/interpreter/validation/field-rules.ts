import { join } from './places.ts';
import { type Fields, foreignFields } from './state-fields.ts';

export type Report = (code: string, path: string, message: string, hint?: string) => void;

/** Fields that an object lacks, does not know, or holds a wrong value in. */
export function checkFields(
  given: Readonly<Record<string, unknown>>,
  path: string,
  { checks, required }: Fields,
  report: Report,
): void {
  for (const name of required) {
    if (!(name in given)) report('MR125', path, `${name} is missing`);
  }
  const known = new Map(Object.entries(checks));
  for (const [name, value] of Object.entries(given)) {
    const check = known.get(name);
    if (check === undefined) {
      report('MR125', join(path, name), `there is no field "${name}" here`, foreignFields.get(name));
      continue;
    }
    const fault = check(value);
    if (fault !== undefined) report('MR126', join(path, name), `${name} ${fault}`);
  }
}
