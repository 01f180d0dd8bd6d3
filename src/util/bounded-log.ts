/** Of one kind in a minute; the others are counted. */
const LINES = 20;
/** Told apart in a minute; what comes after them is of one kind, however it begins. */
const KINDS = 30;
/** Characters. A trace has some hundred to a few thousand. */
const LONGEST = 4000;
const MINUTE = 60_000;

/** When what was left out is told: not a reason for a process to stay. */
export type Later = (work: () => void, ms: number) => void;

/**
 * A log for what happens because of people outside, who may make it happen as often and with such texts as they like: so
 * many lines of a kind in a minute, each so long, without a sign that a terminal or a reader takes for more than text.
 * The kind is what a line begins with, up to the second colon.
 */
export function boundedLog(write: (line: string) => void, later: Later = unheld): (text: string) => void {
  let counts = new Map<string, number>();

  function tell(): void {
    const over = [...counts].filter(([, count]) => count > LINES);
    counts = new Map();
    for (const [kind, count] of over) write(`${kind}: and ${count - LINES} more in the last minute`);
  }

  return (text) => {
    const line = printable(text);
    const own = line.split(':', 2).join(':').split('\n')[0]?.slice(0, 60) ?? '';
    const kind = counts.has(own) || counts.size < KINDS ? own : 'others';
    if (counts.size === 0) later(tell, MINUTE);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    if (count <= LINES) write(line);
  };
}

/** Line breaks stay, with what follows set in: no second line passes for one of ours. */
function printable(text: string): string {
  const cut =
    text.length > LONGEST ? `${text.slice(0, LONGEST)}… and ${text.length - LONGEST} characters more` : text;
  return cut
    .replaceAll(/[^\P{C}\n]|[\u2028\u2029]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`)
    .replaceAll('\n', '\n  ');
}

function unheld(work: () => void, ms: number): void {
  setTimeout(work, ms).unref();
}
