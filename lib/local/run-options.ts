import type { ParameterValues } from '../bookmarks/decide.ts';
import type { Plan } from '../plan/schema.ts';
import type { RunEvent } from './events.ts';
import type { Engine } from './python.ts';
import type { Root } from './root.ts';

export interface RunOptions {
  plan: Plan;
  root: Root;
  engine: Engine;
  data?: string | undefined;
  parameters?: ParameterValues;
  /** Tasks, or kinds of tasks, to run in any case. */
  force?: readonly string[];
  /** Whether rows of deleted files may be dropped when their table is rebuilt. */
  dropMissing?: boolean;
  emit: (event: RunEvent) => void;
  signal?: AbortSignal;
}
