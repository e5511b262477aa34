import * as z from 'zod';
import { type SourceBounds, sourceBounds } from '../bounds.ts';
import { columnName, columnNames, type PartitionSpec, partitionTypes } from '../columns.ts';

/** What sources of every format say. */
export interface SourceBase {
  /**
   * What may be quarantined of what is read, as `{ quarantined: { warn: 0.05, error: 0.5 } }`.
   * @default those of SourceBounds
   * @example bounds: { quarantined: { warn: 0.05, error: 0.5 } }
   */
  readonly bounds?: SourceBounds;
  /**
   * A folder and a file pattern below the data directory, as `customers/*.csv`. `*` stands for any characters of a name, `**` for
   * any number of folders: `events/**\/*.json`. A folder that fits is read with the part files in it.
   * @example path: 'customers/*.csv'
   */
  readonly path: string;
  /**
   * Columns whose values are in the names of folders, as Hive and Spark write them: `{ dt: 'date' }` for `sales/dt=2024-01-01/x.csv`
   * with the path `sales/*.csv`. The rows of a file whose folder holds no value of the type are quarantined. None by default.
   * @default none
   * @example partitions: { dt: 'date' }
   */
  readonly partitions?: Readonly<Record<string, PartitionSpec>>;
  /**
   * An absent folder is an empty source instead of an error.
   * @default false
   * @example optional: true
   */
  readonly optional?: boolean;
}

/** What sources say whose files name their columns. */
export interface NamedFields extends SourceBase {
  /**
   * Column -> what the files call it, where that is another name, as `{ id: '_id', at: '@timestamp' }`.
   * @default none
   * @example headers: { id: '_id' }
   */
  readonly headers?: Readonly<Record<string, string>>;
}

const parts = (path: string) => path.split('/');

/** One part of a path between slashes: `**` stands for itself only. */
const isPart = (part: string) => part !== '' && part !== '.' && (part === '**' || !part.includes('**'));

const pattern = z
  .string()
  .refine(
    (path) => parts(path).length > 1 && !/^$|\*/.test(parts(path)[0]!) && parts(path).every(isPart),
    'a path is a folder and a pattern, as customers/*.csv or events/**/*.json; the first folder has a name without *',
  )
  .refine((path) => !parts(path).includes('..'), 'a path stays below the data directory');

const partition = z.templateLiteral([z.enum(partitionTypes), z.enum(['', '?'])]);

/** `SourceBase` as it is checked. */
export const askedOfAll = {
  bounds: z.strictObject(sourceBounds).optional(),
  path: pattern,
  partitions: z.record(columnName, partition).optional(),
  optional: z.boolean().optional(),
};

/** `NamedFields` as it is checked. */
export const askedOfNamed = { ...askedOfAll, headers: z.record(columnName, z.string().min(1)).optional() };

/** Column -> the name its file gives it, where the two differ. */
export const plannedHeaders = z.record(z.string(), z.string());

/** Columns that a file may lack: as a definition has them, and as the plan has. */
export const askedLacking = columnNames.min(1).optional();
export const plannedLacking = z.array(z.string());
