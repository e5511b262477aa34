import { columnOf } from '../definition/columns.ts';
import { type AskedSource, formatOf, type PlannedSource } from '../definition/formats/formats.ts';
import type { CheckedDefinition } from '../definition/schema.ts';
import { boundsOf } from './bounds.ts';
import { canonicalJson, fingerprint } from './canonical-json.ts';
import type { IngestTask } from './schema.ts';
import { stageOf } from './stages.ts';

/** The task that reads a source's files into its bronze table. */
export function ingestTask(definition: CheckedDefinition, name: string): IngestTask {
  const asked = definition.sources[name]!;
  const { path, optional = false } = asked;
  const columns = formatOf(asked).columns(asked);
  const partitions = Object.entries(asked.partitions ?? {}).map(([column, spec]) => columnOf(column, spec));
  const source = planned(asked);
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
    ...boundsOf(asked.bounds),
    // Rows of files that are gone outlive a change of the contract, but not one of the columns.
    fingerprint: fingerprint('ingest', { contract: { ...contract, ...notByDefault(source) }, columns }, new Map()),
  };
}

/** What the source says of its format, and the defaults of what it leaves out. */
function planned(asked: AskedSource): PlannedSource {
  const { planned: schema, defaults } = formatOf(asked);
  const known = Object.keys((schema as unknown as { shape: object }).shape);
  const said = Object.entries(asked).filter(([option, value]) => known.includes(option) && value !== undefined);
  return schema.parse({ ...defaults, ...Object.fromEntries(said) });
}

/**
 * What of a source is in its fingerprint, laid out as before formats were records, so that no lake is read anew because of them. An
 * option that is as its default is left out: one that is added later changes no fingerprint.
 */
function notByDefault(source: PlannedSource) {
  const defaults = new Map(Object.entries(formatOf(source).defaults));
  const said = Object.entries(source).filter(
    ([option, value]) => !defaults.has(option) || canonicalJson(value) !== canonicalJson(defaults.get(option)),
  );
  // How files arrive changes nothing that the task makes of them.
  const { format, delimiter, mayLack, headers = {}, stream: _, ...dialect } = Object.fromEntries(said);
  return {
    format,
    ...(delimiter !== undefined && { delimiter }),
    ...(Object.keys(dialect).length > 0 && { dialect }),
    headers,
    ...(mayLack !== undefined && { mayLack }),
  };
}
