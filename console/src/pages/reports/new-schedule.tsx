import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, type FormEvent } from 'react';
import { api, type Schemas } from '../../api/client';
import { Dialog } from '../../parts/dialog';
import { Field } from '../../parts/field';
import { ProblemNote } from '../../parts/problem-note';
import { useReportTexts } from './report-texts';
import { useScheduleTexts } from './schedule-texts';

type Order = Schemas['ReportScheduleBody'];

const EVERY = ['month', 'week', 'day'] as const;
const FORMATS = ['xlsx', 'csv', 'pdf'] as const;

interface Props extends Pick<Order, 'kind' | 'by'> {
  readonly onClose: () => void;
}

/** Has the report that is looked at sent by mail, after saying what that means. */
export function NewSchedule({ kind, by, onClose }: Props) {
  const t = useScheduleTexts();
  const told = useReportTexts();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: (body: Order) => api.POST('/admin/report-schedules', { body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['get', '/admin/report-schedules'] });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const to = String(form.get('to'))
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
    add.mutate({
      kind,
      by,
      every: form.get('every') as Order['every'],
      format: form.get('format') as Order['format'],
      to,
    });
  };
  return (
    <Dialog title={t('newTitle')} onClose={onClose}>
      <p>{t('newText')}</p>
      <p>
        <strong>
          {told(`kind.${kind}`)}, {told(`by.${by}`)}
        </strong>
      </p>
      {add.error && <ProblemNote error={add.error} />}
      <form onSubmit={submit}>
        <Choice name="every" label={t('every')} choices={EVERY.map((one) => [one, t(`every.${one}`)])} />
        <Choice name="format" label={t('format')} choices={FORMATS.map((one) => [one, one.toUpperCase()])} />
        <Field name="to" label={t('to')} hint={t('toHint')} required maxLength={2_000} />
        <div className="d-flex gap-2">
          <button type="submit" className="btn btn-sm btn-primary" disabled={add.isPending}>
            {t('add')}
          </button>
          <button type="button" className="btn btn-sm btn-outline-primary" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
}

function Choice({ name, label, choices }: ChoiceProps) {
  const id = useId();
  return (
    <div className="console-field mb-3">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="form-select">
        {choices.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
