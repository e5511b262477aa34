import { computeKinds } from '../compute/compute.ts';
import type { Deployed } from './deployed-pipeline.ts';
import type { CloudPorts, LogGroup, LogLine, LogPort } from './ports.ts';

/** Log groups of a pipeline, in the order in which a run uses them. */
export function logGroups({ environment, names }: Pick<Deployed, 'environment' | 'names'>): LogGroup[] {
  const encrypted = !environment.lacks?.includes('AWS::Glue::SecurityConfiguration');
  const engineNames = { logs: names.logs('engine'), job: names.job, encrypted };
  const engine = Object.values(computeKinds).flatMap(({ logGroups: of }) => of(engineNames));
  return [
    { part: 'trigger', group: names.logs('trigger') },
    { part: 'machine', group: `/aws/vendedlogs/states/${names.machine}` },
    { part: 'bookmarks', group: names.logs('bookmarks') },
    ...engine.map((group) => ({ part: 'engine', group })),
    { part: 'quality', group: names.logs('quality') },
    { part: 'respond', group: names.logs('respond') },
  ];
}

export interface LogQuestion {
  run: string;
  groups: readonly LogGroup[];
  ports: Pick<CloudPorts, 'execution'>;
  logs: LogPort;
  now(): number;
}

/** The trigger writes before the execution starts, and CloudWatch ingests lines with a delay of some seconds. */
const before = 60_000;
const after = 60_000;

/** All log lines of a run so far, from all components, in order of time; `from` (ms since 1970) skips older lines. */
export async function logLines({ run, groups, ports, logs, now }: LogQuestion, from?: number): Promise<LogLine[]> {
  const execution = await ports.execution(run);
  if (execution === undefined) return [];
  const begin = from ?? Date.parse(execution.startedAt) - before;
  const end = execution.stoppedAt === undefined ? now() : Date.parse(execution.stoppedAt) + after;
  const lines = await Promise.all(groups.map((group) => logs.lines(group, begin, end)));
  return lines.flat().sort(byTime);
}

/** Emits each new line once, until the run is over and its last lines had time to arrive. */
export async function followLogs(
  question: LogQuestion,
  hand: (line: LogLine) => void,
  pause: () => Promise<void>,
  settle = after,
): Promise<void> {
  const seen = new Map<string, number>();
  let from: number | undefined;
  for (;;) {
    const execution = await question.ports.execution(question.run);
    const lines = await logLines(question, from);
    // Equal lines may really exist twice, so count them: the excess over the last poll is new.
    const counts = new Map<string, number>();
    for (const line of lines) {
      const key = `${line.at} ${line.part} ${line.text}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count > (seen.get(key) ?? 0)) hand(line);
    }
    for (const [key, count] of counts) seen.set(key, Math.max(count, seen.get(key) ?? 0));
    const stopped = execution?.stoppedAt;
    if (stopped !== undefined && question.now() > Date.parse(stopped) + settle) return;
    const last = lines.at(-1);
    if (last !== undefined) from = Date.parse(last.at) - before;
    await pause();
  }
}

const byTime = (a: LogLine, b: LogLine) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
