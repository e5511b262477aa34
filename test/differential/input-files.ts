import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { columnTypesOf } from './definition-of.ts';
import type { StayingEngine } from './staying-engine.ts';
import type { Cell, Edit, PipelineShape, Row, SourceShape } from './story.ts';

type Content = Row[] | 'zero bytes' | 'gone';

/** The folder of input files after a series of edits. An edit of a missing file does nothing, unless it writes the file. */
export class InputFiles {
  readonly folder: string;
  readonly #engine: StayingEngine;
  readonly #shape: PipelineShape;
  /** Source and file -> its contents in order of time. */
  readonly #past = new Map<string, Content[]>();

  constructor(folder: string, engine: StayingEngine, shape: PipelineShape) {
    this.folder = folder;
    this.#engine = engine;
    this.#shape = shape;
  }

  /** The records in the current files of a source. */
  records(source: string): number {
    const now = [...this.#past].filter(([name]) => name.startsWith(`${source}/`)).map(([, past]) => past.at(-1)!);
    return now.reduce((sum, content) => sum + (typeof content === 'string' ? 0 : content.length), 0);
  }

  async apply(edit: Edit): Promise<void> {
    if (!this.#shape.sources.some(({ name }) => name === edit.source)) return;
    const name = `${edit.source}/${edit.file}`;
    const past = this.#past.get(name) ?? [];
    const there = past.length > 0 && past.at(-1) !== 'gone';
    switch (edit.do) {
      case 'write':
        return this.#put(name, edit.rows);
      case 'header only':
        return this.#put(name, []);
      case 'empty':
        return this.#put(name, 'zero bytes');
      case 'add': {
        const before = past.at(-1) ?? [];
        return this.#put(name, [...(typeof before === 'string' ? [] : before), ...edit.rows]);
      }
      case 'put back':
        if (past.length < 2) return;
        return this.#put(name, past.at(-2)!);
      case 'copy':
        if (!there) return;
        return this.#put(`${edit.source}/${edit.to}`, past.at(-1)!);
      case 'touch':
        if (!there) return;
        return utimes(this.#file(name), new Date(), new Date());
      case 'delete':
        if (!there) return;
        return this.#put(name, 'gone');
      case 'rename':
        if (!there || edit.to === edit.file) return;
        await this.#put(`${edit.source}/${edit.to}`, past.at(-1)!);
        return this.#put(name, 'gone');
      default:
        return edit satisfies never;
    }
  }

  #source(name: string): SourceShape {
    return this.#shape.sources.find((source) => name.startsWith(`${source.name}/`))!;
  }

  #file(name: string): string {
    return path.join(this.folder, `${name}.${this.#source(name).format}`);
  }

  async #put(name: string, content: Content): Promise<void> {
    this.#past.set(name, [...(this.#past.get(name) ?? []), content]);
    const file = this.#file(name);
    const source = this.#source(name);
    await mkdir(path.dirname(file), { recursive: true });
    await rm(file, { force: true });
    if (content === 'gone') return;
    if (content === 'zero bytes') return writeFile(file, '');
    if (source.format !== 'parquet') return writeFile(file, text(source, content));
    const columns = columnTypesOf(source).map(([column, type]) => ({ name: column, type }));
    await this.#engine.ask({ do: 'parquet', path: file, columns, rows: content });
  }
}

function text(source: SourceShape, rows: readonly Row[]): string {
  const names = columnTypesOf(source).map(([name]) => name);
  const lines = rows.map((row) => {
    if (!Array.isArray(row)) return row.broken;
    return source.format === 'csv' ? row.map(csvCell).join(',') : jsonLine(source, row);
  });
  const all = source.format === 'csv' ? [names.join(','), ...lines] : lines;
  return all.map((line) => `${line}\n`).join('');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const value = String(cell);
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** 64-bit integers and doubles, as written: JSON.stringify would change them. */
function jsonLine(source: SourceShape, row: readonly Cell[]): string {
  const fields = columnTypesOf(source).flatMap(([name, type], i) => {
    const cell = row[i]!;
    if (cell === null) return i % 2 === 0 ? [] : [`"${name}":null`];
    const number = (type === 'bigint' || type === 'double') && /^-?[\d.]/.test(String(cell));
    return [`"${name}":${number ? cell : JSON.stringify(cell)}`];
  });
  return `{${fields.join(',')}}`;
}
