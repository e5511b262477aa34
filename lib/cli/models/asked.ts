import type { ModelStore } from '../../gate/model-store.ts';
import type { CommonOptions } from '../terminal.ts';

export interface Options extends CommonOptions {
  env?: string;
}

export interface Asked {
  pipeline: string;
  words: string[];
  store: ModelStore;
  options: Options;
}

/** What a verb answers: a document for `--json`, and the same for a person. */
export interface Said {
  document: unknown;
  text: string;
}
