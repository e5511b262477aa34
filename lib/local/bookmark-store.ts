import path from 'node:path';
import { BookmarkConflict, type BookmarkStore } from '../bookmarks/ports.ts';
import { emptyState, type PipelineState, pipelineState } from '../documents/bookmark-state.ts';
import { type DocumentKind, readDocument } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import { exclusively } from './file-lock.ts';
import { makeFolder } from './folders.ts';
import type { Root } from './root.ts';
import { onDisk } from './system-faults.ts';

/** The bookmarks in one file per pipeline. */
export function fileBookmarks(root: Root): BookmarkStore {
  return {
    load: (pipeline) => readState(root, pipeline),
    save: (state) =>
      onDisk(async () => {
        await makeFolder(path.dirname(root.lock(state.pipeline)));
        return exclusively(root.lock(state.pipeline), async () => {
          const kept = await readState(root, state.pipeline);
          if (kept.revision !== state.revision) {
            throw new BookmarkConflict(`${state.pipeline} is at revision ${kept.revision}, not ${state.revision}`);
          }
          const next = { ...state, revision: state.revision + 1 };
          await root.objects.write(layout.state(state.pipeline), JSON.stringify(next, undefined, 1));
          return next;
        });
      }),
  };
}

const stateDocument: DocumentKind<PipelineState> = {
  code: 'MR503',
  name: 'the state of the pipeline',
  hint: 'move the file away: the next run rebuilds every table without loss',
  parse: (json) => pipelineState.parse(json),
};

/** The state of a pipeline; empty if it never ran. Throws MR503 for a damaged file. */
export const readState = async (root: Root, pipeline: string): Promise<PipelineState> =>
  (await readDocument(root.objects, layout.state(pipeline), stateDocument)) ?? emptyState(pipeline);
