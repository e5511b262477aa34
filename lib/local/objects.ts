import { constants } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../errors.ts';
import { type Objects, UnreadableObject } from '../lake/objects.ts';
import { makeFolder } from './folders.ts';
import { systemFault } from './system-faults.ts';

let written = 0;
/** Ends the name of a file that is being written. */
const unfinished = /\.\d+-\d+\.tmp$/;

/** Files below a folder as objects. */
export function localObjects(folder: string): Objects {
  const location = (key: string) => {
    for (const name of key.replace(/\/$/, '').split('/')) checkName(name, folder);
    return path.join(folder, key);
  };
  return {
    location,
    async read(key) {
      const file = location(key);
      try {
        // A pipe or a device is refused, because reading it could block.
        const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
        try {
          if ((await handle.stat()).isFile()) return await handle.readFile();
        } finally {
          await handle.close();
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        const fault = systemFault(error) ?? error;
        throw fault instanceof MillraceError && fault.issues[0]!.code === 'MR525'
          ? new UnreadableObject(fault.issues, fault.exitCode)
          : fault;
      }
      const hint = 'move it out of the way, or choose another folder with --root';
      throw new UnreadableObject([{ code: 'MR525', path: file, message: 'it is not a file', hint }], 5);
    },
    /** Also after a power loss the file has the old or the new content. */
    async write(key, content) {
      const file = location(key);
      written += 1;
      const beside = `${file}.${process.pid}-${written}.tmp`;
      try {
        await makeFolder(path.dirname(file));
        const handle = await open(beside, 'w');
        try {
          await handle.writeFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(beside, file);
      } catch (error) {
        await rm(beside, { force: true }).catch(() => undefined);
        throw systemFault(error, file) ?? error;
      }
    },
    remove: (key) => rm(location(key), { force: true }),
    async list(key) {
      const place = location(key);
      try {
        const entries = await readdir(place, { withFileTypes: true });
        const names = entries.map(async (entry) => {
          const target = entry.isSymbolicLink() ? await stat(path.join(place, entry.name)).catch(() => entry) : entry;
          return target.isDirectory() ? `${entry.name}/` : entry.name;
        });
        return (await Promise.all(names)).filter((name) => !unfinished.test(name)).sort();
      } catch (error) {
        if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw systemFault(error) ?? error;
      }
    },
  };
}

/** Throws MR101 for a name that would lead out of the folder: names come from command lines and documents. */
export function checkName(name: string, folder: string): void {
  if (name === path.basename(name) && name !== '..' && name !== '.' && !/[\\\0]/.test(name)) return;
  const message = `"${name}" is not a name: it would lead out of the lake`;
  throw new MillraceError(
    [{ code: 'MR101', path: folder, message, hint: 'use the name of a folder in pipelines/' }],
    2,
  );
}
