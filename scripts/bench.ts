// Millrace against its peers, as ratios in one run. See bench/README.md.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { project, setup } from './setup.mjs';
import { python, step } from './steps.ts';
import { triggerBurst } from './trigger-burst.ts';

const [, , ...given] = process.argv;
if (given[0] === 'trigger-burst') await triggerBurst(given.slice(1));
else {
  const args =
    given.length > 0 ? given : ['--customers', '100000', '--peers', 'tutorial,tuned,duckdb', '--incremental'];
  console.error(`Millrace bench: ${args.join(' ')}`);
  // Only this option matters here: bench/run.py knows the others, and refuses what it does not know.
  const { values } = parseArgs({
    args,
    strict: false,
    options: { peers: { type: 'string', default: 'tutorial,tuned' } },
  });
  setup({ spark: /tutorial|tuned/.test(String(values.peers)) });
  step('', [python, path.join(project, 'bench', 'run.py'), ...args]);
}
