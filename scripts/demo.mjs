// The whole of Millrace on this machine: makes churn data, runs the pipeline, scores new customers, says where the report is.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { customers: { type: 'string', default: '20000' }, root: { type: 'string', default: '.millrace' } },
});
console.error(
  `Millrace demo: telecom churn for ${Number(values.customers).toLocaleString('en-US')} customers, on this machine`,
);

const { setup } = await import('./setup.mjs');
setup();
const { millrace, step } = await import('./steps.mjs');

const root = path.resolve(values.root);
const common = ['--root', root];
step('1 of 3: data with planted signal, noise and dirt', [
  ...millrace,
  'generate',
  'churn',
  '--customers',
  values.customers,
  ...common,
]);
step('2 of 3: files to bronze, silver, features, model, predictions', [...millrace, 'run', 'churn', ...common]);
const lines = readFileSync(path.join(root, 'data', 'churn', 'new_customers', 'part-00000.csv'), 'utf8').split('\n');
const ids = lines.slice(1, 6).map((line) => line.split(',')[0].trim());
step('3 of 3: the first new customers, scored in TypeScript', [
  ...millrace,
  'score',
  'churn',
  '--id',
  ...ids,
  ...common,
]);
console.error('\nOpen the report named above. Run `npx millrace run churn` again: nothing is new, so nothing is done.');
