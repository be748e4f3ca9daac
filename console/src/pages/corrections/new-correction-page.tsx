import { useMutation } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, type FormEvent } from 'react';
import { api, type Schemas } from '../../api/client';
import { isJson } from '../../parts/media-types';
import { FaultView } from '../../parts/fault-view';
import { Field } from '../../parts/field';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { usePartTexts } from '../../parts/part-texts';
import { ProblemNote } from '../../parts/problem-note';
import { KeptNote, useKeptText, useUnsavedText } from '../../parts/unsaved-text';
import { useCorrectionTexts } from './correction-texts';

const CodeView = lazy(() => import('../../parts/code-view'));

/** Edits a copy of a message, and proposes it to another operator. */
export function Page() {
  const t = useCorrectionTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const open = useMutation({
    mutationFn: async () => {
      const { data } = await api.GET('/admin/messages/{id}/correction-draft', { params: { path: { id } } });
      const { layOut } = await import('../../parts/lay-out');
      const { text, type } = data!;
      // White space between elements of XML may mean something.
      return { type, text: isJson(type) ? layOut(text, type) : text };
    },
  });
  const kept = useKeptText();
  const { mutate: begin } = open;
  useEffect(() => {
    if (kept) begin();
  }, [kept, begin]);
  return (
    <>
      <PageTitle>{t('newTitle')}</PageTitle>
      <p>{t('newText')}</p>
      {open.error && <ProblemNote error={open.error} />}
      {open.data ? (
        <Editor id={id} draft={open.data} kept={kept?.text} />
      ) : (
        <button type="button" className="btn btn-sm btn-primary" onClick={() => begin()} disabled={open.isPending}>
          {t('begin')}
        </button>
      )}
    </>
  );
}

const NONE: readonly Schemas['Fault'][] = [];

interface EditorProps {
  readonly id: string;
  readonly draft: Schemas['CorrectionDraft'];
  /** What was made of it in a session that has ended. */
  readonly kept: string | undefined;
}

function Editor({ id, draft, kept }: EditorProps) {
  const t = useCorrectionTexts();
  const part = usePartTexts();
  const navigate = useNavigate();
  const text = useRef(kept ?? draft.text);
  const question = useUnsavedText(() => text.current !== draft.text, [], {
    text: () => text.current,
    isSensitive: true,
  });
  const propose = useMutation({
    mutationFn: async (order: { readonly reason: string; readonly receiver?: string }) => {
      const params = { path: { id } };
      return (await api.POST('/admin/messages/{id}/corrections', { params, body: { ...order, text: text.current } }))
        .data!;
    },
    onSuccess: async ({ correction }) => {
      const to = { to: '/corrections/$id' as string, params: { id: correction?.id } as never };
      // The gateway has the text now.
      if (correction) await navigate({ ...to, ignoreBlocker: true });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const receiver = String(form.get('receiver')).trim();
    propose.mutate({ reason: String(form.get('reason')).trim(), ...(receiver && { receiver }) });
  };
  const faults = propose.data?.faults ?? NONE;
  return (
    <form onSubmit={submit}>
      {kept !== undefined && <KeptNote />}
      <Suspense fallback={<Loading />}>
        <CodeView
          label={t('text')}
          text={kept ?? draft.text}
          type={draft.type}
          violations={faults.flatMap(({ violations }) => violations)}
          onChange={(now) => (text.current = now)}
        />
      </Suspense>
      <div className="mt-3">
        <Field name="receiver" label={t('receiverOf')} maxLength={64} />
        <Field
          name="reason"
          label={part('reason')}
          hint={part('reasonHint')}
          maxLength={500}
          pattern=".*\S.*"
          required
        />
        <button type="submit" className="btn btn-sm btn-primary" disabled={propose.isPending}>
          {t('propose')}
        </button>
      </div>
      {question}
      {propose.error && <ProblemNote error={propose.error} />}
      <div role="status">{faults.length > 0 && <p>{t('stands')}</p>}</div>
      {faults.map((fault, n) => (
        <FaultView key={n} fault={fault} />
      ))}
    </form>
  );
}
