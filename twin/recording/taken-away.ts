import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectFolder } from '../../lib/local/root.ts';
import type { Statement } from './statements.ts';

/** A statement that was taken away from its deployed role, and what failed without it. */
export interface TakenAway extends Omit<Statement, 'number'> {
  scenario: string;
  /** Actions of the statement that were refused. */
  refused: string[];
}

/** What the last run with `--mutate` found. */
export const takenAway = (): TakenAway[] =>
  JSON.parse(readFileSync(path.join(projectFolder, 'twin', 'recording', 'taken-away.json'), 'utf8')) as TakenAway[];
