import { useState } from 'react';
import type { AuditEntry } from '../../model/audit.ts';
import type { ActivityEntry } from '../../server/console-api.ts';
import { act } from '../api.ts';
import { dateTime } from '../format.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { Mark } from '../parts/mark.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';

const t = texts.admin.activity;

/** Who did what, and who read which secret. */
export function Activity() {
  const activity = useAdmin('activity', { limit: 100 }, 30);
  const audit = useAdmin('audit', { limit: 100 });
  return (
    <Page title={t.title} lead={t.lead} commands={['allod activity', 'allod secrets audit']}>
      <Section title={t.people}>
        <Answer asked={activity}>{({ entries }) => <Entries entries={entries} />}</Answer>
      </Section>
      <Section title={t.audit} lead={t.auditLead} actions={<Verify />}>
        <Answer asked={audit}>{({ entries }) => <Audit entries={entries} />}</Answer>
      </Section>
    </Page>
  );
}

function Entries({ entries }: { entries: ActivityEntry[] }) {
  if (entries.length === 0) return <Empty>{t.none}</Empty>;
  return (
    <ul className="list">
      {entries.map(({ at, who, how, verb, text, failed }) => (
        <li key={`${at} ${who} ${verb} ${text}`} className="stack tight">
          <div className="between">
            <span className="break">
              <span className="strong">{who}</span> {text}
            </span>
            {failed && <Mark tone="bad" text={t.failed} />}
          </div>
          <span className="facts">
            <Time at={at} />
            <span>{t.hows[how]}</span>
            <code>{verb}</code>
          </span>
          {failed && <p className="break">{failed}</p>}
        </li>
      ))}
    </ul>
  );
}

function Audit({ entries }: { entries: AuditEntry[] }) {
  const rows = entries.map(({ seq, at, actor, action, path, version }) => ({
    key: String(seq),
    cells: [
      <span key="seq" className="numbers">
        {seq}
      </span>,
      dateTime(Date.parse(at)),
      actor,
      action,
      path ? <code key="path">{version === undefined ? path : `${path} (${version})`}</code> : '',
    ],
  }));
  return <Table label={t.audit} columns={[...t.auditColumns]} rows={rows} />;
}

function Verify() {
  const doing = useDoing();
  const [said, setSaid] = useState('');
  async function verify(): Promise<void> {
    await doing.run(async () => {
      const { entries, fault } = await act('verifyAudit', {});
      setSaid(fault ? t.broken(fault.file, fault.line, fault.text) : t.whole(entries));
    });
  }
  return (
    <>
      <span role="status" className="little">
        {said}
      </span>
      <Fault error={doing.error} />
      <Button small busy={doing.busy} onClick={() => void verify()}>
        {t.verify}
      </Button>
    </>
  );
}
