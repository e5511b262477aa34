import { formatOf } from '../definition/formats/formats.ts';
import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { folderOf } from './input-pattern.ts';
import type { IngestTask, Plan } from './schema.ts';
import { suggestion } from './suggest.ts';
import { listsFiles } from './task-kinds.ts';

type Streamable = Extract<IngestTask['source'], { stream?: unknown }>;

/** An ingest task of a stream source. */
export type StreamedTask = IngestTask & { source: Streamable & { stream: NonNullable<Streamable['stream']> } };

/** The sources of a plan that are streams. */
export const streamedTasks = (plan: Plan): StreamedTask[] =>
  plan.tasks.filter(
    (task): task is StreamedTask => listsFiles(task) && 'stream' in task.source && task.source.stream !== undefined,
  );

/** Issues of streams: MR103 (unknown column), MR140, MR141 and MR142. */
export function checkStreams(definition: CheckedDefinition, place: string): Issue[] {
  const issues: Issue[] = [];
  const landings = new Map<string, string>();
  for (const [name, source] of Object.entries(definition.sources)) {
    const { landed } = formatOf(source);
    if (!('stream' in source) || source.stream === undefined || landed === undefined) continue;
    const { partitionBy } = source.stream;
    const at = (field: string) => `${place}  sources.${name}.${field}`;
    const folder = folderOf(source.path);
    // A landing writes its files directly into the folder.
    if (source.path !== `${folder}*${landed}` && source.path !== `${folder}**/*${landed}`) {
      issues.push({
        code: 'MR141',
        path: at('path'),
        message: `a stream lands its records in files *${landed}, which "${source.path}" does not match`,
        hint: `end the path with /*${landed}`,
      });
    }
    const first = landings.get(folder);
    if (first !== undefined) {
      issues.push({
        code: 'MR142',
        path: at('path'),
        message: `the streams "${first}" and "${name}" land in the same folder ${folder}, so each would be read as both`,
        hint: 'use a separate folder for each',
      });
    } else landings.set(folder, name);
    if (partitionBy !== undefined) issues.push(...partitionIssues(partitionBy, source.columns, name, at));
  }
  return issues;
}

function partitionIssues(
  column: string,
  columns: Readonly<Record<string, string>>,
  source: string,
  at: (field: string) => string,
): Issue[] {
  const path = at('stream.partitionBy');
  const type = columns[column];
  const dayTypes = ['string', 'date', 'timestamp'];
  if (type === undefined) {
    const message = `"${column}" is not a column of ${source}`;
    return [{ code: 'MR103', path, message, hint: suggestion(column, Object.keys(columns)) }];
  }
  if (dayTypes.includes(type)) return [];
  const fitting = Object.keys(columns).filter((name) => dayTypes.includes(columns[name]!));
  const message = `"${column}" is ${type}, but the day of a record must come from a string, date or timestamp that is never null`;
  return [{ code: 'MR140', path, message, hint: fitting.length > 0 ? fitting.join(', ') : 'remove partitionBy' }];
}
