import { useState } from 'react';
import type { MadeLink } from '../../server/people-api.ts';
import { act } from '../api.ts';
import { ShownOnce } from '../parts/copy.tsx';
import { FormDialog, ShownDialog } from '../parts/form-dialog.tsx';
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
  async function invite(): Promise<void> {
    await doing.run(async () => {
      setMade(await act('invite', newPersonOf(text)));
      again();
    });
  }
  if (made)
    return <LinkShown title={t.invited(text.displayName || text.name)} link={made} onClose={onClose} />;
  return (
    <FormDialog
      title={t.invite}
      lead={t.inviteLead}
      does={t.makeLink}
      doing={doing}
      onSubmit={invite}
      onClose={onClose}
    >
      <NewPersonFields text={text} onText={setText} />
    </FormDialog>
  );
}

export function LinkShown({ title, link, onClose }: { title: string; link: MadeLink; onClose(): void }) {
  return (
    <ShownDialog title={title} onClose={onClose}>
      <p>{t.linkOnce}</p>
      <ShownOnce value={link.url} what={t.link} />
      <p className="quiet little">
        {t.ends} <Time at={link.until} />
      </p>
    </ShownDialog>
  );
}
