import type { InputFile, PipelineState, TakenFile } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import type { WorkOrder } from '../documents/work-order.ts';
import { type Issue, MillraceError } from '../errors.ts';
import type { Gate, Plan } from '../plan/schema.ts';
import { type Decisions, decide, type Listing, type ParameterValues } from './decide.ts';
import { emptyFiles } from './empty-files.ts';
import { missingFiles, missingWarning } from './ingest-decision.ts';
import { BookmarkConflict, type BookmarkPorts, type Inputs } from './ports.ts';
import { type RunParameters, readParameters } from './run-parameters.ts';
import { sameContent } from './same-content.ts';
import { settled } from './settle.ts';

/** Bookmarks: which inputs are taken by which run, who holds a pipeline, what is committed. One logic for every store. */

export interface PeekRequest {
  pipeline: string;
  /** URIs of the plan and of the folder that the sources lie in. */
  plan: string;
  data: string;
  parameters?: RunParameters;
}

export interface ClaimRequest extends PeekRequest {
  run: string;
  /** Names who works under the claim, so that it can be found out whether they still do. */
  holder: string;
}

export interface Peeked {
  state: PipelineState;
  plan: Plan;
  listing: Listing;
  newestInput?: string;
  parameters: ParameterValues;
  decisions: Decisions;
  /** What a reader should know of the inputs, though it stops nothing. */
  warnings: Issue[];
}

/** What the state machine goes on with; small whatever the number of inputs, which travel in the order. */
export interface Claimed {
  run: string;
  /** Grows with every claim. 0 where there is nothing to do, and so nothing is claimed. */
  token: number;
  /** URI of the work order; empty where there is none. */
  work: string;
  /** Stages with work, in order. */
  stages: string[];
  /** Candidates that the gate is to judge. */
  trains: { model: string; version: number; gate: Gate }[];
  /** When the newest input of any source was written, ISO 8601, where the place of the inputs tells. */
  newestInput?: string;
}

/** What a claim would take now, and why. Changes nothing. */
export async function peek(request: PeekRequest, ports: BookmarkPorts): Promise<Peeked> {
  const { state } = await recovered(request.pipeline, ports);
  return decided(state, request, ports);
}

/**
 * Takes the pipeline and all that is to be done for one run. A claim whose holder is gone is settled first, by what its tasks
 * reported. Asked again by the same run, it gives the same answer. Throws MR504 while another holder works, MR755 for an answer that no
 * payload holds.
 */
export async function claim(
  request: ClaimRequest,
  ports: BookmarkPorts,
): Promise<{ claimed: Claimed; peeked: Peeked }> {
  return again(async () => {
    const { state, changed } = await recovered(request.pipeline, ports, request);
    const peeked = await decided(state, request, ports);
    const { decisions, plan } = peeked;
    const newest = peeked.newestInput !== undefined && { newestInput: peeked.newestInput };
    if (state.claim?.run === request.run) {
      const order = await ports.order(request.run);
      if (order !== undefined) {
        return { claimed: { ...claimedOf(plan, order, await ports.writeOrder(order)), ...newest }, peeked };
      }
    }
    if (decisions.items.length === 0) {
      if (changed) await ports.store.save(peeked.state);
      return { claimed: { run: request.run, token: 0, work: '', stages: [], trains: [], ...newest }, peeked };
    }
    if (decisions.drops.length > 0) throw new MillraceError(decisions.drops);
    const startedAt = ports.now().toISOString();
    const order: WorkOrder = {
      format: 'millrace-work',
      version: 1,
      run: request.run,
      pipeline: plan.pipeline,
      sequence: peeked.state.sequence + 1,
      startedAt,
      parameters: { ...peeked.parameters },
      items: decisions.items,
      skipped: decisions.skipped,
      ...(peeked.warnings.length > 0 && { warnings: peeked.warnings }),
    };
    // The order first: a claim without one could not be settled.
    const work = await ports.writeOrder(order);
    const claimed = { ...claimedOf(plan, order, work), ...newest };
    const bytes = Buffer.byteLength(JSON.stringify(claimed));
    if (bytes > mostClaimedBytes) throw tooLarge(plan, bytes);
    const inDoubt = { ...peeked.state.inDoubt };
    const tried = { ...peeked.state.tried };
    for (const { task, files, fingerprint, forced = false } of decisions.items) {
      inDoubt[task] = [...new Set([...(inDoubt[task] ?? []), ...(files ?? []).map((file) => file.path)])];
      tried[task] = { fingerprint, forced };
    }
    await ports.store.save({
      ...peeked.state,
      sequence: order.sequence,
      lastRun: request.run,
      inDoubt,
      tried,
      claim: { run: request.run, token: order.sequence, holder: request.holder, at: startedAt },
    });
    return { claimed, peeked };
  });
}

export interface SettleRequest {
  pipeline: string;
  run: string;
  token: number;
}

/** The run came to its end: what its tasks reported is done, and the pipeline is free. Done twice, it is done once. */
export const commit = (request: SettleRequest, ports: BookmarkPorts) => release(request, ports, true);

/** The run failed: what its tasks reported is done all the same, the rest stays in doubt, and the pipeline is free. */
export const abort = (request: SettleRequest, ports: BookmarkPorts) => release(request, ports, false);

/** What a run's tasks reported: their names, and how many of the rows that they read went to quarantine. */
export interface Settled {
  settled: string[];
  read: number;
  quarantined: number;
  /** Rows read of each source that the run took in. */
  sources: Record<string, number>;
}

async function release(request: SettleRequest, ports: BookmarkPorts, complete: boolean): Promise<Settled> {
  return again(async () => {
    const state = await ports.store.load(request.pipeline);
    const outcomes = await ports.outcomes(request.run);
    const report = reportOf(outcomes);
    if (state.claim === undefined && state.sequence === request.token && state.lastRun === request.run) {
      return report;
    }
    if (state.claim?.token !== request.token || state.claim.run !== request.run) throw fenced(request, state);
    await ports.store.save(settled(state, await ports.order(request.run), outcomes, complete));
    return report;
  });
}

function reportOf(outcomes: readonly TaskOutcome[]): Settled {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return {
    settled: outcomes.map((outcome) => outcome.task),
    read: sum(outcomes.map((outcome) => outcome.read)),
    quarantined: sum(outcomes.flatMap((outcome) => Object.values(outcome.quarantined))),
    sources: Object.fromEntries(outcomes.filter(({ kind }) => kind === 'ingest').map(({ task, read }) => [task, read])),
  };
}

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

/** The state without a claim whose holder is gone. Throws MR504 where the holder still works, unless it is `own`. */
async function recovered(
  pipeline: string,
  ports: BookmarkPorts,
  own?: { run: string },
): Promise<{ state: PipelineState; changed: boolean }> {
  const state = await ports.store.load(pipeline);
  if (state.claim === undefined || state.claim.run === own?.run) return { state, changed: false };
  if (await ports.alive(state.claim)) {
    if (own === undefined) return { state, changed: false };
    throw busy(state.claim, pipeline);
  }
  const { run } = state.claim;
  return { state: settled(state, await ports.order(run), await ports.outcomes(run), false), changed: true };
}

async function decided(kept: PipelineState, request: PeekRequest, ports: BookmarkPorts): Promise<Peeked> {
  const plan = await ports.plan(request.plan);
  const { values: parameters, force, dropMissing } = readParameters(plan, request.parameters ?? {});
  const [state, inputs, models] = await Promise.all([
    ports.present(plan, kept),
    ports.inputs(plan, request.data),
    ports.models(plan),
  ]);
  const { listing, newestInput } = dated(inputs.files);
  const decisions = decide(plan, state, listing, parameters, models, force, dropMissing);
  const gone = plan.tasks.flatMap((task) => {
    const missing = missingFiles(state.tasks[task.name], listing[task.name] ?? []);
    const withdrawn = state.withdraw?.[task.name] ?? [];
    // Of a file that had no row nothing stays.
    const stay = missing.filter(({ path, rows }) => rows !== 0 && !withdrawn.includes(path));
    const item = decisions.items.find((each) => each.task === task.name);
    return task.kind !== 'ingest' || stay.length === 0 || item?.mode === 'full'
      ? []
      : [missingWarning(plan.pipeline, task.name, stay)];
  });
  const newest = newestInput !== undefined && { newestInput };
  const warnings = [
    ...inputs.warnings,
    ...gone,
    ...emptyFiles(decisions.items),
    ...sameContent(decisions.items, listing, state),
    ...decisions.drops,
  ];
  return { state, plan, listing, ...newest, parameters, decisions, warnings };
}

/** When a file was written decides nothing: a file is known by its path and etag. */
function dated(inputs: Inputs['files']): { listing: Listing; newestInput: string | undefined } {
  const times = Object.values(inputs).flatMap((files) => files.flatMap(({ writtenAt }) => writtenAt ?? []));
  const listing = Object.entries(inputs).map(([source, files]) => [
    source,
    files.map(({ writtenAt: _, ...file }) => file),
  ]);
  return {
    listing: Object.fromEntries(listing),
    newestInput: times.reduce<string | undefined>((a, b) => (a === undefined || a < b ? b : a), undefined),
  };
}

function claimedOf(plan: Plan, order: WorkOrder, work: string): Claimed {
  const found = order.items.map((item) => ({ ...item, of: plan.tasks.find((task) => task.name === item.task)! }));
  return {
    run: order.run,
    token: order.sequence,
    work,
    stages: [...new Set(found.map(({ of }) => of.stage))],
    trains: found.flatMap(({ of, modelVersion }) =>
      of.kind === 'train' ? [{ model: of.model, version: modelVersion!, gate: of.gate }] : [],
    ),
  };
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

/** A payload of Step Functions ends at 262,144 bytes, and this one is merged with the input of the execution. */
const mostClaimedBytes = 200_000;

const mostTries = 8;

/** Decides again where another writer was faster. */
async function again<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof BookmarkConflict) || attempt === mostTries) throw error;
    }
  }
}

function busy(claim: NonNullable<PipelineState['claim']>, pipeline: string): MillraceError {
  const message = `pipeline "${pipeline}" is being run by ${claim.holder}, as ${claim.run} since ${claim.at}`;
  return new MillraceError([{ code: 'MR504', path: pipeline, message, hint: 'wait for it, or stop it' }]);
}

function tooLarge(plan: Plan, bytes: number): MillraceError {
  const message = `the claim has ${bytes} bytes, of which Step Functions takes ${mostClaimedBytes}: too many stages and models`;
  const hint = 'make two pipelines of it: inputs and tasks do not count, stages and models do';
  return new MillraceError([{ code: 'MR755', path: plan.pipeline, message, hint }]);
}

function fenced(request: SettleRequest, state: PipelineState): MillraceError {
  const now = state.claim === undefined ? 'nobody' : `run ${state.claim.run} (token ${state.claim.token})`;
  const message = `run ${request.run} holds "${request.pipeline}" no more (token ${request.token}): ${now} does`;
  const hint = 'nothing is lost: the newer run takes up what this one left';
  return new MillraceError([{ code: 'MR514', path: request.pipeline, message, hint }]);
}
