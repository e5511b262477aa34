import * as z from 'zod';

const encodings = [
  'utf-8',
  'utf-16',
  'utf-16-le',
  'utf-16-be',
  'latin-1',
  'iso-8859-2',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1256',
  'koi8-r',
  'mac-roman',
  'cp437',
  'cp850',
  'shift_jis',
  'euc-jp',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
] as const;

export const encoding = z.enum(encodings);

/** Supported text encodings. `latin-1` is ISO 8859-1; `utf-16` uses the byte-order mark. */
export type Encoding = (typeof encodings)[number];
