import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { texts } from '../texts.ts';
import { TextField } from './field.tsx';

interface Props<T> {
  items: T[];
  /** What of one can be looked for. */
  words(item: T): string;
  /** The list of those found. */
  children(found: T[]): ReactNode;
}

/** As many as one sees at a glance, with nothing to look for them by. */
const FEW = 12;
/** As many as are shown at most; the others are looked for. */
const SHOWN = 100;

/** What is looked for is not sent off with the form around it. */
function keep(event: KeyboardEvent): void {
  if (event.key === 'Enter') event.preventDefault();
}

/** A list and, where it is long, a field to find those that a person looks for. */
export function Found<T>({ items, words, children }: Props<T>) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const found = items.filter((item) => words(item).toLowerCase().includes(wanted));
  if (items.length <= FEW) return children(items);
  const shown = found.slice(0, SHOWN);
  return (
    <div className="stack">
      <div className="tools">
        <TextField label={texts.common.filter} value={filter} onText={setFilter} onKeyDown={keep} />
        <p className="quiet numbers" role="status">
          {texts.common.shown(shown.length, items.length)}
        </p>
      </div>
      {children(shown)}
    </div>
  );
}
