import type { Figure, Limit } from './row.ts';

/** Whether a figure keeps its bound. One that is no number keeps none. */
export function keeps({ value, limit }: Figure): boolean {
  if (!limit) return true;
  if ('below' in limit) return value < limit.below;
  return 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
}

export function formatLimit(limit: Limit, unit: Figure['unit']): string {
  if ('below' in limit) return `< ${formatValue(limit.below, unit)}`;
  return 'atMost' in limit ? `≤ ${formatValue(limit.atMost, unit)}` : `≥ ${formatValue(limit.atLeast, unit)}`;
}

/** Three digits that matter, and the unit: `412 ms`, `1.04×`, `12,300 /s`. */
export function formatValue(value: number, unit: Figure['unit']): string {
  if (!Number.isFinite(value)) return '–';
  const digits = unit === '×' ? 2 : Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 2;
  const [whole = '', part] = value.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const number = part === undefined ? grouped : `${grouped}.${part}`;
  if (unit === '') return number;
  return unit === '×' ? `${number}×` : `${number} ${unit}`;
}
