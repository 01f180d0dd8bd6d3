import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { pages } from './pages.ts';

/** `npm run docs`: writes what below docs/ is made from the program. */
const docs = new URL('../docs/', import.meta.url);
const made = await pages();
rmSync(new URL('services/', docs), { recursive: true, force: true });
mkdirSync(new URL('services/', docs), { recursive: true });
for (const [path, text] of made) writeFileSync(new URL(path, docs), text);
