import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPlan } from '../../lib/local/load.ts';
import { StayingEngine } from '../differential/staying-engine.ts';
import { millrace } from '../e2e/lab.ts';
import { writeInput } from './input.ts';
import { argumentsOf, attack, drawAttack, pipeline, type Scene, type Setting, tablesOf } from './killing.ts';
import { CommandUnderFire } from './process-group.ts';

/** Whichever process is killed at whatever time, the next run gives the same lake as an undisturbed run. */

const mostKills = process.env['MILLRACE_LONG'] === '1' ? 500 : Number(process.env['MILLRACE_KILLS'] ?? 20);
let setting: Setting;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-kills-'));
  const [plan, engine, input] = await Promise.all([
    loadPlan(pipeline),
    StayingEngine.start('sail'),
    writeInput(folder),
  ]);
  setting = { folder, plan, engine, input, scenes: {} as Setting['scenes'] };
  const root = path.join(folder, 'undisturbed');
  let before: string | undefined;
  for (const scene of ['first', 'incremental', 'forced'] as const) {
    setting.scenes[scene] = await inPeace(scene, root, before);
    before = path.join(folder, `after-${scene}`);
    await cp(root, before, { recursive: true });
  }
}, 600_000);
afterAll(async () => {
  await setting.engine.stop();
  await rm(setting.folder, { recursive: true, force: true });
});

async function inPeace(scene: Scene, root: string, before: string | undefined): Promise<Setting['scenes'][Scene]> {
  const exit = await new CommandUnderFire(argumentsOf(scene, setting, root), setting.folder).ended;
  if (exit.code !== 0) throw new Error(exit.out);
  return { ...(before !== undefined && { before }), after: await tablesOf(root, setting), seconds: exit.seconds };
}

test('after kills at random moments, the next run gives the lake of an undisturbed run', async () => {
  const wrong: string[] = [];
  const asked = process.env['MILLRACE_SEED']?.split(',').map(Number);
  let hits = 0;
  for (let seed = 1; asked === undefined ? hits < mostKills : asked.length > 0; seed++) {
    const drawn = drawAttack(asked?.shift() ?? seed);
    const found = await attack(drawn, setting);
    hits += found.hits;
    if (found.wrong.length > 0) wrong.push([JSON.stringify(drawn), ...found.wrong.slice(0, 10)].join('\n  '));
    if (wrong.length === 5) break;
  }
  expect(wrong.join('\n')).toBe('');
  expect(hits).toBeGreaterThanOrEqual(asked === undefined ? mostKills : 0);
  // The scenes differ: the tables of the second day are not those of the first.
  expect(setting.scenes.incremental.after).not.toEqual(setting.scenes.first.after);
}, 43_200_000);

test('an undisturbed lake has a live model and rows in every table', async () => {
  const { after } = setting.scenes.incremental;
  expect(Object.entries(after).filter(([, rows]) => rows.length === 0)).toEqual([]);
  expect(Object.keys(after)).toContain('predictions');
  const status = await millrace('status', 'kills', '--root', path.join(setting.folder, 'undisturbed'));
  expect(status.out).toMatch(/stays/);
});
