import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, hooks, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { useNumbers } from '../../i18n/numbers';
import { DataTable, type Column } from '../../parts/data-table';
import { ProblemNote } from '../../parts/problem-note';
import { useAlertTexts } from './alert-texts';
import { RuleDialog } from './rule-dialog';

type Rule = Schemas['AlertRule'];

/** What opens an incident; the platform's operator changes it here. */
export function Rules() {
  const t = useAlertTexts();
  const may = useMay()('alerts.rules');
  const [edited, setEdited] = useState<Rule | 'new' | null>(null);
  const { data, error } = hooks.useQuery('get', '/admin/alerts/rules');
  const columns = useRuleColumns(may ? setEdited : null);
  return (
    <section aria-labelledby="rules">
      <h2 id="rules" className="h5">
        {t('rules')}
      </h2>
      {error && <ProblemNote error={error} />}
      {may && (
        <div className="console-orders mb-2">
          <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => setEdited('new')}>
            {t('newRule')}
          </button>
          <ChannelTest />
        </div>
      )}
      {data && <DataTable caption={t('rules')} columns={columns} rows={data.items} rowId={({ id }) => id} />}
      {edited && <RuleDialog rule={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </section>
  );
}

function useRuleColumns(edit: ((rule: Rule) => void) | null): readonly Column<Rule>[] {
  const t = useAlertTexts();
  const { count } = useNumbers();
  return useMemo<readonly Column<Rule>[]>(
    () => [
      { id: 'rule', header: t('rule'), cell: ({ id, kind }) => `${t(`kind.${kind}`)} (${id})` },
      {
        id: 'threshold',
        header: t('threshold'),
        cell: ({ threshold, kind }) => `${count(threshold)} ${t(`unit.${kind}`)}`,
      },
      { id: 'window', header: t('window'), cell: ({ windowMinutes }) => t('minutes', { count: windowMinutes }) },
      { id: 'severity', header: t('severity'), cell: ({ severity }) => t(`severity.${severity}`) },
      { id: 'scope', header: t('scope'), cell: ({ participant }) => participant ?? t('all') },
      { id: 'enabled', header: t('enabled'), cell: ({ enabled }) => t(enabled ? 'yes' : 'no') },
      ...(edit
        ? [
            {
              id: 'actions',
              header: t('actions'),
              cell: (rule: Rule) => (
                <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => edit(rule)}>
                  {t('change')} <span className="visually-hidden">{rule.id}</span>
                </button>
              ),
            },
          ]
        : []),
    ],
    [t, count, edit],
  );
}

/** Sends a test notice, and tells what mail server and webhook said. */
function ChannelTest() {
  const t = useAlertTexts();
  const send = useMutation({ mutationFn: async () => (await api.POST('/admin/alerts/channels/test')).data!.channels });
  return (
    <>
      <button
        type="button"
        className="btn btn-xs btn-outline-primary"
        onClick={() => send.mutate()}
        disabled={send.isPending}
      >
        {t('testChannels')}
      </button>
      {send.error && <ProblemNote error={send.error} />}
      <span role="status">
        {send.data?.length === 0 && t('noChannels')}
        {send.data?.map(({ channel, error }) => `${channel}: ${error ?? t('taken')}`).join('; ')}
      </span>
    </>
  );
}
