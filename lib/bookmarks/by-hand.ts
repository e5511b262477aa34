import type { InputFile, TakenFile } from '../documents/bookmark-state.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { again, busy } from './contention.ts';
import type { BookmarkPorts } from './ports.ts';

export interface RewindRequest {
  pipeline: string;
  source: string;
  /** Paths to forget; all of the source's where absent. */
  paths?: readonly string[];
}

/** Marks inputs, so that the next run reads them again in place of the rows that came from them. Returns what was marked. */
export async function rewind(request: RewindRequest, ports: Pick<BookmarkPorts, 'store'>): Promise<string[]> {
  return again(async () => {
    const { state, files, task } = await unclaimed(request.pipeline, request.source, ports);
    refuseUnknown(request.paths ?? [], Object.keys(files), request.source);
    const again = [...(request.paths ?? Object.keys(files))];
    // The file stays known, so that its rows are replaced and never added to.
    const marked = again.map((path): [string, TakenFile] => {
      const { withdrawn: _, ...file } = files[path]!;
      return [path, { ...file, rewound: true }];
    });
    // A file that is about to be withdrawn is read instead: what was asked last counts.
    const withdraw = (state.withdraw?.[request.source] ?? []).filter((path) => !again.includes(path));
    await ports.store.save({
      ...state,
      ...(state.withdraw !== undefined && { withdraw: { ...state.withdraw, [request.source]: withdraw } }),
      tasks: { ...state.tasks, [request.source]: { ...task, files: { ...files, ...Object.fromEntries(marked) } } },
    });
    return again;
  });
}

export interface WithdrawRequest {
  pipeline: string;
  source: string;
  paths: readonly string[];
}

/**
 * Marks inputs, so that the next run removes the rows that came from them. One that still lies there is not read again until its
 * content changes. Throws MR513 for a path that no run has taken in.
 */
export async function withdraw(
  { pipeline, source, paths }: WithdrawRequest,
  ports: Pick<BookmarkPorts, 'store'>,
): Promise<string[]> {
  return again(async () => {
    const { state, files } = await unclaimed(pipeline, source, ports);
    const held = Object.values(files).filter((file) => file.withdrawn !== true);
    refuseUnknown(
      paths,
      held.map((file) => file.path),
      source,
    );
    const all = [...new Set([...(state.withdraw?.[source] ?? []), ...paths])];
    await ports.store.save({ ...state, withdraw: { ...state.withdraw, [source]: all } });
    return [...paths];
  });
}

export interface SetRequest {
  pipeline: string;
  source: string;
  plan: string;
  data: string;
  /** Paths to count as taken without reading them; all that lie there where absent. */
  paths?: readonly string[];
}

/**
 * Counts inputs as taken, so that no run reads them as they are, also where their table is read anew. Inputs that have rows in the
 * table keep them until then. Returns what was not taken before.
 */
export async function set(request: SetRequest, ports: BookmarkPorts): Promise<string[]> {
  return again(async () => {
    const { state, files, task } = await unclaimed(request.pipeline, request.source, ports);
    const inputs = await ports.inputs(await ports.plan(request.plan), request.data);
    const lying = inputs.files[request.source] ?? [];
    refuseUnknown(
      request.paths ?? [],
      lying.map((file) => file.path),
      request.source,
    );
    const taken = lying
      .filter((file) => request.paths?.includes(file.path) ?? true)
      .filter((file) => files[file.path]?.etag !== file.etag || files[file.path]?.rewound === true)
      .map(({ uri: _, writtenAt: __, ...file }) => withoutReading(file, files[file.path]));
    const added = Object.fromEntries(taken.map((file) => [file.path, file]));
    await ports.store.save({
      ...state,
      tasks: { ...state.tasks, [request.source]: { ...task, files: { ...files, ...added } } },
    });
    return taken.map((file) => file.path);
  });
}

/** An input as it is known once it is set. One that has no rows is known as one whose rows were removed: neither is read as it is. */
function withoutReading(file: InputFile, known: TakenFile | undefined): TakenFile {
  if (known === undefined || known.withdrawn === true) return { ...file, rows: 0, withdrawn: true };
  return { ...file, ...(known.rows !== undefined && { rows: known.rows }) };
}

async function unclaimed(pipeline: string, source: string, ports: Pick<BookmarkPorts, 'store'>) {
  const state = await ports.store.load(pipeline);
  if (state.claim !== undefined) throw busy(state.claim, pipeline);
  const task = state.tasks[source];
  if (task?.files === undefined) {
    const known = Object.keys(state.tasks).filter((name) => state.tasks[name]?.files !== undefined);
    const message = `no run of "${pipeline}" has taken a source "${source}"`;
    const hint = known.length === 0 ? 'run the pipeline first' : `taken are: ${known.join(', ')}`;
    throw new MillraceError([{ code: 'MR513', path: source, message, hint }], 2);
  }
  return { state, task, files: task.files };
}

function refuseUnknown(asked: readonly string[], known: readonly string[], source: string): void {
  const issues: Issue[] = asked
    .filter((path) => !known.includes(path))
    .map((path) => ({
      code: 'MR513',
      path,
      message: `source "${source}" has no such file`,
      hint: `name one of those that it has, such as ${known[0] ?? 'none'}`,
    }));
  if (issues.length > 0) throw new MillraceError(issues, 2);
}
