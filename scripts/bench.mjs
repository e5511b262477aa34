// Millrace against its peers, as ratios in one run. See bench/README.md.
import path from 'node:path';
import { parseArgs } from 'node:util';

const given = process.argv.slice(2);
if (given[0] === 'trigger-burst') {
  const { triggerBurst } = await import('./trigger-burst.mjs');
  const options = {
    events: { type: 'string', default: '10000' },
    'run-seconds': { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  };
  await triggerBurst(parseArgs({ args: given.slice(1), options }).values);
  process.exit();
}
const args = given.length > 0 ? given : ['--customers', '100000', '--peers', 'tutorial,tuned,duckdb', '--incremental'];
console.error(`Millrace bench: ${args.join(' ')}`);
const { project, setup } = await import('./setup.mjs');
// Only this option matters here: bench/run.py knows the others, and refuses what it does not know.
const { values } = parseArgs({
  args,
  strict: false,
  options: { peers: { type: 'string', default: 'tutorial,tuned' } },
});
setup({ spark: /tutorial|tuned/.test(String(values.peers)) });
const { python, step } = await import('./steps.mjs');
step('', [python, path.join(project, 'bench', 'run.py'), ...args]);
