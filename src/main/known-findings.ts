import { existsSync } from 'node:fs';
import type { Report } from '../doctor/diagnose.ts';
import type { Layout } from '../model/layout.ts';
import { call, NoDaemon } from '../server/client.ts';
import { ignoredFindings, ignoreFinding, noteReport } from '../server/findings.ts';
import { type Journal, openJournal } from '../server/journal.ts';
import { PersonFault } from '../util/errors.ts';

/** Keeps how the checks ended, for the checklist; ids of findings that people said they know of. */
export function keepReport(layout: Layout, report: Report): string[] {
  if (!existsSync(layout.stateDb) || process.getuid?.() !== 0) return [];
  return withJournal(layout, (journal) => {
    noteReport(journal, report);
    return ignoredFindings(journal);
  });
}

/** By the daemon, which has it in its list of activity; where none runs, here. */
export async function sayIgnored(layout: Layout, id: string, ignored: boolean): Promise<void> {
  try {
    await call(layout.socket, 'ignoreFinding', { id, ignored });
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error;
    if (!existsSync(layout.stateDb))
      throw new PersonFault({ where: id, message: 'expected a site that was brought up; try ./allod up' });
    withJournal(layout, (journal) => ignoreFinding(journal, id, ignored));
  }
}

function withJournal<T>({ stateDb }: Layout, work: (journal: Journal) => T): T {
  const journal = openJournal(stateDb);
  try {
    return work(journal);
  } finally {
    journal.close();
  }
}
