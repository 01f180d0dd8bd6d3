import { useState } from 'react';
import type { SecretView } from '../../model/secret-store.ts';
import { act } from '../api.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Found } from '../parts/found.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { useStore } from '../store.ts';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { begin, noRun } from './run-here.ts';
import { RunPanel } from './run-panel.tsx';

const t = texts.admin.secrets;

const renewing = noRun();

/** What is to get a new value. */
type Wanted = { path?: string };

/** What is kept secret, by name alone, and new values for it. */
export function Secrets() {
  const asked = useAdmin('secrets', {});
  const run = useStore(renewing);
  const busy = run !== undefined && run.outcome === undefined;
  const [wanted, setWanted] = useState<Wanted>();
  return (
    <Section
      title={t.title}
      lead={t.lead}
      actions={
        <Button busy={busy} onClick={() => setWanted({})}>
          {t.renewAll}
        </Button>
      }
    >
      <RunPanel last={renewing} title={t.running} />
      <Answer asked={asked}>
        {({ secrets }) => <List secrets={secrets} busy={busy} onRenew={(path) => setWanted({ path })} />}
      </Answer>
      {wanted && (
        <Confirm
          title={wanted.path === undefined ? t.allTitle : t.oneTitle(wanted.path)}
          does={t.renew}
          work={() => begin(renewing, (onEvent) => act('rotateSecrets', wanted, onEvent), asked.again)}
          onClose={() => setWanted(undefined)}
        >
          <p>{t.text}</p>
        </Confirm>
      )}
    </Section>
  );
}

interface ListProps {
  secrets: SecretView[];
  busy: boolean;
  onRenew(path: string): void;
}

function List({ secrets, busy, onRenew }: ListProps) {
  if (secrets.length === 0) return <Empty>{t.none}</Empty>;
  const row = (secret: SecretView) => ({
    key: secret.path,
    cells: [
      <code key="path" className="break">
        {secret.path}
      </code>,
      <Time key="since" at={secret.since} />,
      secret.next === null ? t.next[secret.rotation.how] : <Time key="next" at={secret.next} />,
      secret.rotation.how === 'never' ? (
        <p key="why" className="quiet sentence">
          {secret.rotation.why}
        </p>
      ) : (
        <Button key="renew" small busy={busy} onClick={() => onRenew(secret.path)}>
          {t.renew} <span className="hidden">{secret.path}</span>
        </Button>
      ),
    ],
  });
  return (
    <Found items={secrets} words={({ path }) => path}>
      {(found) => <Table label={t.title} columns={[...t.columns]} rows={found.map(row)} />}
    </Found>
  );
}
