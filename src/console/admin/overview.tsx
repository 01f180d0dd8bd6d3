import { useState } from 'react';
import type { ServiceStatus, Status, StatusFinding } from '../../model/status.ts';
import { act } from '../api.ts';
import { size } from '../format.ts';
import { Answer } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { Link } from '../parts/link.tsx';
import { StateMark } from '../parts/mark.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useAdmin } from '../use-ask.ts';

const t = texts.admin.overview;

/** Seconds between two looks. */
const LOOK = 10;

/** Every service, how it does and why not, and what else a person should know. */
export function Overview() {
  const status = useAdmin('status', {}, LOOK);
  return (
    <Page
      title={t.title}
      commands={['allod status', 'allod restart SERVICE']}
      lead={<Lead status={status.data} />}
    >
      <Answer asked={status}>
        {(answer) => (
          <>
            <Findings findings={answer.findings} />
            <Figures status={answer} />
            <Services services={answer.services} again={status.again} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Lead({ status }: { status: Status | undefined }) {
  if (!status) return null;
  const starting = status.services.filter(({ state }) => state === 'starting').length;
  const ill = status.services.filter(({ state }) => state !== 'healthy').length - starting;
  const said = [ill > 0 && t.ill(ill), starting > 0 && t.starting(starting)].filter(Boolean).join(' ');
  return <span role="status">{said || t.allWell}</span>;
}

function Findings({ findings }: { findings: StatusFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="stack">
      {findings.map(({ id, text, remedy }) => (
        <li key={id} className="notice warn">
          <p className="strong sentence">{text}</p>
          <p>{remedy}</p>
          <div className="row">
            <Copy text={remedy} what={t.remedy} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Figures({ status: { services, daemon } }: { status: Status }) {
  const memory = services.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0);
  const well = services.filter(({ state }) => state === 'healthy').length;
  return (
    <dl className="figures">
      <Figure name={t.services} value={t.of(well, services.length)} />
      <Figure name={t.memory} value={size(memory)} />
      <div className="card">
        <dt className="quiet">{t.daemon}</dt>
        <dd className="value">{daemon.since === undefined ? t.away : <Time at={daemon.since} />}</dd>
      </div>
    </dl>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="card">
      <dt className="quiet">{name}</dt>
      <dd className="value">{value}</dd>
    </div>
  );
}

function Services({ services, again }: { services: ServiceStatus[]; again(): void }) {
  const [restarting, setRestarting] = useState<ServiceStatus>();
  async function restart({ id, title }: ServiceStatus): Promise<void> {
    await act('restartService', { service: id });
    say(t.restarted(title));
    again();
  }
  return (
    <Section title={t.services}>
      <ul className="list">
        {services.map((service) => (
          <Service key={service.id} service={service} onRestart={() => setRestarting(service)} />
        ))}
      </ul>
      {restarting && (
        <Confirm
          title={t.restartTitle(restarting.title)}
          does={t.restart}
          work={() => restart(restarting)}
          onClose={() => setRestarting(undefined)}
        >
          <p>{t.restartText}</p>
        </Confirm>
      )}
    </Section>
  );
}

function Service({ service, onRestart }: { service: ServiceStatus; onRestart(): void }) {
  const { id, title, state, since, url, host, ipv6, ipv4, memoryBytes, reason } = service;
  return (
    <li className="service">
      <div className="row">
        <span className="strong">{title}</span>
        <StateMark state={state} />
        <span className="quiet little">
          <Time at={since} />
        </span>
      </div>
      <div className="row">
        {url && (
          <a className="button small plain" href={url}>
            {t.open} <span className="hidden">{title}</span>
          </a>
        )}
        <Link className="button small plain" href={`/console/logs/${id}`}>
          {t.logs} <span className="hidden">{title}</span>
        </Link>
        <Button small onClick={onRestart}>
          {t.restart} <span className="hidden">{title}</span>
        </Button>
      </div>
      <div className="facts wide">
        <span>{host}</span>
        {ipv6 && <span>{ipv6}</span>}
        {ipv4 && <span>{ipv4}</span>}
        {memoryBytes !== null && <span className="numbers">{size(memoryBytes)}</span>}
      </div>
      {reason && (
        <p className={state === 'healthy' ? 'wide notice sentence' : 'wide notice warn sentence'}>{reason}</p>
      )}
    </li>
  );
}
