import { resolve } from 'node:path';
import { type Layout, layoutOf } from '../model/layout.ts';

/** Where all sites of this machine keep what they own; `ALLOD_STATE` moves it. */
export function stateRoot(): string {
  return resolve(process.env.ALLOD_STATE || '/var/lib/allod');
}

export function siteLayout(domain: string): Layout {
  return layoutOf(stateRoot(), domain);
}
