import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';

/** MR156 for a partition with the name of a column, MR157 for partitions of a stream. */
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
        message: `"${name}" is also a column of ${source}`,
        hint: 'remove it from columns if the files do not contain it; otherwise rename the partition folders',
      })),
      ...(streamed
        ? [
            {
              code: 'MR157',
              path,
              message: `${source} is a stream, which does not land files in partition folders`,
              hint: 'remove partitions, or the stream',
            },
          ]
        : []),
    ];
  });
}
