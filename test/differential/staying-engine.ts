import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Engine, pythonOf } from '../../lib/local/python.ts';
import { projectFolder } from '../../lib/local/root.ts';

/** A process that runs stages of the engine one after another; see `staying_engine.py`. */
export class StayingEngine {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  /** Plans, as JSON, whose SQL this engine has checked: it says the same of them for every lake. */
  readonly checked = new Set<string>();
  #tail = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-4000);
    });
  }

  static async start(engine: Engine): Promise<StayingEngine> {
    const script = path.join(projectFolder, 'glue-scripts', 'tests', 'staying_engine.py');
    return new StayingEngine(spawn(await pythonOf(engine), [script, engine], { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** One request at a time. Throws where the engine fails in a way that is no fault of an input. */
  async ask<T>(request: object): Promise<T> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the engine ended: ${this.#tail}`);
    const answer = JSON.parse(value) as { error?: string };
    if (answer.error !== undefined) throw new Error(`the engine broke: ${answer.error}`);
    return answer as T;
  }

  stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stdin!.end();
    return ended;
  }
}
