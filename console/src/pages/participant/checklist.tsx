import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { hooks } from '../../api/client';
import { agreementsQuery, type BodyDocument, type SystemDocument } from '../onboarding/registry-documents';
import { useParticipantPageTexts } from './participant-texts';

interface Props {
  readonly body: BodyDocument;
  readonly systems: readonly SystemDocument[];
}

/** How far the onboarding is: read from the registry and the ledger, never ticked by hand. */
export function Checklist({ body: { id }, systems }: Props) {
  const t = useParticipantPageTexts();
  const { data: agreements } = useQuery(agreementsQuery(id));
  const query = { sender: id, receiver: id, limit: 100 };
  const { data: sent } = hooks.useQuery('get', '/admin/messages', { params: { query: query as never } });
  const isWith = systems.find(({ credentials = [] }) => credentials.length > 0);
  const hasAgreement = agreements?.some(
    (one) => (one.status ?? 'active') === 'active' && one.provider !== one.consumer,
  );
  const hasArrived = sent?.items.some(
    ({ isTest, deliveries }) => isTest && ['DELIVERED', 'AVAILABLE'].includes(deliveries[0]?.state ?? ''),
  );
  const steps = [
    ['body', true],
    ['system', systems.length > 0],
    ['credential', isWith !== undefined],
    ['services', hasAgreement === true],
    ['test', hasArrived === true],
  ] as const;
  const system = (isWith ?? systems[0])?.id ?? '';
  return (
    <section aria-labelledby="checklist">
      <h2 id="checklist" className="h5">
        {t('checklist')}
      </h2>
      <ol>
        {steps.map(([step, isDone]) => (
          <li key={step} data-step={step} data-done={isDone}>
            {t(`todo.${step}`)}: <strong>{t(isDone ? 'isDone' : 'isOpen')}</strong>{' '}
            {!isDone && (
              <Link to={'/onboarding' as string} search={{ step, participant: id, system } as never}>
                {t('goOn')}
                <span className="visually-hidden">: {t(`todo.${step}`)}</span>
              </Link>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
