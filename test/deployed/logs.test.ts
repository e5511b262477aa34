import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { followLogs, logGroups, logLines } from '../../lib/deployed/logs.ts';
import type { Execution, LogLine } from '../../lib/deployed/ports.ts';
import { namesOf } from '../../lib/environment/names.ts';
import { resources, synthesised } from '../stacks/synthesised.ts';

const start = Date.parse('2026-11-21T09:00:00.000Z');
const at = (second: number) => new Date(start + second * 1000).toISOString();
const groups = [
  { part: 'engine', group: 'e' },
  { part: 'bookmarks', group: 'b' },
];

/** Lines that appear in their group some seconds after they were written, in a one-minute run; the test moves `clock.now`. */
function world(lines: readonly (LogLine & { appears: number })[]) {
  const clock = { now: start };
  const question = {
    run: 'r',
    groups,
    now: () => clock.now,
    ports: {
      execution: async (): Promise<Execution> => {
        const over = clock.now >= start + 60_000;
        return {
          run: 'r',
          status: over ? 'SUCCEEDED' : 'RUNNING',
          startedAt: at(0),
          ...(over && { stoppedAt: at(60) }),
        };
      },
    },
    logs: {
      lines: async ({ part }: { part: string }, from: number, to: number) =>
        lines
          .filter((line) => line.part === part && start + line.appears * 1000 <= clock.now)
          .filter((line) => Date.parse(line.at) >= from && Date.parse(line.at) <= to)
          .map(({ appears: _, ...line }) => line),
    },
  };
  return { clock, question };
}

const line = (second: number, part: string, text: string, appears = second) => ({
  at: at(second),
  part,
  text,
  appears,
});
const lines = [
  line(1, 'bookmarks', 'claim'),
  line(20, 'engine', 'reading'),
  line(20, 'engine', 'reading'),
  line(19, 'engine', 'late', 30),
  line(58, 'engine', 'last', 63),
];

describe('the logs of a run', () => {
  test('are sorted by time, whichever part wrote them', async () => {
    const { clock, question } = world(lines);
    clock.now = start + 200_000;
    expect((await logLines(question)).map(({ text }) => text)).toEqual(['claim', 'late', 'reading', 'reading', 'last']);
  });

  test('are passed on once each during the run, even late ones, until its end', async () => {
    const { clock, question } = world(lines);
    const heard: string[] = [];
    const pause = async () => {
      clock.now += 3000;
    };
    await followLogs(question, ({ text }) => heard.push(text), pause, 10_000);
    expect(heard).toEqual(['claim', 'reading', 'reading', 'late', 'last']);
    expect(clock.now).toBeGreaterThan(start + 70_000);
    expect(clock.now).toBeLessThan(start + 80_000);
  });

  test.each(['dev', 'twin'] as const)('are read from the groups that the stacks of %s create', (name) => {
    const { templates } = synthesised(name);
    const made = Object.values(resources(templates['pipeline-churn']!, 'AWS::Logs::LogGroup')).map(
      ({ Properties }) => Properties.LogGroupName as string,
    );
    const environment = environments[name];
    const asked = logGroups({ environment, names: namesOf(environment).pipeline('churn') }).map(({ group }) => group);
    expect(asked.sort()).toEqual(made.sort());
  });
});
