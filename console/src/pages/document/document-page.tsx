import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useMay } from '../../api/session';
import { When } from '../../i18n/when';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useKeptText } from '../../parts/unsaved-text';
import { fileAddress, textQuery, usePlace, type DocumentText, type Place } from './document-data';
import { DocumentEditor, type Draft } from './document-editor';
import { DocumentHistory } from './document-history';
import { useDocumentTexts } from './document-texts';

const CodeView = lazy(() => import('../../parts/code-view'));

/** One document of the registry: as it stands, edited, taken out, and as it was before. */
export function Page() {
  const place = usePlace();
  const { kind, id, version } = place;
  return <DocumentPage key={[kind, id, version].join(' ')} place={place} />;
}

function DocumentPage({ place }: { readonly place: Place }) {
  const t = useDocumentTexts();
  const { data, error, isPending, refetch } = useQuery(textQuery(place));
  const kept = useKeptText(['version']);
  const [draft, setDraft] = useState<Draft | null>(
    kept && { ...(kept.more as Pick<Draft, 'text' | 'base'>), kept: kept.text, number: 1, isRestored: false },
  );
  const [isSaved, setSaved] = useState(false);
  if (isPending) return <Loading />;
  if (data === undefined) return <ProblemNote error={error} again={() => void refetch()} />;
  const begin = (text: string, base: DocumentText | null, isRestored = false) => {
    setSaved(false);
    setDraft((before) => ({ text, base, isRestored, number: (before?.number ?? 0) + 1 }));
  };
  const end = (saved: boolean) => {
    setSaved(saved);
    setDraft(null);
    // The button that had the focus is gone.
    document.getElementById('content')?.focus();
  };
  return (
    <>
      <PageTitle aside={<Related place={place} />}>{titleOf(place, t)}</PageTitle>
      {data ? <Facts document={data} /> : <p>{t('notThere')}</p>}
      <div role="status">{isSaved && <p>{t('saved')}</p>}</div>
      {draft && <DocumentEditor key={draft.number} place={place} draft={draft} begin={begin} end={end} />}
      {data && !draft && <Shown place={place} document={data} edit={() => begin(data.text, data)} />}
      <DocumentHistory place={place} current={data} restore={draft ? null : (text) => begin(text, data, true)} />
    </>
  );
}

type Say = ReturnType<typeof useDocumentTexts>;

function titleOf({ kind, id, version }: Place, t: Say): string {
  const name = version === undefined ? id : `${id} v${version}`;
  return t(`kind.${kind}` as 'kind.service', { name });
}

/** Leads back to the page of what the document is about. */
function Related({ place: { kind, id, version } }: { readonly place: Place }) {
  const t = useDocumentTexts();
  const of = encodeURIComponent(id);
  if (kind === 'service') return <Link to={`/services/${of}/${version}` as string}>{t('toService')}</Link>;
  if (kind === 'participant') return <Link to={`/participants/${of}` as string}>{t('toParticipant')}</Link>;
  return null;
}

function Facts({ document: { changedAt, changedBy, revision } }: { readonly document: DocumentText }) {
  const t = useDocumentTexts();
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('changed'), <When key="changed" at={changedAt} ago />],
    [t('by'), changedBy],
    [t('revision'), revision],
  ];
  return (
    <section aria-label={t('facts')}>
      <dl className="console-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface ShownProps {
  readonly place: Place;
  readonly document: DocumentText;
  readonly edit: () => void;
}

function Shown({ place, document, edit }: ShownProps) {
  const t = useDocumentTexts();
  const may = useMay();
  return (
    <section aria-labelledby="document">
      <h2 id="document" className="h5">
        {t('document')}
      </h2>
      <Suspense fallback={<Loading />}>
        <CodeView label={t('document')} text={document.text} type="application/yaml" />
      </Suspense>
      <p className="console-quiet mt-2">{t(place.kind === 'service' ? 'exportService' : 'exportText')}</p>
      <div className="console-orders mt-2">
        {may('registry.write') && (
          <button type="button" className="btn btn-xs btn-primary" onClick={edit}>
            {t('edit')}
          </button>
        )}
        <a className="btn btn-xs btn-outline-primary" href={fileAddress(place)} download>
          {t('export')}
        </a>
      </div>
    </section>
  );
}
