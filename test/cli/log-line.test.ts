import { expect, test } from 'vitest';
import { readable, taskOf } from '../../lib/cli/log-line.ts';

const common = { run: 'r-1', stage: 'build', host: 'h', at: '2026-11-21T09:00:00.000Z' };
const line = (fields: object) => JSON.stringify({ ...fields, ...common });
const issue = { code: 'MR302', path: 'silver/a.sql', message: '3 rows in, 2 out', hint: 'name a rule' };

test.each([
  [{ event: 'stage.start', seconds: 4.25 }, 'stage build  the engine is ready after 4.3 s'],
  [{ event: 'task.start', task: 'a', mode: 'full', why: 'changed SQL' }, 'a  started, full: changed SQL'],
  [{ event: 'task.done', task: 'a', seconds: 2, read: 1200 }, 'a  done in 2.0 s: 1,200 rows read'],
  [
    { event: 'task.done', task: 'a', seconds: 2, read: 1, metrics: { phases: { read: 0.5, write: 1.5 } } },
    'a  done in 2.0 s: 1 row read (read 0.5 s, write 1.5 s)',
  ],
  [{ event: 'task.failed', task: 'a', issues: [issue] }, 'a  FAILED  MR302 3 rows in, 2 out (silver/a.sql)'],
  [{ event: 'check.done', issues: [] }, 'the SQL is valid'],
  [{ level: 'warning', message: 'no plan', task: 'a' }, 'warning  a  no plan'],
  [
    { level: 'error', message: 'a fault', exception: 'Traceback\n  KeyError' },
    'error  a fault\n    Traceback\n      KeyError',
  ],
  [
    { level: 'INFO', message: 'claimed', service: 's', function_name: 'f', token: 7, stages: ['build'] },
    'info  claimed  token=7  stages=["build"]',
  ],
])('%j in words', (fields, words) => {
  expect(readable(line(fields))).toBe(words);
});

test('a line with a prefix is read too, any other line is not changed', () => {
  const event = line({ event: 'check.done', issues: [] });
  expect(readable(`26/11/21 09:00:00 INFO ${event}`)).toBe('the SQL is valid');
  for (const text of ['START RequestId: 1', 'left {"a": 1', '{"a":1}', 'x {"event":', line({ event: 'unheard' })]) {
    expect(readable(text)).toBe(text);
  }
});

test('the task of a line is what it says', () => {
  expect(taskOf(line({ event: 'task.start', task: 'a' }))).toBe('a');
  expect([taskOf(line({ level: 'info', message: 'm' })), taskOf('a text')]).toEqual([undefined, undefined]);
});
