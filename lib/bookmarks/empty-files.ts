import type { WorkItem } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import { counted } from '../words.ts';

const mostNamed = 3;

/** MR229, a warning: a run is about to read files of zero bytes. They are valid input, but seldom intended. */
export function emptyFiles(items: readonly WorkItem[]): Issue[] {
  return items.flatMap(({ task, files = [] }) => {
    const empty = files.filter(({ size }) => size === 0).map(({ path }) => path);
    if (empty.length === 0) return [];
    const named = empty.slice(0, mostNamed).join(', ') + (empty.length > mostNamed ? ', ...' : '');
    const message = `${counted(empty.length, 'file')} of source "${task}" ${empty.length === 1 ? 'is' : 'are'} empty: ${named}`;
    return [{ code: 'MR229', path: task, message, hint: 'ask the sender whether the delivery was cut off' }];
  });
}
