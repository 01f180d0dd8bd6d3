import type { ReactNode } from 'react';
import { texts } from '../texts.ts';
import { Empty } from './asked.tsx';
import { Scroll } from './scroll.tsx';

interface Props {
  /** What it is about, for who does not see it. */
  label: string;
  columns: string[];
  rows: { key: string; cells: ReactNode[] }[];
}

/** Scrolls sideways by itself, with the keyboard too. Where the screen is narrow, a row is a card that names its columns. */
export function Table({ label, columns, rows }: Props) {
  if (rows.length === 0) return <Empty>{texts.common.nothing}</Empty>;
  return (
    <Scroll className="scroll" label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, i) => (
                <td key={columns[i]} data-column={columns[i]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
