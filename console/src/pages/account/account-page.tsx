import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client';
import { leave, useSession } from '../../api/session';
import { When } from '../../i18n/when';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { PasswordChange } from '../../session/must-change-password';
import { SecondFactor } from './second-factor';
import { useAccountTexts } from './account-texts';

/** Who the operator is for the gateway, and what it logs in with. */
export function Page() {
  const t = useAccountTexts();
  const [isChanged, setChanged] = useState(false);
  const isLocal = useSession()?.session?.method === 'password';
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <Facts />
      {!isLocal && <p>{t('issuer')}</p>}
      {isLocal && (
        <section aria-labelledby="password" className="console-narrow">
          <h2 id="password" className="h5">
            {t('password')}
          </h2>
          <p role="status">{isChanged && t('changed')}</p>
          <PasswordChange onDone={() => setChanged(true)} />
        </section>
      )}
      {isLocal && <SecondFactor />}
      <Sessions />
    </>
  );
}

function Facts() {
  const t = useAccountTexts();
  const { operator, session } = useSession()!;
  return (
    <dl className="console-facts">
      <div>
        <dt>{t('name')}</dt>
        <dd>{operator.name}</dd>
      </div>
      <div>
        <dt>{t('role')}</dt>
        <dd>
          <Link to={'/roles' as string}>{operator.role}</Link>
        </dd>
      </div>
      <div>
        <dt>{t('scope')}</dt>
        <dd>{operator.participants?.join(', ') ?? t('everywhere')}</dd>
      </div>
      <div>
        <dt>{t('since')}</dt>
        <dd>
          <When at={session?.createdAt} />
        </dd>
      </div>
      <div>
        <dt>{t('until')}</dt>
        <dd>
          <When at={session?.expiresAt} />
        </dd>
      </div>
    </dl>
  );
}

function Sessions() {
  const t = useAccountTexts();
  const end = useMutation({
    mutationFn: async () => {
      await api.DELETE('/admin/session/all');
      await leave().catch(() => null);
    },
  });
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions" className="h5">
        {t('sessions')}
      </h2>
      {end.error && <ProblemNote error={end.error} />}
      <button type="button" className="btn btn-sm btn-outline-danger" onClick={() => end.mutate()}>
        {t('everywhereOut')}
      </button>
    </section>
  );
}
