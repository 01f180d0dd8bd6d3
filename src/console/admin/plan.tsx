import type { Change } from '../../model/resource.ts';
import type { Planned as PlannedData } from '../../server/answers.ts';
import { type DiffLine, diffOf } from '../diff.ts';
import { Empty } from '../parts/asked.tsx';
import { Mark } from '../parts/mark.tsx';
import { Section } from '../parts/page.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { texts } from '../texts.ts';

const t = texts.admin.changes;
const SIGNS = { same: ' ', added: '+', removed: '−' };

/** How the text differs from the accepted one; nothing where it does not. */
export function Diff({ before, after }: { before: string; after: string }) {
  const lines = diffOf(before, after);
  if (lines.length === 0) return null;
  return (
    <Section title={t.diff} lead={t.diffLead}>
      <Scroll className="diff" label={t.diff}>
        <ol>
          {lines.map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <Line key={i} line={line} />
          ))}
        </ol>
      </Scroll>
    </Section>
  );
}

function Line({ line }: { line: DiffLine }) {
  if (line.kind === 'gap')
    return (
      <li className="gap">
        <span>⋯</span>
        <span>{t.gap(line.lines)}</span>
      </li>
    );
  return (
    <li className={line.kind}>
      <span aria-hidden="true">{SIGNS[line.kind]}</span>
      <span>
        {line.kind !== 'same' && <span className="hidden">{t.lines[line.kind]}: </span>}
        {line.text}
      </span>
    </li>
  );
}

const TONES = { create: 'good', update: 'warn', delete: 'bad' } as const;

/** What would change, and why; what goes is told first. */
export function Planned({
  planned: { changes, renumbering, unknown, notices = [] },
}: {
  planned: PlannedData;
}) {
  const rank = { delete: 0, update: 1, create: 2 };
  const sorted = [...changes].sort((a, b) => rank[a.action] - rank[b.action]);
  return (
    <Section title={t.plan} lead={t.planLead}>
      {renumbering && <p className="notice">{t.renumbering(renumbering.from, renumbering.to)}</p>}
      {notices.map((notice) => (
        <p key={notice} className="notice warn">
          {notice}
        </p>
      ))}
      {Object.entries(unknown).map(([kind, why]) => (
        <p key={kind} className="notice warn">
          {t.unknown(kind)} {why}
        </p>
      ))}
      {changes.length === 0 ? (
        <Empty>{t.nothing}</Empty>
      ) : (
        <ul className="list">
          {sorted.map((change) => (
            <ChangeItem key={`${change.action} ${change.key}`} change={change} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function ChangeItem({ change: { action, kind, name, service, why, held } }: { change: Change }) {
  return (
    <li className="stack tight">
      <div className="between">
        <span className="break">
          <span className="quiet">{kind}</span> <span className="strong">{name}</span>
        </span>
        <Mark tone={TONES[action]} text={t.actions[action]} />
      </div>
      <p className="quiet sentence">{why.sentence}</p>
      <span className="facts">
        <span>{service}</span>
        <span>{why.rule}</span>
      </span>
      {held && (
        <p className="notice warn">
          {held.text}. {held.remedy}
        </p>
      )}
    </li>
  );
}
