import { useState, type FormEvent } from 'react';
import { useMutation } from '@tanstack/react-query';
import { api } from '../api/client';
import { enter } from '../api/session';
import { Field } from '../parts/field';
import { PageTitle } from '../parts/page-title';
import { ProblemNote } from '../parts/problem-note';
import { useSessionTexts } from './session-texts';

/** Instead of every page, until the first password has been changed. */
export function MustChangePassword() {
  const t = useSessionTexts();
  return (
    <main className="console-alone">
      <PageTitle>{t('mustChange')}</PageTitle>
      <p>{t('mustChangeText')}</p>
      <PasswordChange />
    </main>
  );
}

export function PasswordChange({ onDone }: { readonly onDone?: () => void }) {
  const t = useSessionTexts();
  const [differs, setDiffers] = useState(false);
  const change = useMutation({
    mutationFn: async (body: { password: string; newPassword: string; code?: string }) =>
      enter((await api.PUT('/admin/session/password', { body })).data!),
    ...(onDone && { onSuccess: onDone }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [password, newPassword, repeat, code] = ['password', 'next', 'repeat', 'code'].map((name) =>
      String(form.get(name) ?? ''),
    ) as [string, string, string, string];
    setDiffers(newPassword !== repeat);
    if (newPassword === repeat) change.mutate({ password, newPassword, ...(code && { code }) });
  };
  return (
    <form onSubmit={submit}>
      {change.isError && <ProblemNote error={change.error} />}
      {differs && <p role="alert">{t('different')}</p>}
      <Field name="password" label={t('current')} type="password" autoComplete="current-password" required />
      <Field name="next" label={t('next')} type="password" autoComplete="new-password" minLength={12} required />
      <Field name="repeat" label={t('repeat')} type="password" autoComplete="new-password" minLength={12} required />
      <Field name="code" label={t('code')} hint={t('codeHint')} autoComplete="one-time-code" />
      <button type="submit" className="btn btn-primary" disabled={change.isPending}>
        {t('save')}
      </button>
    </form>
  );
}
