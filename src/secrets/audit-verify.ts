import { readFileSync } from 'node:fs';
import type { AuditAction, AuditEntry, AuditReport } from '../model/audit.ts';
import { type AuditHead, BEGINNING, hashOf, macOf } from './audit.ts';

/** What happens while the key that signs is not there. Entries after them are signed, and hold the hash of these. */
const WHILE_SEALED: AuditAction[] = ['unseal-refused', 'act', 'elevate', 'elevate-refused'];

/**
 * Checks sequence, hashes and, with the key, signatures. `anchor`: an entry the store remembers having written;
 * without it a log whose end was cut off looks whole.
 */
export function verifyAudit(files: string[], chain?: Buffer, anchor: AuditHead = BEGINNING): AuditReport {
  const report: AuditReport = { entries: 0, first: 0, signed: chain !== undefined };
  let head: AuditHead | undefined;
  let anchored = anchor.seq === 0;
  for (const file of files)
    for (const [index, line] of linesOf(file).entries()) {
      const entry = parse(line);
      const text = entry ? faultOf(entry, head, chain) : 'is no entry';
      if (!entry || text) return { ...report, fault: { file, line: index + 1, text: text ?? '' } };
      head = { seq: entry.seq, hash: hashOf(line) };
      if (report.entries++ === 0) report.first = entry.seq;
      if (head.seq !== anchor.seq) continue;
      anchored = head.hash === anchor.hash;
      if (!anchored)
        return { ...report, fault: { file, line: index + 1, text: 'is not what was written there' } };
    }
  if (anchored) return report;
  const text = `the store remembers entry ${anchor.seq}, which is not there: the end of the log was cut off`;
  return { ...report, fault: { file: files.at(-1) ?? '', line: report.entries, text } };
}

/** The newest entries, oldest first. */
export function readAudit(files: string[], limit: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const file of files.toReversed()) {
    if (entries.length >= limit) break;
    const found = linesOf(file).flatMap((line) => parse(line) ?? []);
    entries.unshift(...found.slice(-(limit - entries.length)));
  }
  return entries;
}

function faultOf(entry: AuditEntry, head: AuditHead | undefined, chain?: Buffer): string | undefined {
  const before = head ?? (entry.seq === 1 ? BEGINNING : undefined);
  if (before && entry.seq !== before.seq + 1) return `is entry ${entry.seq}; ${before.seq + 1} was to come`;
  if (before && entry.previous !== before.hash)
    return 'does not follow from the line before: one of the two was changed';
  if (!chain) return undefined;
  const { mac, ...rest } = entry;
  if (mac === undefined) return WHILE_SEALED.includes(entry.action) ? undefined : 'is not signed';
  return mac === macOf(chain, rest) ? undefined : 'was changed: its signature does not fit';
}

/** A last line without an end was never acknowledged. */
function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

function parse(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    return typeof entry?.seq === 'number' ? entry : undefined;
  } catch {
    return undefined;
  }
}
