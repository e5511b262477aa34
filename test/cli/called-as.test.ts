import { expect, test } from 'vitest';
import { calledAs, optionsGiven, withCommands } from '../../lib/cli/called-as.ts';

const npm = { npm_config_user_agent: 'npm/10.8.2 node/v20.20.2 linux x64 workspaces/false' };

test.each([
  ['npx', '/p/node_modules/.bin/millrace', npm, '/p', 'npx millrace'],
  ['an npm script', '/p/bin/millrace.mjs', npm, '/p', 'npx millrace'],
  ['pnpm', '/p/node_modules/.bin/millrace', { npm_config_user_agent: 'pnpm/9.1.0 npm/?' }, '/p', 'pnpm exec millrace'],
  ['yarn', '/p/node_modules/.bin/millrace', { npm_config_user_agent: 'yarn/1.22.22 npm/?' }, '/p', 'yarn millrace'],
  ['a program on the PATH', '/usr/bin/millrace', { PATH: '/bin:/usr/bin' }, '/', 'millrace'],
  ['a link that is not on it', '/p/node_modules/.bin/millrace', { PATH: '/bin' }, '/p', 'npx millrace'],
  ['node, in the clone', '/p/bin/millrace.mjs', {}, '/p', 'node bin/millrace.mjs'],
  ['node, from elsewhere', "/my clone's/bin/millrace.mjs", {}, '/tmp', "node '../my clone'\\''s/bin/millrace.mjs'"],
  ['anything else', '/p/node_modules/vitest/vitest.mjs', {}, '/p', 'npx millrace'],
])('started by %s, it is called in the same way', (_, script, env, cwd, command) => {
  expect(calledAs({ script, env, cwd })).toBe(command);
});

test('a root and a data folder from the command line are repeated in suggested commands that take them', () => {
  const given = optionsGiven(['run', 'churn', '--data', 'my data', '--root=/r']);
  expect(given('run churn')).toBe(" --data 'my data' --root /r");
  expect(given('models list churn')).toBe(' --root /r');
  expect(given('run churn --root /other')).toBe(" --data 'my data'");
  expect(given('run churn --env prod')).toBe('');
  expect(given('run --help')).toBe('');
  expect(optionsGiven(['run', 'churn'])('run churn')).toBe('');
});

test('a terminal shows commands that can be pasted, and does not change documents and rows', () => {
  const written = { out: '', err: '' };
  const streams = {
    out: { write: (text: string) => (written.out += text), isTTY: true, columns: 90 },
    err: { write: (text: string) => (written.err += text) },
  };
  const started = { script: '', env: npm, cwd: '/' };
  const plain = withCommands(streams, ['status', 'churn', '--root', 'r'], started);
  plain.out.write('churn has not run\n  try   millrace run churn\nmillrace is a word of a row\n');
  plain.err.write('MR1  m\n  at    millrace models\n  try   `millrace plan churn` says why\n');
  expect(written.out).toBe('churn has not run\n  try   npx millrace run churn --root r\nmillrace is a word of a row\n');
  expect(written.err).toBe('MR1  m\n  at    millrace models\n  try   `npx millrace plan churn --root r` says why\n');
  expect(plain.out).toMatchObject({ isTTY: true, columns: 90 });
  written.out = '';
  withCommands(streams, ['status', '--json'], started).out.write('{"hint": "`millrace run churn`"}');
  expect(written.out).toBe('{"hint": "`millrace run churn`"}');
});
