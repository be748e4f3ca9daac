import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { KeptNote, useUnsavedText } from '../../parts/unsaved-text';
import { DocumentConflict } from './document-conflict';
import { checkText, textQuery, type DocumentCheck, type DocumentText, type Place } from './document-data';
import { DocumentProblems } from './document-problems';
import { SaveDialog } from './save-dialog';
import { useDocumentTexts } from './document-texts';

const CodeView = lazy(() => import('../../parts/code-view'));

/** What is being written, and what stood there when it was begun. */
export interface Draft {
  readonly number: number;
  readonly text: string;
  /** What was made of it in a session that has ended. */
  readonly kept?: string;
  /** Null: there was none. */
  readonly base: DocumentText | null;
  /** It is the text of an earlier version: to be looked at and confirmed at once. */
  readonly isRestored: boolean;
}

interface Props {
  readonly place: Place;
  readonly draft: Draft;
  readonly begin: (text: string, base: DocumentText | null) => void;
  readonly end: (saved: boolean) => void;
}

const NONE: DocumentCheck['problems'] = [];

/** A document as it is written: tried out by the gateway, compared with what stands there, and saved with a reason. */
export function DocumentEditor({ place, draft, begin, end }: Props) {
  const t = useDocumentTexts();
  const client = useQueryClient();
  const text = useRef(draft.kept ?? draft.text);
  const [base, setBase] = useState(draft.base);
  const question = useUnsavedText(() => text.current !== draft.text, ['version'], {
    text: () => text.current,
    more: () => ({ text: draft.text, base }),
    // It may hold header values and passwords in addresses.
    isSensitive: place.kind === 'system',
  });
  const [newest, setNewest] = useState<DocumentText | null | undefined>(undefined);
  const [reviewed, setReviewed] = useState<DocumentCheck | null>(null);
  const check = useMutation({ mutationFn: () => checkText(place, text.current) });
  const review = () =>
    check.mutate(undefined, {
      onSuccess: (found) => found.problems.length === 0 && found.text !== base?.text && setReviewed(found),
    });
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(draft.isRestored ? review : null);
  useEffect(() => {
    heading.current?.focus();
    first.current?.();
    first.current = null;
  }, []);
  const onConflict = async () => {
    setReviewed(null);
    check.reset();
    await client.invalidateQueries({ queryKey: ['document-history'] });
    setNewest(await client.fetchQuery({ ...textQuery(place), staleTime: 0 }));
  };
  const write = (now: string) => {
    text.current = now;
    // What is wrong stays to be read while it is mended; that all is right holds for the text of then.
    if (check.data?.problems.length === 0) check.reset();
  };
  const keepMine = () => {
    setBase(newest ?? null);
    setNewest(undefined);
  };
  const problems = check.data?.problems ?? NONE;
  return (
    <section aria-labelledby="editing">
      <h2 id="editing" className="h5" ref={heading} tabIndex={-1}>
        {t('editing')}
      </h2>
      <p className="console-quiet">
        {t('editText')} {place.kind === 'system' && t('secrets')}
      </p>
      {draft.kept !== undefined && <KeptNote />}
      <EditedText draft={draft} problems={problems} onChange={write} />
      <EditorOrders
        isPending={check.isPending}
        check={() => check.mutate()}
        review={review}
        discard={() => end(false)}
      />
      {check.error && <ProblemNote error={check.error} />}
      <div role="status">{check.data && <DocumentProblems check={check.data} base={base} />}</div>
      {question}
      {newest !== undefined && (
        <DocumentConflict
          newest={newest}
          load={() => (newest ? begin(newest.text, newest) : end(false))}
          keepMine={keepMine}
        />
      )}
      {reviewed && (
        <SaveDialog
          place={place}
          base={base}
          check={reviewed}
          isRestored={draft.isRestored}
          onSaved={() => end(true)}
          onConflict={() => void onConflict()}
          onClose={() => setReviewed(null)}
        />
      )}
    </section>
  );
}

interface OrdersProps {
  readonly isPending: boolean;
  readonly check: () => void;
  readonly review: () => void;
  readonly discard: () => void;
}

function EditorOrders({ isPending, check, review, discard }: OrdersProps) {
  const t = useDocumentTexts();
  return (
    <div className="console-orders my-2">
      <button type="button" className="btn btn-xs btn-outline-primary" onClick={check} disabled={isPending}>
        {t('check')}
      </button>
      <button type="button" className="btn btn-xs btn-primary" onClick={review} disabled={isPending}>
        {t('save')}
      </button>
      <button type="button" className="btn btn-xs btn-outline-primary" onClick={discard}>
        {t('discard')}
      </button>
    </div>
  );
}

interface TextProps {
  readonly draft: Draft;
  readonly problems: DocumentCheck['problems'];
  readonly onChange: (text: string) => void;
}

function EditedText({ draft, problems, onChange }: TextProps) {
  const t = useDocumentTexts();
  const violations = useMemo(
    () =>
      problems.map(({ line, message, hint }) => ({
        ...{ path: '', rule: 'registry', found: null },
        ...{ line, message, expected: hint },
      })),
    [problems],
  );
  return (
    <Suspense fallback={<Loading />}>
      <CodeView
        label={t('editing')}
        text={draft.kept ?? draft.text}
        type="application/yaml"
        violations={violations}
        onChange={onChange}
      />
    </Suspense>
  );
}
