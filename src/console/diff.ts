/** A line of a comparison; `gap`: so many lines that are the same were left out. */
export type DiffLine = { kind: 'same' | 'added' | 'removed'; text: string } | { kind: 'gap'; lines: number };

/** Lines that are the same and shown around each change. */
const AROUND = 3;

/** What makes the second text of the first, line by line; nothing where they are the same. */
export function diffOf(before: string, after: string): DiffLine[] {
  return shortened(compare(linesIn(before), linesIn(after)));
}

function linesIn(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

type Line = Exclude<DiffLine, { kind: 'gap' }>;

/** By the longest common subsequence: site files are short, and their ends mostly the same. */
function compare(a: string[], b: string[]): Line[] {
  let [start, end] = [0, 0];
  const most = Math.min(a.length, b.length);
  while (start < most && a[start] === b[start]) start++;
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return [...same(a.slice(0, start)), ...between(x, y), ...same(a.slice(a.length - end))];
}

function same(lines: string[]): Line[] {
  return lines.map((text) => ({ kind: 'same', text }));
}

function between(x: string[], y: string[]): Line[] {
  const width = y.length + 1;
  const length = new Uint32Array((x.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--)
      length[i * width + j] = x[i] === y[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    const [removed, added] = [x[i], y[j]];
    if (removed !== undefined && removed === added) {
      lines.push({ kind: 'same', text: removed });
      i++;
      j++;
    } else if (removed !== undefined && (added === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'removed', text: removed });
      i++;
    } else {
      lines.push({ kind: 'added', text: added ?? '' });
      j++;
    }
  }
  return lines;
}

function shortened(lines: Line[]): DiffLine[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(({ kind }) => kind !== 'same'),
  );
  const shown: DiffLine[] = [];
  for (const [i, line] of lines.entries()) {
    const last = shown.at(-1);
    if (near[i]) shown.push(line);
    else if (last?.kind === 'gap') last.lines++;
    else shown.push({ kind: 'gap', lines: 1 });
  }
  return shown.some(({ kind }) => kind === 'added' || kind === 'removed') ? shown : [];
}
