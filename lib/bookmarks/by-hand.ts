import type { InputFile, TakenFile } from '../documents/bookmark-state.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { busy, retryOnConflict } from './contention.ts';
import type { BookmarkPorts } from './ports.ts';

export interface RewindRequest {
  pipeline: string;
  source: string;
  /** Paths to read again; default: all inputs of the source. */
  paths?: readonly string[];
}

/** Marks inputs so that the next run reads them again and replaces their rows. Returns the marked paths. */
export async function rewind(request: RewindRequest, ports: Pick<BookmarkPorts, 'store'>): Promise<string[]> {
  return retryOnConflict(async () => {
    const { state, files, task } = await unclaimed(request.pipeline, request.source, ports);
    refuseUnknown(request.paths ?? [], Object.keys(files), request.source);
    const again = [...(request.paths ?? Object.keys(files))];
    // The file stays known, so its rows are replaced, never added twice.
    const marked = again.map((path): [string, TakenFile] => {
      const { withdrawn: _, ...file } = files[path]!;
      return [path, { ...file, rewound: true }];
    });
    // A file that was to be withdrawn is read instead: the last request counts.
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
 * Marks inputs so that the next run removes their rows. An input that still exists is not read again until its content changes.
 * Throws MR513 for a path that no run has read.
 */
export async function withdraw(
  { pipeline, source, paths }: WithdrawRequest,
  ports: Pick<BookmarkPorts, 'store'>,
): Promise<string[]> {
  return retryOnConflict(async () => {
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
  /** Paths to mark as read without reading them; default: all existing inputs. */
  paths?: readonly string[];
}

/**
 * Marks inputs as read, so that no run reads them in their current form, even if their table is rebuilt. Inputs with rows in the
 * table keep these rows until a rebuild. Returns the inputs that were not marked before.
 */
export async function set(request: SetRequest, ports: BookmarkPorts): Promise<string[]> {
  return retryOnConflict(async () => {
    const { state, files, task } = await unclaimed(request.pipeline, request.source, ports);
    const inputs = await ports.inputs(await ports.plan(request.plan), request.data);
    const existing = inputs.files[request.source] ?? [];
    refuseUnknown(
      request.paths ?? [],
      existing.map((file) => file.path),
      request.source,
    );
    const taken = existing
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

/** An input after `set`. An input without rows is recorded like a withdrawn one: neither is read in its current form. */
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
    const message = `no run of "${pipeline}" has read a source "${source}"`;
    const hint = known.length === 0 ? 'run the pipeline first' : `sources that were read: ${known.join(', ')}`;
    throw new MillraceError([{ code: 'MR513', path: source, message, hint }], 2);
  }
  return { state, task, files: task.files };
}

function refuseUnknown(paths: readonly string[], known: readonly string[], source: string): void {
  const issues: Issue[] = paths
    .filter((path) => !known.includes(path))
    .map((path) => ({
      code: 'MR513',
      path,
      message: `no run has read this file of source "${source}"`,
      hint: known.length === 0 ? 'the source has no files' : `use one of its files, such as ${known[0]}`,
    }));
  if (issues.length > 0) throw new MillraceError(issues, 2);
}
