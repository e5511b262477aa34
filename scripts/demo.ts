// The whole of Millrace on this machine: makes churn data, runs the pipeline, scores new customers, says where the report is.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { millrace, step } from './steps.ts';

const { values } = parseArgs({
  options: { customers: { type: 'string', default: '20000' }, root: { type: 'string', default: '.millrace' } },
});
const { customers } = values;
console.error(
  `Millrace demo: telecom churn for ${Number(customers).toLocaleString('en-US')} customers, on this machine`,
);

const root = path.resolve(values.root);
const common = ['--root', root];
const made = [...millrace, 'generate', 'churn', '--customers', customers, ...common] as const;
step('1 of 3: data with planted signal, noise and dirt', made);
step('2 of 3: files to bronze, silver, features, model, predictions', [...millrace, 'run', 'churn', ...common]);
const [, ...lines] = readFileSync(path.join(root, 'data', 'churn', 'new_customers', 'part-00000.csv'), 'utf8').split(
  '\n',
);
const ids = lines.slice(0, 5).map((line) => line.split(',')[0]!.trim());
const score = [...millrace, 'score', 'churn', '--id', ...ids, ...common] as const;
step('3 of 3: the first new customers, scored in TypeScript', score);
console.error('\nOpen the report named above. Run `npx millrace run churn` again: nothing is new, so nothing is done.');
