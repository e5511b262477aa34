import { columnOf } from '../definition/columns.ts';
import { formatOf, type PlannedSource, type SourceOptions } from '../definition/formats/formats.ts';
import type { CheckedDefinition } from '../definition/schema.ts';
import { boundsOf } from './bounds.ts';
import { canonicalJson, fingerprint } from './canonical-json.ts';
import type { IngestTask } from './schema.ts';
import { stageOf } from './stages.ts';

/** The task that reads a source's files into its bronze table. */
export function ingestTask(definition: CheckedDefinition, name: string): IngestTask {
  const options = definition.sources[name]!;
  const { path, optional = false } = options;
  const columns = formatOf(options).columns(options);
  const partitions = Object.entries(options.partitions ?? {}).map(([column, spec]) => columnOf(column, spec));
  const source = planned(options);
  const contract = {
    path,
    optional,
    columns: [...columns, ...partitions],
    ...(partitions.length > 0 && { partitions: partitions.map((column) => column.name) }),
  };
  return {
    kind: 'ingest',
    name,
    layer: 'bronze',
    stage: stageOf('ingest', definition),
    upstream: [],
    source,
    ...contract,
    ...boundsOf(options.bounds),
    // Rows of deleted files survive a change of the contract, but not a change of the columns.
    fingerprint: fingerprint('ingest', { contract: { ...contract, ...notByDefault(source) }, columns }, new Map()),
  };
}

/** The source's format options, with defaults. */
function planned(options: SourceOptions): PlannedSource {
  const { planned: schema, defaults } = formatOf(options);
  const known = Object.keys((schema as unknown as { shape: object }).shape);
  const given = Object.entries(options).filter(([option, value]) => known.includes(option) && value !== undefined);
  return schema.parse({ ...defaults, ...Object.fromEntries(given) });
}

/**
 * The part of a source that is in its fingerprint, in the layout from before formats were records, so that no lake is read again. Options
 * with their default value are left out, so adding an option later changes no fingerprint.
 */
function notByDefault(source: PlannedSource) {
  const defaults = new Map(Object.entries(formatOf(source).defaults));
  const given = Object.entries(source).filter(
    ([option, value]) => !defaults.has(option) || canonicalJson(value) !== canonicalJson(defaults.get(option)),
  );
  // The way files arrive does not change the result of the task.
  const { format, delimiter, mayLack, headers = {}, stream: _, ...dialect } = Object.fromEntries(given);
  return {
    format,
    ...(delimiter !== undefined && { delimiter }),
    ...(Object.keys(dialect).length > 0 && { dialect }),
    headers,
    ...(mayLack !== undefined && { mayLack }),
  };
}
