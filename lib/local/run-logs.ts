import { readCache } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import { listFolders, readText } from '../lake/objects.ts';
import type { Root } from './root.ts';

/** A line of the engine's output. */
export interface EngineLine {
  /** ISO 8601; for a line without a time, the time of the line before it. */
  at: string;
  part: 'engine';
  text: string;
}

/** Runs of a pipeline that had work, newest first. */
export async function runsWithWork(root: Root, pipeline: string): Promise<string[]> {
  const names = await listFolders(root.objects, layout.runs(pipeline));
  const orders = await Promise.all(
    names.map((name) => readCache(root.objects, layout.order(pipeline, name), (json) => json as object | null)),
  );
  return names
    .filter((_, i) => orders[i] != null)
    .sort()
    .reverse();
}

/** All lines of a run, from all stages, in order of time. */
export async function engineLines(root: Root, pipeline: string, run: string): Promise<EngineLine[]> {
  const folder = layout.runLogs(pipeline, run);
  const names = (await root.objects.list(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(names.map((name) => readText(root.objects, `${folder}${name}`).catch(() => '')));
  return texts.flatMap((text) => linesOf(text ?? '')).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The query plans of a run: task -> text. */
export async function queryPlans(root: Root, pipeline: string, run: string): Promise<Map<string, string>> {
  const folder = layout.outcomes(pipeline, run);
  const ending = '.plan.txt';
  const names = (await root.objects.list(folder)).filter((name) => name.endsWith(ending));
  const texts = await Promise.all(
    names.map(
      async (name): Promise<[string, string | undefined]> => [
        name.slice(0, -ending.length),
        await readText(root.objects, `${folder}${name}`).catch(() => undefined),
      ],
    ),
  );
  return new Map(texts.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function linesOf(text: string): EngineLine[] {
  const lines = text.split('\n').filter((line) => line !== '');
  let at = lines.map(timeOf).find((time) => time !== undefined) ?? '';
  return lines.map((line) => {
    at = timeOf(line) ?? at;
    return { at, part: 'engine', text: line };
  });
}

function timeOf(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const { at } = jsonOf(line) as { at?: unknown };
  return typeof at === 'string' ? at : undefined;
}

function jsonOf(text: string): object {
  try {
    const value = JSON.parse(text) as unknown;
    return value !== null && typeof value === 'object' ? value : {};
  } catch {
    return {};
  }
}
