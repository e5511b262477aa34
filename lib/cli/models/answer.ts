import type { ModelStore } from '../../gate/model-store.ts';
import type { CommonOptions } from '../terminal.ts';

export interface Options extends CommonOptions {
  env?: string;
}

export interface ModelsRequest {
  pipeline: string;
  words: string[];
  store: ModelStore;
  options: Options;
}

/** The answer of a verb: a document for `--json`, and the same as text. */
export interface Answer {
  document: unknown;
  text: string;
}
