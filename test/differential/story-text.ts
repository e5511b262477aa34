import { definitionOf } from './definition-of.ts';
import type { Failure } from './play.ts';
import type { Story } from './story.ts';

const mostRows = 12;

/** The text of a failure: what is wrong, the smallest story that shows it, and the command that plays it again. */
export function storyText(seed: number, story: Story, { day, what }: Failure): string {
  const { definition, sqlFiles } = definitionOf(story.pipeline);
  const more = what.length > mostRows ? [`and ${what.length - mostRows} more`] : [];
  return [
    `seed ${seed}, day ${day}: the lake is not what a run of the same files into a new lake gives`,
    ...[...what.slice(0, mostRows), ...more].map((line) => `  ${line}`),
    'the days:',
    ...story.days.map((each, i) => `  ${i}: ${JSON.stringify(each)}`),
    'the definition:',
    `  sources ${JSON.stringify(definition.sources)}`,
    ...Object.entries(definition.tables).map(([name, table]) => `  ${name} ${JSON.stringify(table)}`),
    ...Object.entries(sqlFiles).map(([name, sql]) => `  ${name}: ${sql.replaceAll('\n', ' ')}`),
    `again: MILLRACE_SEED=${seed} npx vitest run test/differential`,
  ].join('\n');
}
