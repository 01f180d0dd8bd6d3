import { createHash } from 'node:crypto';
import { exec } from '../../util/exec.ts';
import { removal } from './ruleset.ts';

/** Name of a site's tables: nft identifiers take no hyphen and few characters, so a hash of the domain. */
export function tableOf(domain: string): string {
  return `allod_${createHash('sha256').update(domain).digest('hex').slice(0, 12)}`;
}

/** Takes the tables of a site away, where there are any. */
export async function removeTables(table: string): Promise<void> {
  await exec(['nft', '-f', '-'], { input: removal(table) });
}
