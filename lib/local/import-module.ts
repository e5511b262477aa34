import { pathToFileURL } from 'node:url';

/** How a TypeScript file is imported. The bundled CLI replaces it, because there the import would be Node's, which reads JavaScript only. */
export const modules = { load: (file: string): Promise<object> => import(pathToFileURL(file).href) };
