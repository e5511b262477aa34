import { setMaxListeners } from 'node:events';

/** A controller whose signal many states may listen to at once, without Node's warning of a leak. */
export function newStop(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
