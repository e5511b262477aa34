// Expressions that `check` accepts must come to the same on both engines. Evaluates glue-scripts/parity/expressions.txt on each and compares.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What an expression comes to on an engine, as compare_expressions.py prints it. */
type Answer = { fails: string } | { type: string; rows: unknown[] };
type Answers = Record<string, Answer>;

/** Doubles differ in their last digits where an engine adds up in another order. */
const tolerance = 1e-12;

/** Prints how many are equal, refused by `check` and different, and each that differs. True where none does. */
export function expressionsAgree(project: string, folder: string): boolean {
  const engine = path.join(project, 'glue-scripts');
  const ask = (venv: string, name: 'sail' | 'spark', ...more: string[]): unknown => {
    const python = path.join(project, venv, 'bin', 'python');
    const args = ['compare_expressions.py', '--engine', name, ...more];
    const said = spawnSync(python, args, { cwd: engine, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (said.status !== 0) throw new Error(said.stderr.slice(-2000));
    return JSON.parse(said.stdout);
  };
  const list = (name: string, content: string[]) => {
    const file = path.join(folder, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const sail = ask('.venv', 'sail') as Answers;
  const likelyToFail = Object.entries(sail).flatMap(([name, answer]) => ('fails' in answer ? [name] : []));
  const spark = ask('.venv-spark', 'spark', '--alone', list('alone.json', likelyToFail)) as Answers;
  const different = Object.entries(spark).flatMap(([name, answer]) => (alike(sail[name], answer) ? [] : [name]));
  // What `check` says of each; null where it accepts it.
  const refusals = ask('.venv', 'sail', '--refusals', list('different.json', different)) as Record<
    string,
    string | null
  >;
  const accepted = different.filter((name) => refusals[name] === null);
  const refused = different.length - accepted.length;
  const equal = Object.keys(spark).length - different.length;
  console.log(`\n  expressions: ${equal} equal, ${refused} refused by check, ${accepted.length} differ`);
  for (const name of accepted) {
    console.log(
      `  DIFFERS  ${name}\n    Sail   ${JSON.stringify(sail[name])}\n    Spark  ${JSON.stringify(spark[name])}`,
    );
  }
  return accepted.length === 0 && equal > 400;
}

/** Both fail, or both give the same rows of the same type. A fault that names what only Spark reads is said, so it is no difference. */
function alike(one: Answer | undefined, other: Answer): boolean {
  if (one === undefined) return false;
  if ('fails' in one) return 'fails' in other || one.fails.includes('MR330');
  if ('fails' in other) return false;
  return close(one.rows, other.rows) && typeOf(one.type) === typeOf(other.type);
}

/** A decimal may have room for more digits, as long as it has as many after the point. */
const typeOf = (name: string) => name.replace(/decimal\((?!38,)\d+,/g, 'decimal(');

function close(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, i) => close(each, other[i]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return names.length === Object.keys(other).length && names.every((name) => close(one[name], other[name]));
  }
  if (typeof one !== 'string' || typeof other !== 'string' || !one.includes('.')) return false;
  return Math.abs(Number(one) - Number(other)) <= tolerance * Math.abs(Number(one));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
