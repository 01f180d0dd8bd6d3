import type { RecordState, RecordView } from '../../model/names.ts';
import { Found } from '../parts/found.tsx';
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

export function Records({ records }: { records: RecordView[] }) {
  return (
    <Found
      items={records}
      words={({ name, type, values, why }) => [name, type, ...values, why?.service].join(' ')}
    >
      {(found) => <Table label={t.records} columns={[...t.recordColumns]} rows={found.map(rowOf)} />}
    </Found>
  );
}

function rowOf({ zone, name, type, values, state, why }: RecordView) {
  return {
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
  };
}
