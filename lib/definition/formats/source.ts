import * as z from 'zod';
import { type SourceBounds, sourceBounds } from '../bounds.ts';
import { columnName, columnNames, type PartitionSpec, partitionTypes } from '../columns.ts';

/** Options of sources of every format. */
export interface SourceBase {
  /**
   * Limits for quarantined rows, such as `{ quarantined: { warn: 0.05, error: 0.5 } }`.
   * @default those of SourceBounds
   * @example bounds: { quarantined: { warn: 0.05, error: 0.5 } }
   */
  readonly bounds?: SourceBounds;
  /**
   * A folder and a file pattern, relative to the data directory, such as `customers/*.csv`. `*` matches any characters of a name, `**`
   * any number of folders: `events/**\/*.json`. A folder that matches is read with its part files.
   * @example path: 'customers/*.csv'
   */
  readonly path: string;
  /**
   * Partition columns, whose values are in folder names as Hive and Spark write them: `{ dt: 'date' }` for `sales/dt=2024-01-01/x.csv`
   * with the path `sales/*.csv`. If the folder name is not a value of the type, the rows of its files are quarantined. None by default.
   * @default none
   * @example partitions: { dt: 'date' }
   */
  readonly partitions?: Readonly<Record<string, PartitionSpec>>;
  /**
   * If true, a missing folder is an empty source instead of an error.
   * @default false
   * @example optional: true
   */
  readonly optional?: boolean;
}

/** Options of sources whose files name their columns. */
export interface NamedFields extends SourceBase {
  /**
   * Column -> its name in the files, if that differs: `{ id: '_id', at: '@timestamp' }`.
   * @default none
   * @example headers: { id: '_id' }
   */
  readonly headers?: Readonly<Record<string, string>>;
}

const parts = (path: string) => path.split('/');

/** Whether a part of a path is valid; `**` must be a whole part. */
const isPart = (part: string) => part !== '' && part !== '.' && (part === '**' || !part.includes('**'));

const pattern = z
  .string()
  .refine(
    (path) => parts(path).length > 1 && !/^$|\*/.test(parts(path)[0]!) && parts(path).every(isPart),
    'a path is a folder and a pattern, such as customers/*.csv or events/**/*.json; the first folder may not contain *',
  )
  .refine((path) => !parts(path).includes('..'), 'a path must stay below the data directory');

const partition = z.templateLiteral([z.enum(partitionTypes), z.enum(['', '?'])]);

/** Schema of `SourceBase`. */
export const optionsOfAll = {
  bounds: z.strictObject(sourceBounds).optional(),
  path: pattern,
  partitions: z.record(columnName, partition).optional(),
  optional: z.boolean().optional(),
};

/** Schema of `NamedFields`. */
export const optionsOfNamed = { ...optionsOfAll, headers: z.record(columnName, z.string().min(1)).optional() };

/** Column -> its name in the files, if that differs. */
export const plannedHeaders = z.record(z.string(), z.string());

/** Columns that a file may lack: schema in a definition, and in the plan. */
export const lackingOption = columnNames.min(1).optional();
export const plannedLacking = z.array(z.string());
