import { useState } from 'react';
import type { Person } from '../../model/people.ts';
import type { MadeLink } from '../../server/people-api.ts';
import { act } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Fault } from '../parts/fault.tsx';
import { Section } from '../parts/page.tsx';
import { navigate } from '../router.ts';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useDoing } from '../use-doing.ts';
import { LinkShown } from './invite.tsx';

const t = texts.admin.people;

/** New ways in, none for a while, or none any more. */
export function PersonAccess({ person, again }: { person: Person; again(): void }) {
  const { name, displayName, disabled = false } = person;
  const [asking, setAsking] = useState<'disable' | 'remove'>();
  const [link, setLink] = useState<MadeLink>();
  const doing = useDoing();
  async function setDisabled(to: boolean): Promise<void> {
    await act('disablePerson', { name, disabled: to });
    again();
    say(
      to ? t.isDisabled(displayName) : t.isEnabled(displayName),
      () => void doing.run(() => setDisabled(!to)),
    );
  }
  async function remove(): Promise<void> {
    await act('removePerson', { name });
    navigate('/console/people');
    say(t.isRemoved(displayName), () => {
      act('restorePerson', { name })
        .then(() => say(t.restored(displayName)))
        .catch((error: Error) => say(error.message));
    });
  }
  const close = () => setAsking(undefined);
  return (
    <Section title={t.access}>
      <Fault error={doing.error} />
      <ul className="list">
        <Deed text={t.resetText} does={t.reset} busy={doing.busy} onDo={() => void doing.run(makeLink)} />
        {disabled ? (
          <Deed text={t.enableText} does={t.enable} busy={doing.busy} onDo={() => void doing.run(enable)} />
        ) : (
          <Deed text={t.disableText} does={t.disable} busy={doing.busy} onDo={() => setAsking('disable')} />
        )}
        <Deed text={t.removeText} does={t.remove} busy={doing.busy} danger onDo={() => setAsking('remove')} />
      </ul>
      {asking === 'disable' && (
        <Confirm
          title={t.disableTitle(displayName)}
          does={t.disable}
          work={() => setDisabled(true)}
          onClose={close}
        >
          <p>{t.disableText}</p>
        </Confirm>
      )}
      {asking === 'remove' && (
        <Confirm title={t.removeTitle(displayName)} does={t.remove} danger work={remove} onClose={close}>
          <p>{t.removeText}</p>
        </Confirm>
      )}
      {link && <LinkShown title={t.resetFor(displayName)} link={link} onClose={() => setLink(undefined)} />}
    </Section>
  );

  async function makeLink(): Promise<void> {
    setLink(await act('resetLink', { name }));
  }
  async function enable(): Promise<void> {
    await setDisabled(false);
  }
}

interface DeedProps {
  text: string;
  does: string;
  busy: boolean;
  danger?: boolean;
  onDo(): void;
}

function Deed({ text, does, busy, danger = false, onDo }: DeedProps) {
  return (
    <li className="between">
      <span className="quiet">{text}</span>
      <Button small busy={busy} onClick={onDo} {...(danger ? { look: 'danger' as const } : {})}>
        {does}
      </Button>
    </li>
  );
}
