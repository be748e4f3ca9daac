import { useState, type FormEvent } from 'react';
import { useMutation } from '@tanstack/react-query';
import { api } from '../api/client';
import { enter, useSession } from '../api/session';
import { Field } from '../parts/field';
import { PageTitle } from '../parts/page-title';
import { ProblemNote } from '../parts/problem-note';
import { useSessionTexts } from './session-texts';

/** As src/login/password.ts has it; the gateway decides. */
const LENGTH = { least: 15, most: 128, withSecond: 8 };

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
  const hasSecondFactor = useSession()?.session?.secondFactor ?? false;
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
  const least = hasSecondFactor ? LENGTH.withSecond : LENGTH.least;
  const fresh = { type: 'password', autoComplete: 'new-password', minLength: least, required: true };
  return (
    <form onSubmit={submit}>
      {change.isError && <ProblemNote error={change.error} />}
      {differs && <p role="alert">{t('different')}</p>}
      <Field name="password" label={t('current')} type="password" autoComplete="current-password" required />
      <Field name="next" label={t('next')} hint={t('nextHint', LENGTH)} {...fresh} />
      <Field name="repeat" label={t('repeat')} {...fresh} />
      <Field name="code" label={t('code')} hint={t('codeHint')} autoComplete="one-time-code" />
      <button type="submit" className="btn btn-primary" disabled={change.isPending}>
        {t('save')}
      </button>
    </form>
  );
}
