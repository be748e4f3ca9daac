import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { Schemas } from '../../api/client';
import { ProblemError } from '../../api/problem';
import { useMay } from '../../api/session';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { useMessageDetailTexts } from './message-texts';

const CodeView = lazy(() => import('../../parts/code-view'));

const MOST_SHOWN = 2_000_000;

interface Shown {
  readonly type: string;
  readonly text: string | null;
}

/** What a message carries, on demand: each look is written to the audit log. */
export function ContentView({ message }: { readonly message: Schemas['MessageDetail'] }) {
  const t = useMessageDetailTexts();
  const may = useMay();
  const read = useMutation({ mutationFn: () => readContent(message.id) });
  return (
    <section aria-labelledby="content-of">
      <h2 id="content-of" className="h5">
        {t('content')}
      </h2>
      {!may('messages.payload') && <p>{t('noRight')}</p>}
      {may('messages.payload') && !read.data && (
        <>
          <p>{t('contentText')}</p>
          <button
            type="button"
            className="btn btn-sm btn-primary"
            onClick={() => read.mutate()}
            disabled={read.isPending}
          >
            {t('show')}
          </button>
        </>
      )}
      {read.error && <ProblemNote error={read.error} />}
      {read.data && <Content id={message.id} shown={read.data} violations={message.fault?.violations ?? []} />}
    </section>
  );
}

/** Throws ProblemError. */
async function readContent(id: string): Promise<Shown> {
  const headers = { 'accept-language': document.documentElement.lang };
  const response = await fetch(`/admin/messages/${encodeURIComponent(id)}/content`, { headers });
  if (!response.ok) throw await ProblemError.of(response);
  const type = response.headers.get('content-type') ?? 'application/octet-stream';
  const bytes = await response.arrayBuffer();
  const isText = /\b(xml|json|text)\b/.test(type) && bytes.byteLength <= MOST_SHOWN;
  return { type, text: isText ? new TextDecoder().decode(bytes) : null };
}

interface ContentProps {
  readonly id: string;
  readonly shown: Shown;
  readonly violations: readonly Schemas['Violation'][];
}

function Content({ id, shown: { type, text }, violations }: ContentProps) {
  const t = useMessageDetailTexts();
  return (
    <>
      {text === null ? (
        <p>{/\b(xml|json|text)\b/.test(type) ? t('tooLong') : t('binary', { type })}</p>
      ) : (
        <Suspense fallback={<Loading />}>
          <CodeView label={t('contentOf')} text={text} type={type} violations={violations} />
        </Suspense>
      )}
      <a
        className="btn btn-xs btn-outline-primary mt-2"
        href={`/admin/messages/${encodeURIComponent(id)}/content`}
        download
      >
        {t('download')}
      </a>
    </>
  );
}
