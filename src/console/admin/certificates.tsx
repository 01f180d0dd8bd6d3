import type { CertificateView } from '../../model/certificate.ts';
import type { LeaseView } from '../../model/lease.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Mark } from '../parts/mark.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { Secrets } from './secrets.tsx';

const t = texts.admin.certificates;

/** What proves the site to others, and services to the database: never a value. */
export function Certificates() {
  const certificates = useAdmin('certificates', {});
  const leases = useAdmin('leases', {}, 30);
  return (
    <Page
      title={t.title}
      lead={t.lead}
      commands={['allod certificates', 'allod leases', 'allod secrets list', 'allod secrets rotate']}
    >
      <Section title={t.certificates}>
        <Answer asked={certificates}>{(answer) => <List certificates={answer.certificates} />}</Answer>
      </Section>
      <Section title={t.logins} lead={t.loginsLead}>
        <Answer asked={leases}>{(answer) => <Leases leases={answer.leases} />}</Answer>
      </Section>
      <Secrets />
    </Page>
  );
}

function List({ certificates }: { certificates: CertificateView[] }) {
  if (certificates.length === 0) return <Empty>{t.none}</Empty>;
  return (
    <ul className="list">
      {certificates.map(({ name, names, issuer, serial, from, to, services }) => (
        <li key={`${name} ${serial}`} className="stack tight">
          <div className="between">
            <span className="strong break">{name}</span>
            <Life from={from} to={to} />
          </div>
          {names.join() !== name && <span className="quiet">{names.join(', ')}</span>}
          <span className="facts">
            <span>{t.from(issuer)}</span>
            <span>{t.serial(serial)}</span>
            {services.length > 0 && <span>{t.shown(services.join(', '))}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Renewed in its last third: one in its last tenth should have been. */
function Life({ from, to }: { from: number; to: number }) {
  const left = (to - Date.now()) / (to - from);
  const tone = left <= 0 ? 'bad' : left < 0.1 ? 'warn' : 'good';
  return (
    <span className="row">
      <Mark tone={tone} text={left <= 0 ? t.over : left < 0.1 ? t.soon : t.valid} />
      <span className="quiet little">
        {t.ends} <Time at={to} />
      </span>
    </span>
  );
}

function Leases({ leases }: { leases: LeaseView[] }) {
  if (leases.length === 0) return <Empty>{t.noLogins}</Empty>;
  const rows = leases.map(({ service, role, state, proved, minted, expires, next }) => ({
    key: role,
    cells: [
      <span key="service" className="strong">
        {service}
      </span>,
      <code key="role">{role}</code>,
      <Mark
        key="state"
        tone={state === 'current' ? (proved ? 'good' : 'busy') : 'idle'}
        text={state === 'current' && !proved ? t.unproved : state}
      />,
      <Time key="minted" at={minted} />,
      next === undefined ? '–' : <Time key="next" at={next} />,
      <Time key="expires" at={expires} />,
    ],
  }));
  return <Table label={t.logins} columns={[...t.loginColumns]} rows={rows} />;
}
