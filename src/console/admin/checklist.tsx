import type { ChecklistItem } from '../../server/console-api.ts';
import { act } from '../api.ts';
import { Answer } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Copy } from '../parts/copy.tsx';
import { Fault } from '../parts/fault.tsx';
import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';

export function ChecklistPage() {
  const asked = useAdmin('checklist', {});
  const t = texts.admin.checklist;
  return (
    <Page title={t.title} lead={t.lead} commands={['allod checklist']}>
      <Answer asked={asked}>{({ items }) => <Checklist items={items} again={asked.again} />}</Answer>
    </Page>
  );
}

/** What is to be done comes first. */
export function Checklist({ items, again }: { items: ChecklistItem[]; again(): void }) {
  const t = texts.admin.checklist;
  const done = items.filter((item) => item.done).length;
  return (
    <div className="stack">
      <div className="stack tight">
        <span className="quiet numbers">{t.of(done, items.length)}</span>
        <progress className="bar" aria-label={t.progress} max={items.length} value={done} />
      </div>
      <ol className="list">
        {[...items.filter((item) => !item.done), ...items.filter((item) => item.done)].map((item) => (
          <Item key={item.id} item={item} again={again} />
        ))}
      </ol>
    </div>
  );
}

/** A point that only a person can know of is ticked by hand, and the tick taken back. */
function Item({ item, again }: { item: ChecklistItem; again(): void }) {
  const { id, title, done, text, page, command, tick } = item;
  const t = texts.admin.checklist;
  const doing = useDoing();
  async function mark(): Promise<void> {
    if (await doing.run(() => act('ignoreFinding', { id, ignored: !done }))) again();
  }
  return (
    <li className={done ? 'todo done' : 'todo'}>
      {done ? <Icon name="check" /> : <Icon name="circle" />}
      <div className="stack tight">
        <span className="strong">
          {title} <span className="hidden">{done ? t.done : t.open}</span>
        </span>
        {!done && <span className="quiet">{text}</span>}
        {!done && command && (
          <span className="row">
            <code>{command}</code> <Copy text={command} what={command} />
          </span>
        )}
        <Fault error={doing.error} />
      </div>
      <div className="row end">
        {tick && (
          <Button small busy={doing.busy} onClick={() => void mark()}>
            {done ? t.untick : t.tick} <span className="hidden">{title}</span>
          </Button>
        )}
        {!done && page && (
          <Link className="button small" href={page}>
            {t.go} <span className="hidden">{title}</span>
          </Link>
        )}
      </div>
    </li>
  );
}
