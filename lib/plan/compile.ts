import type { AnyDefinition } from '../definition/index.ts';
import { type CheckedDefinition, type CheckedTable, definitionSchema } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import { checkColumnNames } from './column-names.ts';
import { checkColumnTypes } from './column-types.ts';
import { formIssues } from './form.ts';
import { ingestTask } from './ingest-task.ts';
import { modelTasks } from './model-tasks.ts';
import { parameterValue } from './parameter-value.ts';
import { checkPartitions } from './partitions.ts';
import { checkNames, checkReferences } from './references.ts';
import { type Parameter, type Plan, planSchema, type Task } from './schema.ts';
import { stagesOf, stagesWithoutTask } from './stages.ts';
import { checkStreams } from './streams.ts';
import { topology } from './topology.ts';
import { transformTask } from './transform-task.ts';

export interface Compiled {
  /** Absent if there are issues. */
  plan?: Plan;
  issues: Issue[];
}

/**
 * Compiles a definition to a plan: pure, and byte-identical for the same definition. `sqlFiles`: file name in the definition -> text;
 * `place`: the definition's file, for issues. Collects all issues.
 */
export function compile(
  definition: AnyDefinition,
  sqlFiles: Readonly<Record<string, string>>,
  place: string,
): Compiled {
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) return { issues: formIssues(parsed.error.issues, definition, place) };
  const checked = parsed.data;
  const issues = [
    ...checkNames(checked, place),
    ...checkColumnNames(checked, place),
    ...checkParameters(checked, place),
    ...checkReferences(checked, place),
    ...checkColumnTypes(checked, place),
    ...checkStreams(checked, place),
    ...checkPartitions(checked, place),
  ];
  if (issues.length > 0) return { issues };

  const sorted = topology(dependenciesOf(checked));
  if ('cycle' in sorted) {
    const cycle = sorted.cycle.join(' -> ');
    const path = `${place}  tables.${sorted.cycle[0]}.reads`;
    return {
      issues: [
        {
          code: 'MR105',
          path,
          message: `tables read each other in a cycle: ${cycle}`,
          hint: 'remove one of these reads',
        },
      ],
    };
  }
  const ordered = sorted.order.filter((name) => name in checked.tables);
  const tasks: Task[] = Object.keys(checked.sources).map((name) => ingestTask(checked, name));
  for (const name of ordered) {
    const built = transformTask(checked, name, tasks, sqlFiles, place);
    issues.push(...built.issues);
    if (built.task !== undefined) tasks.push(built.task);
  }
  if (issues.length > 0) return { issues };
  tasks.push(...modelTasks(checked, tasks));
  const stages = stagesOf(tasks, checked);
  const idle = stagesWithoutTask(checked.compute ?? {}, [{ stages }], `${place}  compute`);
  if (idle.length > 0) return { issues: idle };
  const plan: Plan = {
    format: 'millrace-plan',
    version: 1,
    pipeline: checked.name,
    parameters: parametersOf(checked),
    stages,
    tasks,
  };
  return { plan: planSchema.parse(plan), issues: [] };
}

function dependenciesOf(definition: CheckedDefinition): Map<string, string[]> {
  const readers = Object.entries(definition.tables).map(([name, table]): [string, string[]] => [
    name,
    upstreamOf(table),
  ]);
  return new Map([...Object.keys(definition.sources).map((name): [string, string[]] => [name, []]), ...readers]);
}

function upstreamOf(table: CheckedTable): string[] {
  return Object.keys(table.reads);
}

/** MR144 for a default that `--param` would refuse. */
function checkParameters(definition: CheckedDefinition, place: string): Issue[] {
  return Object.entries(definition.parameters ?? {}).flatMap(([name, { type, default: value }]) => {
    const read = parameterValue(type, value);
    if (!('wrong' in read)) return [];
    return [{ code: 'MR144', path: `${place}  parameters.${name}.default`, message: read.wrong, hint: read.hint }];
  });
}

function parametersOf(definition: CheckedDefinition): Parameter[] {
  return Object.entries(definition.parameters ?? {}).map(([name, parameter]) => ({ name, ...parameter }));
}
