/** What a line of apt's status channel says (README.progress-reporting of apt). */
export interface Status {
  /** 0..1 of the phase. */
  fraction: number;
  text: string;
  phase: 'download' | 'install';
}

/** Reads `dlstatus:<n>:<percent>:<text>` and `pmstatus:<package>:<percent>:<text>`. */
export function parseStatus(line: string): Status | undefined {
  const match = /^(dl|pm)status:[^:]*(?::[a-z0-9]+)?:([\d.]+):(.*)$/.exec(line);
  if (!match) return undefined;
  const [, kind, percent = '0', text = ''] = match;
  return {
    fraction: Math.min(Number(percent) / 100, 1),
    text: text.replace(/ \([a-z0-9]+\)$/, ''),
    phase: kind === 'dl' ? 'download' : 'install',
  };
}
