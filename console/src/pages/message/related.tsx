import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { When } from '../../i18n/when';
import { Field } from '../../parts/field';
import { ProblemNote } from '../../parts/problem-note';
import { StateBadge } from '../../parts/state-badge';
import { MessageLink } from '../messages/message-columns';
import { useMessageDetailTexts } from './message-texts';

type Detail = Schemas['MessageDetail'];

/** The question and its answer, what shares a correlation id, what was made of it. */
export function Related({ message: { related } }: { readonly message: Detail }) {
  const t = useMessageDetailTexts();
  if (related.length === 0) return null;
  return (
    <section aria-labelledby="related">
      <h2 id="related" className="h5">
        {t('related')}
      </h2>
      <ul>
        {related.map((one) => (
          <li key={one.id}>
            {t(`relation.${one.relation}`)}: <MessageLink id={one.id} shown={one.messageId ?? one.id} /> · {one.sender}{' '}
            · {one.service} · <When at={one.acceptedAt} /> <StateBadge state={one.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What operators have noted on a message. */
export function Notes({ message: { id, notes } }: { readonly message: Detail }) {
  const t = useMessageDetailTexts();
  const may = useMay();
  const client = useQueryClient();
  const write = useMutation({
    mutationFn: (note: string) => api.POST('/admin/messages/{id}/notes', { params: { path: { id } }, body: { note } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['get', '/admin/messages/{id}'] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    write.mutate(String(new FormData(event.currentTarget).get('note')).trim());
    event.currentTarget.reset();
  };
  return (
    <section aria-labelledby="notes" className="console-narrow">
      <h2 id="notes" className="h5">
        {t('notes')}
      </h2>
      <ul>
        {notes.map(({ at, operator, note }, n) => (
          <li key={n}>
            <When at={at} /> · {operator} · {note}
          </li>
        ))}
      </ul>
      {write.error && <ProblemNote error={write.error} />}
      {may('messages.note') && (
        <form onSubmit={submit}>
          <Field name="note" label={t('note')} maxLength={500} pattern=".*\S.*" required />
          <button type="submit" className="btn btn-xs btn-primary" disabled={write.isPending}>
            {t('addNote')}
          </button>
        </form>
      )}
    </section>
  );
}

/** Who has looked at the content; only for operators who may read the audit. */
export function Views({ message: { views } }: { readonly message: Detail }) {
  const t = useMessageDetailTexts();
  if (!views) return null;
  return (
    <section aria-labelledby="views">
      <h2 id="views" className="h5">
        {t('views')}
      </h2>
      {views.length === 0 && <p>{t('noViews')}</p>}
      <ul>
        {views.map(({ at, operator, address }, n) => (
          <li key={n}>
            <When at={at} /> · {operator} · {address}
          </li>
        ))}
      </ul>
    </section>
  );
}
