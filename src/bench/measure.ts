import { messageOf, PersonFault } from '../util/errors.ts';
import { keeps } from './limit.ts';
import type { Context, Result, Row } from './row.ts';

/** Picks rows by name, in their own order; all where none is named. Throws PersonFault. */
export function chooseRows(rows: Row[], names: string[]): Row[] {
  const known = rows.map((row) => row.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new PersonFault({
      where: '--only',
      message: `expected ${known.join(', ')}; got ${unknown.join(', ')}`,
    });
  return names.length === 0 ? rows : rows.filter((row) => names.includes(row.name));
}

/** Runs one row after the other; one that fails stops no other. Ends early when the signal is aborted. */
export async function measure(rows: Row[], context: Context): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    if (context.signal.aborted) break;
    const say = (text: string) => context.say(`${row.name}: ${text}`);
    say(row.title);
    results.push(await measureRow(row, { ...context, say }));
  }
  return results;
}

async function measureRow(row: Row, context: Context): Promise<Result> {
  const { name, title, target } = row;
  try {
    const figures = await row.run(context);
    const ratio = figures.find((figure) => figure.unit === '×')?.value;
    const ok = figures.every(keeps);
    return { name, title, target, figures, ...(ratio === undefined ? {} : { ratio }), ok };
  } catch (error) {
    return { name, title, target, figures: [], ok: false, error: messageOf(error) };
  }
}
