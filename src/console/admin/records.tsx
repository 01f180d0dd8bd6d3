import { useState } from 'react';
import type { RecordState, RecordView } from '../../model/names.ts';
import { TextField } from '../parts/field.tsx';
import { Mark, type Tone } from '../parts/mark.tsx';
import { Table } from '../parts/table.tsx';
import { texts } from '../texts.ts';

const t = texts.admin.names;

const TONES: Record<RecordState, Tone> = {
  'in place': 'good',
  missing: 'bad',
  differs: 'warn',
  'not wanted': 'warn',
  foreign: 'idle',
};

/** Record sets shown at first; a filter finds the others. */
const SHOWN = 60;

export function Records({ records }: { records: RecordView[] }) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const found = records.filter(({ name, type, values, why }) =>
    [name, type, ...values, why?.service ?? ''].join(' ').toLowerCase().includes(wanted),
  );
  const rows = found.slice(0, SHOWN).map(({ zone, name, type, values, state, why }) => ({
    key: `${zone} ${name} ${type}`,
    cells: [
      <span key="name" className="strong">
        {name}
      </span>,
      type,
      <code key="values" className="values">
        {values.join('\n')}
      </code>,
      <Mark key="state" tone={TONES[state]} text={t.states[state]} />,
      <p key="why" className="sentence">
        {why?.sentence}
      </p>,
    ],
  }));
  return (
    <div className="stack">
      <div className="tools">
        <TextField label={texts.common.filter} value={filter} onText={setFilter} />
        <p className="quiet numbers" role="status">
          {t.found(Math.min(found.length, SHOWN), records.length)}
        </p>
      </div>
      <Table label={t.records} columns={[...t.recordColumns]} rows={rows} />
    </div>
  );
}
