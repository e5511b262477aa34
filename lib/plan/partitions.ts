import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';

/** What the partitions of a source can't be: MR156 for a name that a column has as well, MR157 for those of a stream. */
export function checkPartitions(definition: CheckedDefinition, place: string): Issue[] {
  return Object.entries(definition.sources).flatMap(([source, { partitions = {}, columns, ...rest }]): Issue[] => {
    const path = `${place}  sources.${source}.partitions`;
    const names = (Array.isArray(columns) ? columns : Object.keys(columns)).map((name: string) => name.toLowerCase());
    const streamed = 'stream' in rest && rest.stream !== undefined && Object.keys(partitions).length > 0;
    const twice = Object.keys(partitions).filter((name) => names.includes(name.toLowerCase()));
    return [
      ...twice.map((name) => ({
        code: 'MR156',
        path: `${path}.${name}`,
        message: `"${name}" is a column of the files of ${source} as well`,
        hint: 'leave it out of columns where the files do not hold it, else give the folders another name',
      })),
      ...(streamed
        ? [
            {
              code: 'MR157',
              path,
              message: `${source} is a stream, which lands its files in no folders of partitions`,
              hint: 'leave partitions out, or the stream',
            },
          ]
        : []),
    ];
  });
}
