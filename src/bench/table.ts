import { formatLimit, formatValue, keeps } from './limit.ts';
import type { Figure, Result } from './row.ts';

const HEAD = ['ROW', 'WHAT', 'FIGURE', 'RATIO', 'TARGET', ''];

/** The table a person reads: a line for each row with its target in words, then one for each figure. */
export function formatTable(results: Result[]): string {
  const blocks = results.map((result) => result.figures.map(cellsOf));
  const all = [HEAD, ...blocks.flat()];
  const widths = HEAD.map((_, i) => Math.max(...all.map((cells) => cells[i]?.length ?? 0)));
  const names = Math.max(HEAD[0]?.length ?? 0, ...results.map((result) => result.name.length));
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (i === 2 || i === 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const indent = (text: string) => `${' '.repeat(names)}${text}`;
  const lines = results.flatMap((result, i) => [
    '',
    `${result.name.padEnd(names)}  ${result.title}: ${result.target}`,
    ...(blocks[i] ?? []).map((cells) => indent(line(cells).slice(widths[0]))),
    ...(result.error === undefined ? [] : [indent(`  could not be measured: ${result.error}`)]),
  ]);
  return [`${'ROW'.padEnd(names)}${line(HEAD).slice(widths[0])}`, ...lines].join('\n');
}

function cellsOf(figure: Figure): string[] {
  const { what, value, unit, limit } = figure;
  const text = formatValue(value, unit);
  const [plain, ratio] = unit === '×' ? ['', text] : [text, ''];
  const verdict = limit === undefined ? '' : keeps(figure) ? 'met' : 'MISSED';
  return ['', what, plain, ratio, limit ? formatLimit(limit, unit) : '', verdict];
}
