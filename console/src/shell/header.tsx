import { Link, useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { leave, useMay, useSession } from '../api/session';
import { useLanguage } from '../i18n/texts';
import { LiveSwitch } from '../live/live-switch';
import { useShellTexts } from './shell-texts';

export function Header() {
  const t = useShellTexts();
  return (
    <header className="console-header">
      <Link to={'/' as string} className="console-brand">
        <img src="/console/icon.svg" alt="" width="32" height="32" />
        <span>
          <strong>Crocevia</strong> <small>{t('region')}</small>
        </span>
      </Link>
      <SearchBox />
      <LiveSwitch />
      <Operator />
    </header>
  );
}

function SearchBox() {
  const t = useShellTexts();
  const may = useMay();
  const navigate = useNavigate();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const q = String(new FormData(event.currentTarget).get('q') ?? '').trim();
    if (q) void navigate({ to: '/messages' as string, search: { q } as never });
  };
  if (!may('messages.read')) return null;
  return (
    <form role="search" className="console-search" onSubmit={submit}>
      <label htmlFor="find-message" className="visually-hidden">
        {t('search')}
      </label>
      <input id="find-message" name="q" type="search" placeholder={t('searchHint')} maxLength={200} />
      <button type="submit" className="btn btn-sm btn-outline-light">
        {t('find')}
      </button>
    </form>
  );
}

function Operator() {
  const t = useShellTexts();
  const session = useSession();
  const [language, change] = useLanguage();
  const logOut = async () => {
    const elsewhere = await leave();
    if (elsewhere) window.location.assign(elsewhere);
  };
  return (
    <div className="console-operator">
      <Link to={'/account' as string}>
        <span className="visually-hidden">{t('account')}: </span>
        {session?.operator.name}
      </Link>
      <button
        type="button"
        className="btn btn-xs btn-link"
        lang={language === 'it' ? 'en' : 'it'}
        onClick={() => change(language === 'it' ? 'en' : 'it')}
      >
        {t('otherLanguage')}
      </button>
      <button type="button" className="btn btn-xs btn-outline-light" onClick={() => void logOut()}>
        {t('logOut')}
      </button>
    </div>
  );
}
