import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { algorithmNamed, algorithmNames, objectiveNames, objectiveOf } from '../../lib/learning/learning.ts';
import { projectFolder } from '../../lib/local/root.ts';

/** What only records of objectives and algorithms say, and who else may, with the reason. */
const permitted: Readonly<Record<string, string>> = {
  'glue-scripts/engine/plan_types.py': 'generated from the records',
  'glue-scripts/engine/model/document_types.py': 'generated from the records',
  'glue-scripts/engine/dialect/spark_functions.py': 'names of SQL functions, such as regr_r2',
};

const records = /^(lib\/learning|glue-scripts\/engine\/model)\/(objectives|algorithms)\//;

async function sources(): Promise<string[]> {
  const folders = ['lib', 'lambdas', 'bin', 'glue-scripts/engine'];
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(projectFolder, folder), { recursive: true })).map((name) => path.join(folder, name)),
    ),
  );
  return listed.flat().filter((file) => /\.(ts|mjs|py)$/.test(file) && !records.test(file));
}

const found = async (words: RegExp, where = /./): Promise<string[]> => {
  const files = (await sources()).filter((file) => where.test(file));
  const lines = files.map(async (file) => {
    const text = await readFile(path.join(projectFolder, file), 'utf8');
    return text.split('\n').flatMap((line, i) => (words.test(line) ? [`${file}:${i + 1}  ${line.trim()}`] : []));
  });
  return (await Promise.all(lines)).flat();
};

const elsewhere = (lines: readonly string[]) => lines.filter((line) => !(line.split(':')[0]! in permitted));

test('no code but that of objectives knows how one of them is measured', async () => {
  const metrics = objectiveNames.map((objective) => objectiveOf({ objective }).parts.metric);
  const named = new RegExp(`\\b(${metrics.join('|')})(\\b|_)|_(${metrics.join('|')})\\b`, 'i');
  expect(named.test('roc_auc') && named.test('auc_by_fold') && named.test('AUC')).toBe(true);
  expect(elsewhere(await found(named))).toEqual([]);
  expect(elsewhere(await found(/confusion|calibration|sigmoid|log.?odds|\brmse\b|residual/i))).toEqual([]);
});

test('no code of the engine but that of algorithms knows a library that learns', async () => {
  expect(elsewhere(await found(/xgboost|booster/i, /^glue-scripts\/engine\//))).toEqual([]);
});

test('the engine has a record for each name of the plan, and no other', async () => {
  const file = path.join(projectFolder, 'glue-scripts', 'engine', 'model', 'records.py');
  const text = await readFile(file, 'utf8');
  const keys = (list: string) => {
    const [, entries = ''] = new RegExp(`^${list}[^=]*= \\{([^}]*)\\}`, 'm').exec(text) ?? [];
    return [...entries.matchAll(/"([^"]+)":/g)].map(([, name]) => name);
  };
  expect(keys('OBJECTIVES')).toEqual(objectiveNames);
  expect(keys('ALGORITHMS')).toEqual(algorithmNames);
});

test('each permission is used', async () => {
  const lines = await found(/\bauc\b|_r2\b/i);
  for (const file of Object.keys(permitted))
    expect(
      lines.some((line) => line.startsWith(`${file}:`)),
      file,
    ).toBe(true);
});

test('names of records are those of their entries', () => {
  for (const objective of objectiveNames) expect(objectiveOf({ objective }).parts.name).toBe(objective);
  for (const name of algorithmNames) expect(algorithmNamed(name).parts.name).toBe(name);
});
