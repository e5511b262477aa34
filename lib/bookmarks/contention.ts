import type { PipelineState } from '../documents/bookmark-state.ts';
import { MillraceError } from '../errors.ts';
import { BookmarkConflict } from './ports.ts';

const mostTries = 8;

/** Retries after a write conflict. */
export async function retryOnConflict<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof BookmarkConflict) || attempt === mostTries) throw error;
    }
  }
}

export function busy(claim: NonNullable<PipelineState['claim']>, pipeline: string): MillraceError {
  const message = `pipeline "${pipeline}" is in use: ${claim.holder} has been running ${claim.run} since ${claim.at}`;
  return new MillraceError([{ code: 'MR504', path: pipeline, message, hint: 'wait for that run, or stop it' }]);
}
