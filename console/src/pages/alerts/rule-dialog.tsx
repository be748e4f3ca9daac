import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, hooks, type Schemas } from '../../api/client';
import { Dialog } from '../../parts/dialog';
import { Field } from '../../parts/field';
import { ProblemNote } from '../../parts/problem-note';
import { useAlertTexts } from './alert-texts';

type Rule = Schemas['AlertRule'];
type Body = Schemas['AlertRuleBody'];

const KINDS = [
  'error-rate',
  'latency',
  'queue-age',
  'queue-depth',
  'silence',
  'breaker',
  'certificate',
  'disk',
  'backup',
] as const;
const SEVERITIES = ['warning', 'critical'] as const;

interface Props {
  /** Null: a new one. */
  readonly rule: Rule | null;
  readonly onClose: () => void;
}

/** Writes a rule, or takes back what was written: one that was delivered is then as it was delivered. */
export function RuleDialog({ rule, onClose }: Props) {
  const t = useAlertTexts();
  const client = useQueryClient();
  const onSuccess = async () => {
    await client.invalidateQueries({ queryKey: hooks.queryOptions('get', '/admin/alerts/rules').queryKey });
    onClose();
  };
  const put = useMutation({
    mutationFn: ({ id, body }: { id: string; body: Body }) =>
      api.PUT('/admin/alerts/rules/{id}', { params: { path: { id } }, body }),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE('/admin/alerts/rules/{id}', { params: { path: { id } } }),
    onSuccess,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    put.mutate(ruleIn(new FormData(event.currentTarget), rule));
  };
  const error = put.error ?? remove.error;
  return (
    <Dialog title={rule ? t('changeTitle', { id: rule.id }) : t('newRule')} onClose={onClose}>
      {error && <ProblemNote error={error} />}
      <form onSubmit={submit}>
        <RuleFields rule={rule} />
        <div className="d-flex gap-2">
          <button type="submit" className="btn btn-sm btn-primary" disabled={put.isPending}>
            {t('save')}
          </button>
          {rule && !rule.isDefault && (
            <button type="button" className="btn btn-sm btn-outline-primary" onClick={() => remove.mutate(rule.id)}>
              {t('takeBack')}
            </button>
          )}
          <button type="button" className="btn btn-sm btn-outline-primary" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** As it would be made anew. */
const NEW = { kind: 'error-rate', windowMinutes: 15, severity: 'warning', participant: null, enabled: true } as const;

function RuleFields({ rule }: Pick<Props, 'rule'>) {
  const t = useAlertTexts();
  const { kind, windowMinutes, severity, participant, enabled } = rule ?? NEW;
  return (
    <>
      {!rule && (
        <Field
          name="id"
          label={t('ruleId')}
          hint={t('ruleIdHint')}
          pattern="[a-z0-9][a-z0-9\-]*"
          maxLength={64}
          required
        />
      )}
      <Choice
        name="kind"
        value={kind}
        choices={KINDS.map((one) => [one, `${t(`kind.${one}`)} (${t(`unit.${one}`)})`])}
      />
      <Field
        name="threshold"
        label={t('threshold')}
        type="number"
        min={0}
        step="any"
        defaultValue={rule?.threshold}
        required
      />
      <Field
        name="windowMinutes"
        label={t('window')}
        type="number"
        min={1}
        max={1440}
        defaultValue={windowMinutes}
        required
      />
      <Choice name="severity" value={severity} choices={SEVERITIES.map((one) => [one, t(`severity.${one}`)])} />
      <Field name="participant" label={t('onlyBody')} defaultValue={participant ?? ''} maxLength={64} />
      <label className="d-block mb-3">
        <input type="checkbox" name="enabled" defaultChecked={enabled} /> {t('enabled')}
      </label>
    </>
  );
}

function ruleIn(form: FormData, rule: Rule | null): { id: string; body: Body } {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  return {
    id: rule?.id ?? text('id'),
    body: {
      kind: text('kind') as Body['kind'],
      enabled: form.has('enabled'),
      severity: text('severity') as Body['severity'],
      threshold: Number(text('threshold')),
      windowMinutes: Number(text('windowMinutes')),
      participant: text('participant') || null,
    },
  };
}

interface ChoiceProps {
  readonly name: 'kind' | 'severity';
  readonly value: string;
  readonly choices: readonly (readonly [string, string])[];
}

function Choice({ name, value, choices }: ChoiceProps) {
  const t = useAlertTexts();
  return (
    <label className="d-block mb-3">
      {t(name === 'kind' ? 'rule' : 'severity')}
      <select className="form-select form-select-sm" name={name} defaultValue={value}>
        {choices.map(([one, shown]) => (
          <option key={one} value={one}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}
