import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { PAGES } from '../index';
import { useSituationTexts } from './situation-texts';

type Attention = Schemas['Attention'];

const SIGNS = { critical: ['danger', '✕'], warning: ['warning', '!'], info: ['primary', 'i'] } as const;

export function AttentionList({ items }: { readonly items: readonly Attention[] }) {
  const t = useSituationTexts();
  return (
    <section aria-labelledby="attention">
      <h2 id="attention" className="h5">
        {t('attention')}
      </h2>
      {items.length === 0 && <p>{t('nothing')}</p>}
      <ul className="console-attention">
        {items.map((item, n) => (
          <Item key={n} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Item({ item }: { readonly item: Attention }) {
  const t = useSituationTexts();
  const { count } = useNumbers();
  const [colour, sign] = SIGNS[item.severity];
  const to = `/${item.link.page}`;
  return (
    <li data-kind={item.kind}>
      <span className={`console-state console-state-${colour}`}>
        <span aria-hidden="true">{sign}</span> {t(`severity.${item.severity}`)}
      </span>
      <span>
        <strong>{t(`kind.${item.kind}`)}</strong> · {item.system ?? item.entity ?? t('gateway')}
        {item.about && (
          <>
            {' '}
            · <code>{item.about}</code>
          </>
        )}
      </span>
      <span>{count(item.count)}</span>
      <span>
        {item.since && (
          <>
            {t('since')} <When at={item.since} ago />
          </>
        )}
      </span>
      {PAGES.some(({ path }) => path === to) && (
        <Link to={to as string} search={item.link.filter as never}>
          {t('open')}
          <span className="visually-hidden">
            : {t(`kind.${item.kind}`)} {item.system ?? item.entity}
          </span>
        </Link>
      )}
    </li>
  );
}
