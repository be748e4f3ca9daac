import { useMutation } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { api, hooks } from '../api/client';
import { enter } from '../api/session';
import { useLanguage } from '../i18n/texts';
import { Field } from '../parts/field';
import { PageTitle } from '../parts/page-title';
import { ProblemNote } from '../parts/problem-note';
import { useSessionTexts } from './session-texts';

export function LogInPage() {
  const t = useSessionTexts();
  const [language, change] = useLanguage();
  const { to } = useSearch({ strict: false }) as { to?: string };
  const { data: methods } = hooks.useQuery('get', '/admin/session/methods');
  return (
    <main className="console-alone">
      <PageTitle>{t('title')}</PageTitle>
      {methods?.oidc && (
        <a
          className="btn btn-primary w-100 mb-4"
          href={`/admin/session/oidc?to=${encodeURIComponent(returnTo(inside(to)))}`}
        >
          {t('oidc')}
        </a>
      )}
      {methods?.password !== false && <PasswordForm to={inside(to)} />}
      <button
        type="button"
        className="btn btn-xs btn-link mt-3"
        lang={language === 'it' ? 'en' : 'it'}
        onClick={() => change(language === 'it' ? 'en' : 'it')}
      >
        {t('otherLanguage')}
      </button>
    </main>
  );
}

/** An address within the console; nothing that leads elsewhere. */
const inside = (to: string | undefined): string => (to && /^\/(?![/\\]|login\b)/.test(to) ? to : '/');

/** The issuer's way back takes plain addresses only. */
const returnTo = (page: string): string =>
  /^[\w\-./]{0,200}(\?[\w\-.~=&%+]{0,300})?$/.test(page) ? `/console${page}` : '/console/';

function PasswordForm({ to }: { readonly to: string }) {
  const t = useSessionTexts();
  const navigate = useNavigate();
  const router = useRouter();
  const logIn = useMutation({
    mutationFn: async (body: { operator: string; password: string; code?: string }) =>
      enter((await api.POST('/admin/session', { body })).data!),
    onSuccess: async () => {
      await router.invalidate();
      await navigate({ href: `/console${to}`, replace: true });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const code = text('code');
    logIn.mutate({ operator: text('operator'), password: String(form.get('password')), ...(code && { code }) });
  };
  return (
    <form onSubmit={submit}>
      {logIn.isError && <ProblemNote error={logIn.error} />}
      <Field name="operator" label={t('operator')} autoComplete="username" required />
      <Field name="password" label={t('password')} type="password" autoComplete="current-password" required />
      <Field name="code" label={t('code')} hint={t('codeHint')} autoComplete="one-time-code" inputMode="numeric" />
      <button type="submit" className="btn btn-primary w-100" disabled={logIn.isPending}>
        {t('logIn')}
      </button>
    </form>
  );
}
