import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from '../../lib/local/root.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { Chance } from '../differential/chance.ts';
import type { Tables } from '../differential/lake.ts';
import { differences } from '../differential/play.ts';
import type { StayingEngine } from '../differential/staying-engine.ts';
import { CommandUnderFire, type Exit, type Victim } from './process-group.ts';
import { scratchFiles, stuck } from './remains.ts';

export const pipeline = path.join(projectFolder, 'test', 'fixtures', 'kills');

/** The situation of the killed run: a new lake, new files, or tasks that are forced without new files. */
export type Scene = 'first' | 'incremental' | 'forced';

export interface Setting {
  folder: string;
  plan: Plan;
  engine: StayingEngine;
  input: { first: string; second: string };
  /** For each scene: an undisturbed lake before the run (if any), the content of the lake after it, and the duration of the run. */
  scenes: Record<Scene, { before?: string; after: Tables; seconds: number }>;
}

/** A lake whose runs are killed one or more times, before one undisturbed run. */
export interface Attack {
  seed: number;
  scene: Scene;
  kills: Kill[];
}

interface Kill {
  victim: Victim;
  signal: NodeJS.Signals;
  /** When, as a fraction of the duration of an undisturbed run. */
  at: number;
}

export function drawAttack(seed: number): Attack {
  const chance = new Chance(seed);
  const scene = chance.of<Scene>(['first', 'incremental', 'incremental', 'forced']);
  const kills = Array.from({ length: chance.of([1, 1, 2, 3]) }, () => ({
    victim: chance.of<Victim>(['both', 'both', 'engine', 'command']),
    signal: chance.of<NodeJS.Signals>(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT']),
    at: 0.1 + chance.next(),
  }));
  return { seed, scene, kills };
}

export const argumentsOf = (scene: Scene, { input }: Pick<Setting, 'input'>, root: string) => [
  ...['run', pipeline, '--root', root, '--data', scene === 'first' ? input.first : input.second],
  ...(scene === 'forced' ? ['--force', 'transform', 'ingest'] : []),
];

/** Plays an attack. Returns the faults found afterwards, and the number of kills that hit a living process. */
export async function attack(
  { seed, scene, kills }: Attack,
  setting: Setting,
): Promise<{ wrong: string[]; hits: number }> {
  const [root, scratch] = [path.join(setting.folder, `root-${seed}`), path.join(setting.folder, `tmp-${seed}`)];
  await mkdir(scratch);
  const { before, after, seconds } = setting.scenes[scene];
  if (before !== undefined) await cp(before, root, { recursive: true });
  const wrong: string[] = [];
  let hits = 0;
  for (const kill of kills) {
    const shot = await fire(kill, seconds, new CommandUnderFire(argumentsOf(scene, setting, root), scratch));
    if (shot.hit) hits += 1;
    wrong.push(...shot.wrong);
  }
  // The user repeats the command: a killed command only has to leave a consistent lake.
  const peace = await new CommandUnderFire(argumentsOf(scene, setting, root), scratch).ended;
  if (peace.code !== 0) wrong.push(`the next run ends with ${peace.code ?? peace.signal}: ${peace.out}`);
  else {
    wrong.push(...differences(await tablesOf(root, setting), after));
    wrong.push(...(await stuck(root, 'kills')));
    wrong.push(...(await scratchFiles(root, scratch)).map((file) => `left behind: ${file}`));
  }
  await Promise.all([root, scratch].map((folder) => rm(folder, { recursive: true, force: true })));
  return { wrong, hits };
}

async function fire(
  { victim, signal, at }: Kill,
  seconds: number,
  command: CommandUnderFire,
): Promise<{ hit: boolean; wrong: string[] }> {
  const over = new AbortController();
  const waited = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, at * seconds * 1000);
    over.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  void command.ended.then(() => over.abort());
  await waited;
  const hit = await command.kill(victim, signal);
  const exit = await command.ended;
  const what = `${signal} to ${victim} after ${(at * seconds).toFixed(1)} s`;
  const wrong: string[] = [];
  const left = await command.leftAfter(60);
  if (left.length > 0) wrong.push(`${what}: processes ${left.join(', ')} live on a minute after the command ended`);
  if (hit) wrong.push(...badManners(exit, victim, signal).map((manner) => `${what}: ${manner}`));
  return { hit, wrong };
}

/** A command that ended by itself reports a readable message, not a stack trace. */
function badManners({ code, out }: Exit, victim: Victim, signal: NodeJS.Signals): string[] {
  const wrong: string[] = [];
  if (/^\s+at .*\(?(file|node):|Traceback/m.test(out)) wrong.push(`a stack trace: ${out}`);
  const unheard = signal === 'SIGKILL' && victim !== 'engine';
  if (!unheard && code !== 0 && code !== null && !/MR\d{3}/.test(out))
    wrong.push(`ended with ${code} and no code of a fault: ${out}`);
  return wrong;
}

/** All tables with the predictions, and the live version. The score of each row distinguishes models. */
export async function tablesOf(root: string, { plan, engine }: Pick<Setting, 'plan' | 'engine'>): Promise<Tables> {
  const { tables } = await engine.ask<{ tables: Tables }>({ do: 'lake', root, plan });
  return tables;
}
