import type { InputFile, PipelineState } from '../documents/bookmark-state.ts';
import type { WorkItem } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import { shellWords } from '../words.ts';
import type { Listing } from './decide.ts';

/**
 * Warnings about files whose bytes are known under another name: MR225 if both files exist, MR226 if the other was read before and is
 * gone, as after a rename. They are read anyway, because only their owner can tell whether that is right.
 */
export function sameContent(items: readonly WorkItem[], listing: Listing, state: PipelineState): Issue[] {
  return items.flatMap(({ task, mode, files = [] }) => {
    const lying = listing[task] ?? [];
    const taken = mode === 'full' ? [] : Object.values(state.tasks[task]?.files ?? {});
    const there = new Set(lying.map(({ path }) => path));
    const copies = pairs(files, lying);
    const renamed = pairs(
      files,
      taken.filter(({ path }) => !there.has(path)),
    );
    return [
      ...issueOf(task, copies, {
        code: 'MR225',
        rest: 'which also exists: the table gets their rows twice',
        hint: (_, fresh) =>
          `if one is a copy, delete it, run \`millrace bookmarks withdraw ${state.pipeline} ${task} ${shellWords(fresh)}\`, and run again`,
      }),
      ...issueOf(task, renamed, {
        code: 'MR226',
        rest: 'which was read before and is gone: the table has its rows under both names',
        hint: (old) =>
          `if it was renamed, run \`millrace bookmarks withdraw ${state.pipeline} ${task} ${shellWords(old)}\``,
      }),
    ];
  });
}

/** Pairs each new file with another file of the same bytes; each pair occurs once. */
function pairs(fresh: readonly InputFile[], others: readonly InputFile[]): [InputFile, InputFile][] {
  const byContent = new Map<string, InputFile>();
  // Prefers the first older file by name, otherwise the first of all files.
  const names = new Set(fresh.map(({ path }) => path));
  const older = others.filter(({ path }) => !names.has(path));
  for (const file of [...older, ...others]) {
    if (!byContent.has(contentOf(file))) byContent.set(contentOf(file), file);
  }
  return fresh.flatMap((file): [InputFile, InputFile][] => {
    const other = byContent.get(contentOf(file));
    return file.size === 0 || other === undefined || other.path === file.path ? [] : [[file, other]];
  });
}

const contentOf = ({ etag, size }: InputFile) => `${size}/${etag}`;

const mostNamed = 3;

interface Wording {
  code: string;
  rest: string;
  /** The hint, from the paths of the other files and of the new files. */
  hint: (others: readonly string[], fresh: readonly string[]) => string;
}

function issueOf(task: string, found: readonly [InputFile, InputFile][], { code, rest, hint }: Wording): Issue[] {
  const [first] = found;
  if (first === undefined) return [];
  const more =
    found.length > 1
      ? `, and ${found.length === 2 ? '1 more file' : `${found.length - 1} more files`}: ${namesOf(found.slice(1))}`
      : '';
  const message = `source "${task}" reads ${first[0].path}, which has the same bytes as ${first[1].path}, ${rest}${more}`;
  const others = [...new Set(found.map(([, other]) => other.path))];
  const fresh = found.map(([file]) => file.path);
  return [{ code, path: first[0].path, message, hint: hint(others, fresh) }];
}

const namesOf = (found: readonly [InputFile, InputFile][]) =>
  found
    .slice(0, mostNamed)
    .map(([file, other]) => `${file.path} (${other.path})`)
    .join(', ') + (found.length > mostNamed ? ', ...' : '');
