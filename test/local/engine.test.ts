import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type EngineEvent, runEngine } from '../../lib/local/engine.ts';
import { complains, prints, standInPython } from './stand-in-python.ts';

const python = standInPython();
const start = { event: 'task.start', task: 'people', kind: 'ingest', mode: 'full', why: 'new' };

async function ran(engine: 'sail' | 'spark', args: string[], signal?: AbortSignal) {
  const events: EngineEvent[] = [];
  const log = python.at(`${Math.random()}.log`);
  const exit = await runEngine(engine, args, log, (event) => void events.push(event), signal);
  return { events, exit, log: await readFile(log, 'utf8').catch(() => '') };
}

describe('the engine', () => {
  test('reports events in order; other output is only logged', async () => {
    await python.says(
      prints({ event: 'stage.start', stage: 'build', seconds: 0.5, run: 'r-1', host: 'h', at: '2026-01-01T00:00:00Z' }),
      'echo a library prints this',
      prints({ ...start, stage: 'build', at: '2026-01-01T00:00:01Z' }),
      complains('a warning'),
    );
    const { events, exit, log } = await ran('sail', []);
    expect(events).toEqual([{ event: 'stage.start', stage: 'build', seconds: 0.5 }, start]);
    expect(exit).toEqual({ code: 0, signal: null, tail: 'a warning\n' });
    expect(log).toContain('a library prints this\n');
    expect(log).toContain('a warning\n');
  });

  test('waits for the reader of an event before it delivers the next one', async () => {
    await python.says(prints(start), prints({ ...start, task: 'towns' }));
    const seen: string[] = [];
    await runEngine('sail', [], undefined, async (event) => {
      if (!('task' in event)) return;
      seen.push(`${event.task} begins`);
      await sleep(20);
      seen.push(`${event.task} ends`);
    });
    expect(seen).toEqual(['people begins', 'people ends', 'towns begins', 'towns ends']);
  });

  test('is started with the engine of this machine instead of the compute kind of the stage', async () => {
    await python.says('shift', 'echo "$@" >&2');
    expect((await ran('spark', ['--stage', 'build'])).exit.tail).toBe('--stage build --engine spark\n');
    const named = await ran('sail', ['--engine', 'glue', '--stage', 'build']);
    expect(named.exit.tail).toBe('--engine sail --stage build\n');
  });

  test('that fails reports its exit code and its last 4,000 characters', async () => {
    await python.says('i=0; while [ $i -lt 900 ]; do echo "line $i" >&2; i=$((i+1)); done', 'exit 7');
    const { exit } = await ran('sail', []);
    expect(exit.code).toBe(7);
    expect(exit.tail).toHaveLength(4000);
    expect(exit.tail.endsWith('line 899\n')).toBe(true);
  });

  test('is killed by an abort', async () => {
    await python.says(prints(start), 'exec sleep 600');
    const stop = new AbortController();
    const exit = await runEngine('sail', [], undefined, () => stop.abort(), stop.signal);
    expect(exit).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('that prints an event of another version is a fault of this program', async () => {
    await python.says(prints({ event: 'task.start', task: 'people' }));
    await expect(ran('sail', [])).rejects.toThrow(/kind/);
  });

  test('runs even if its log cannot be written', async () => {
    await python.says(prints(start));
    const events: EngineEvent[] = [];
    const exit = await runEngine('sail', [], python.at('no', 'folder', 'log'), (event) => void events.push(event));
    expect([exit.code, events]).toEqual([0, [start]]);
  });
});
