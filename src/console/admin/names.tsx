import type { Exposure } from '../../model/exposure.ts';
import type { Delegation } from '../../model/names.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Copy } from '../parts/copy.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { Provider } from './provider.tsx';
import { Records } from './records.tsx';

const t = texts.admin.names;

/** How people reach what, and what the DNS says of it. */
export function Names() {
  const addresses = useAdmin('addresses', {});
  const records = useAdmin('records', {});
  const delegations = useAdmin('delegations', {});
  return (
    <Page
      title={t.title}
      lead={t.lead}
      commands={['allod addresses', 'allod dns records', 'allod dns ds', 'allod renumber']}
    >
      <Provider />
      <Section title={t.ways} lead={t.waysLead}>
        <Answer asked={addresses}>{({ exposures }) => <Exposures exposures={exposures} />}</Answer>
      </Section>
      <Section title={t.registrar} lead={t.registrarLead}>
        <Answer asked={delegations}>{({ zones }) => <Delegations zones={zones} />}</Answer>
      </Section>
      <Section title={t.records} lead={t.recordsLead}>
        <Answer asked={records}>{(answer) => <Records records={answer.records} />}</Answer>
      </Section>
    </Page>
  );
}

function Exposures({ exposures }: { exposures: Exposure[] }) {
  if (exposures.length === 0) return <Empty>{t.none}</Empty>;
  const rows = exposures.map(
    ({ service, hosts, port, endPort, protocol, family, path, from, addresses }) => ({
      key: `${service} ${hosts.join()} ${port} ${protocol} ${family}`,
      cells: [
        <span key="hosts" className="stack tight">
          <span className="strong">{hosts.join(', ')}</span>
          <span className="quiet">{service}</span>
        </span>,
        `${port}${endPort ? `–${endPort}` : ''}/${protocol}`,
        t.way(family, path),
        <span key="addresses" className="addresses">
          {addresses
            .map(({ address, published }) => (published ? address : t.unpublished(address)))
            .join('\n')}
        </span>,
        from?.join(', ') ?? t.anybody,
      ],
    }),
  );
  return <Table label={t.ways} columns={[...t.wayColumns]} rows={rows} />;
}

function Delegations({ zones }: { zones: Delegation[] }) {
  if (zones.length === 0) return <Empty>{t.noZones}</Empty>;
  return (
    <ul className="list">
      {zones.map(({ zone, nameServers, ds }) => {
        const digest = `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${ds.digest}`;
        return (
          <li key={zone} className="stack">
            <h3>{zone}</h3>
            <dl className="pairs">
              <dt>{t.nameServers}</dt>
              <dd>{nameServers.map(({ name, addresses }) => [name, ...addresses].join(' ')).join(', ')}</dd>
              <dt>{t.ds}</dt>
              <dd>
                <code>{digest}</code>
              </dd>
            </dl>
            <div className="row">
              <Copy text={digest} what={t.dsOf(zone)} />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
