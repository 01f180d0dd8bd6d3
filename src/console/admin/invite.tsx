import { type FormEvent, useState } from 'react';
import type { MadeLink } from '../../server/people-api.ts';
import { act } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { ShownOnce } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/fault.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { useDoing } from '../use-doing.ts';
import { NewPersonFields, type NewPersonText, newPersonOf } from './new-person-fields.tsx';

const t = texts.admin.people;

interface Props {
  again(): void;
  onClose(): void;
}

/** Asks who, then shows the link, once. */
export function Invite({ again, onClose }: Props) {
  const [text, setText] = useState<NewPersonText>({ name: '', displayName: '', mail: '', groups: [] });
  const [made, setMade] = useState<MadeLink>();
  const doing = useDoing();
  async function invite(event: FormEvent): Promise<void> {
    event.preventDefault();
    await doing.run(async () => {
      setMade(await act('invite', newPersonOf(text)));
      again();
    });
  }
  if (made)
    return <LinkShown title={t.invited(text.displayName || text.name)} link={made} onClose={onClose} />;
  return (
    <Dialog title={t.invite} onClose={onClose}>
      <p className="quiet">{t.inviteLead}</p>
      <form className="form" onSubmit={(event) => void invite(event)}>
        <NewPersonFields text={text} onText={setText} />
        <Fault error={doing.error} />
        <div className="row end">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" look="primary" busy={doing.busy}>
            {t.makeLink}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function LinkShown({ title, link, onClose }: { title: string; link: MadeLink; onClose(): void }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack" role="status">
        <p>{t.linkOnce}</p>
        <ShownOnce value={link.url} what={t.link} />
        <p className="quiet little">
          {t.ends} <Time at={link.until} />
        </p>
      </div>
      <div className="row end">
        <Button look="primary" onClick={onClose}>
          {texts.devices.done}
        </Button>
      </div>
    </Dialog>
  );
}
