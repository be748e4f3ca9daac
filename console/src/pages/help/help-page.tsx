import { Link } from '@tanstack/react-router';
import { PAGES } from '..';
import { hooks } from '../../api/client';
import { useMay } from '../../api/session';
import { PageTitle } from '../../parts/page-title';
import { useMenuTexts } from '../../shell/menu-texts';
import { useHelpTexts } from './help-texts';

/** From the empty gateway to the first message, and what each page is for. */
export function Page() {
  const t = useHelpTexts();
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FirstSteps />
      <Pages />
    </>
  );
}

type Kind = 'system' | 'service' | 'agreement';

/** True where the operator has one in its scope; null: not known yet. */
function useHas(kind: Kind): boolean | null {
  const isAllowed = useMay()('registry.read');
  const params = { params: { query: { kind, limit: 1 } } };
  const { data } = hooks.useQuery('get', '/admin/registry/documents', params, { enabled: isAllowed });
  return data ? data.items.length > 0 : null;
}

function useHasMessage(): boolean | null {
  const isAllowed = useMay()('messages.read');
  const params = { params: { query: { limit: 1 } } };
  const { data } = hooks.useQuery('get', '/admin/messages', params, { enabled: isAllowed });
  return data ? data.items.length > 0 : null;
}

function FirstSteps() {
  const t = useHelpTexts();
  const steps = [
    { key: 'account', to: '/account', state: null },
    { key: 'system', to: '/onboarding', state: useHas('system') },
    { key: 'service', to: '/services', state: useHas('service') },
    { key: 'agreement', to: '/agreements', state: useHas('agreement') },
    { key: 'message', to: '/onboarding', state: useHasMessage() },
    { key: 'alerts', to: '/alerts', state: null },
  ] as const;
  return (
    <section aria-labelledby="first-steps">
      <h2 id="first-steps" className="h5">
        {t('steps')}
      </h2>
      <p>{t('stepsText')}</p>
      <ol>
        {steps.map(({ key, to, state }) => (
          <li key={key} className="mb-3" data-step={key} data-done={String(state)}>
            <Link to={to as string}>{t(`step.${key}`)}</Link>{' '}
            <small>({state === null ? t('always') : t(state ? 'done' : 'open')})</small>
            <br />
            {t(`step.${key}.text`)}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Pages() {
  const t = useHelpTexts();
  const name = useMenuTexts();
  const may = useMay();
  const offered = PAGES.filter(({ menu, needs }) => menu && menu !== 'help' && (!needs || may(needs)));
  return (
    <section aria-labelledby="pages">
      <h2 id="pages" className="h5">
        {t('pages')}
      </h2>
      <dl>
        {offered.map(({ path, menu }) => (
          <div key={path} className="mb-2">
            <dt>
              <Link to={path as string}>{name(menu as never)}</Link>
            </dt>
            <dd>{t(`about.${menu}` as never)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
