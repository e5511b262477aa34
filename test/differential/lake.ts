import { mkdir } from 'node:fs/promises';
import { withdraw } from '../../lib/bookmarks/by-hand.ts';
import { claim } from '../../lib/bookmarks/claim.ts';
import { missingFiles } from '../../lib/bookmarks/ingest-decision.ts';
import type { BookmarkPorts } from '../../lib/bookmarks/ports.ts';
import { abort, commit } from '../../lib/bookmarks/release.ts';
import type { TaskOutcome } from '../../lib/documents/task-outcome.ts';
import { type Issue, MillraceError } from '../../lib/errors.ts';
import { bookmarkFiles, holding, thisProcess } from '../../lib/local/bookmark-ports.ts';
import { Root } from '../../lib/local/root.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import type { StayingEngine } from './staying-engine.ts';
import type { Day } from './story.ts';

/** How a run ended: what it was to do and did, or why it failed. A run that was killed did neither. */
export type Ended =
  | { how: 'done'; modes: Record<string, string>; outcomes: TaskOutcome[] }
  | { how: 'failed'; issues: Pick<Issue, 'code' | 'message'>[] }
  | { how: 'killed' };

/** Text of every row of every table, sorted. */
export type Tables = Record<string, string[]>;

/** A lake, its bookmarks and its runs below one folder: the bookmarks' own logic, and stages on a real engine. */
export class StoryLake {
  readonly root: Root;
  readonly #engine: StayingEngine;
  #runs = 0;

  constructor(folder: string, engine: StayingEngine) {
    this.root = new Root(folder);
    this.#engine = engine;
  }

  /** One run, as the state machine goes through it. */
  async run(plan: Plan, data: string, day: Pick<Day, 'parameters' | 'force' | 'kill'>): Promise<Ended> {
    this.#runs += 1;
    const run = `r-${String(this.#runs).padStart(4, '0')}`;
    await mkdir(this.root.folder, { recursive: true });
    try {
      return await holding(run, () => this.#run(run, plan, data, day));
    } catch (error) {
      if (error instanceof MillraceError) return { how: 'failed', issues: [...error.issues] };
      throw error;
    }
  }

  async #run(
    run: string,
    plan: Plan,
    data: string,
    { parameters, force, kill }: Parameters<StoryLake['run']>[2],
  ): Promise<Ended> {
    const ports: BookmarkPorts = bookmarkFiles(this.root, plan);
    const known = plan.tasks.flatMap((task) => [task.name, task.kind as string]);
    const forced = force.filter((name) => known.includes(name));
    const { claimed } = await claim(
      {
        pipeline: plan.pipeline,
        plan: 'in memory',
        data,
        parameters: { ...parameters, ...(forced.length > 0 && { force: forced }) },
        run,
        holder: thisProcess(),
      },
      ports,
    );
    if (claimed.token === 0) return { how: 'done', modes: {}, outcomes: [] };
    const settle = { pipeline: plan.pipeline, run, token: claimed.token };
    const order = (await ports.order(run))!;
    const modes = Object.fromEntries(order.items.map(({ task, mode }) => [task, mode]));
    let die = kill?.seam;
    for (const stage of claimed.stages) {
      for (let tries = 1; ; tries++) {
        const check = !this.#engine.checked.has(JSON.stringify(plan));
        const request = { do: 'stage', plan, work: order, stage, root: this.root.folder, check, die };
        const said = await this.#engine.ask<{ dead?: true; done?: boolean; issues?: Issue[] }>(request);
        die = undefined;
        if (said.done === false) {
          await abort(settle, ports);
          return { how: 'failed', issues: said.issues ?? [] };
        }
        if (said.done) break;
        if (kill?.after === 'vanish') return { how: 'killed' };
        if (kill?.after === 'abort' || tries === 3) {
          await abort(settle, ports);
          return { how: 'killed' };
        }
      }
    }
    this.#engine.checked.add(JSON.stringify(plan));
    await commit(settle, ports);
    return { how: 'done', modes, outcomes: await ports.outcomes(run) };
  }

  /** Files that were taken in and lie there no more, by their source. */
  async gone(plan: Plan, data: string): Promise<Record<string, string[]>> {
    const ports = bookmarkFiles(this.root, plan);
    const [state, { files }] = await Promise.all([ports.store.load(plan.pipeline), ports.inputs(plan, data)]);
    const sources = plan.tasks.filter(({ kind }) => kind === 'ingest').map(({ name }) => name);
    const missing = sources.map((name) => missingFiles(state.tasks[name], files[name] ?? []).map((file) => file.path));
    return Object.fromEntries(sources.map((name, i) => [name, missing[i]!]).filter(([, paths]) => paths!.length > 0));
  }

  /** `millrace bookmarks withdraw` for each of them. */
  async withdraw(plan: Plan, gone: Record<string, string[]>): Promise<void> {
    const ports = bookmarkFiles(this.root, plan);
    for (const [source, paths] of Object.entries(gone)) {
      await withdraw({ pipeline: plan.pipeline, source, paths }, ports);
    }
  }

  async tables(plan: Plan): Promise<Tables> {
    const { tables } = await this.#engine.ask<{ tables: Tables }>({ do: 'lake', root: this.root.folder, plan });
    return tables;
  }
}
