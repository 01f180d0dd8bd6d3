import { useEffect } from 'react';
import { Answer } from '../parts/asked.tsx';
import { Page } from '../parts/page.tsx';
import { storeOf } from '../store.ts';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { Checklist } from './checklist.tsx';
import { Overview } from './overview.tsx';

/** The page that the first screen is; undefined until that is known. */
export const firstPage = storeOf<string | undefined>(undefined);

/** The first screen: what a new site still needs until it needs nothing more, then how it does. */
export function Start() {
  const checklist = useAdmin('checklist', {});
  const t = texts.admin.checklist;
  const open = checklist.data?.items.filter(({ done }) => !done).length;
  const shown = open === undefined ? undefined : open === 0 ? '/console/overview' : '/console/checklist';
  useEffect(() => firstPage.set(shown), [shown]);
  if (open === 0) return <Overview />;
  return (
    <Page title={t.title} lead={t.lead} commands={['allod checklist']}>
      <Answer asked={checklist}>{({ items }) => <Checklist items={items} again={checklist.again} />}</Answer>
    </Page>
  );
}
