import { expect, test, vi } from 'vitest';
import { millrace } from '../e2e/lab.ts';

/** `millrace synth` with a synthesis that takes 21.4 seconds in dev and 2 seconds elsewhere. */

vi.mock('../../lib/cli/synthesis.ts', () => ({
  synthesised: async (
    { name }: { name: string },
    _functions: unknown,
    _validated: boolean,
    action: (made: { stacks: string[]; templates: string[]; seconds: number }) => unknown,
  ) => action({ stacks: [], templates: [], seconds: name === 'dev' ? 21.4 : 2 }),
}));

test('a slow synthesis is a warning, and all environments are shown', async () => {
  const { code, out, err } = await millrace('synth');
  expect([code, out.match(/^\w+/gm)]).toEqual([0, ['dev', 'staging', 'prod', 'twin']]);
  expect(err).toMatch(/^warning {2}MR621 {2}the synthesis of dev took 21\.4 s; the limit is 15 s\n/);
  expect(err).toContain('only with `--limit` is this an error');
  expect(err).not.toContain('staging');
  const json = await millrace('synth', '--json');
  expect([json.code, JSON.parse(json.out)]).toMatchObject([
    0,
    { environments: [{}, {}, {}, {}], warnings: [{ code: 'MR621', path: 'dev' }] },
  ]);
});

test('with --limit it is an error, after all environments', async () => {
  const { code, out, err } = await millrace('synth', '--limit', '20');
  expect([code, out.match(/^\w+/gm)]).toEqual([1, ['dev', 'staging', 'prod', 'twin']]);
  expect(err).toMatch(/^MR621 {2}the synthesis of dev took 21\.4 s; the limit is 20 s\n/);
  const json = await millrace('synth', '--limit', '20', '--json');
  expect([json.code, JSON.parse(json.out)]).toMatchObject([1, { status: 'failed', issues: [{ code: 'MR621' }] }]);
  expect((await millrace('synth', '--limit', '22')).code).toBe(0);
});
