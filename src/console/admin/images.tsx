import { useState } from 'react';
import type { ImageView } from '../../server/console-api.ts';
import { size } from '../format.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { TextField } from '../parts/field.tsx';
import { Page } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';

const t = texts.admin.images;

/** What services are made of, and where each part came from. */
export function Images() {
  const images = useAdmin('images', {});
  const [filter, setFilter] = useState('');
  return (
    <Page title={t.title} lead={t.lead} commands={['allod images', 'allod images NAME --json']}>
      <Answer asked={images}>
        {(answer) =>
          answer.images.length === 0 ? (
            <Empty>{t.none}</Empty>
          ) : (
            <>
              <div className="tools">
                <TextField label={t.filter} value={filter} onText={setFilter} />
              </div>
              <ul className="list">
                {answer.images.map((image) => (
                  <Image key={image.ref} image={image} filter={filter.trim()} />
                ))}
              </ul>
            </>
          )
        }
      </Answer>
    </Page>
  );
}

function Image({ image, filter }: { image: ImageView; filter: string }) {
  const { name, ref, origins, services, size: bytes, created } = image;
  return (
    <li className="stack tight">
      <div className="between">
        <span className="strong">{name}</span>
        <span className="facts">
          {bytes !== undefined && <span className="numbers">{size(bytes)}</span>}
          {created !== undefined && <Time at={created} />}
        </span>
      </div>
      <code className="quiet break">{ref}</code>
      {services.length > 0 && <span className="quiet little">{t.runs(services.join(', '))}</span>}
      {origins.map((origin) => (
        <Origin key={origin.from} origin={origin} filter={filter} />
      ))}
    </li>
  );
}

function Origin({ origin, filter }: { origin: ImageView['origins'][number]; filter: string }) {
  const found = filter ? origin.packages.filter(({ name }) => name.includes(filter)) : origin.packages;
  if (found.length === 0) return null;
  return (
    <details {...(filter ? { open: true } : {})}>
      <summary>{t.packages(found.length, origin.from)}</summary>
      <ul className="facts">
        {found.map(({ name, version }) => (
          <li key={name}>
            {name} <span className="numbers">{version}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
