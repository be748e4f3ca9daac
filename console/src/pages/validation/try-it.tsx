import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState, type FormEvent } from 'react';
import { api, type Schemas } from '../../api/client';
import { FaultView } from '../../parts/fault-view';
import { Field } from '../../parts/field';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { KeptNote, useKeptText, useUnsavedText } from '../../parts/unsaved-text';
import { useValidationTexts } from './validation-texts';

const CodeView = lazy(() => import('../../parts/code-view'));

const TYPES = ['application/json', 'text/xml', 'application/soap+xml'] as const;

const HANGS_ON = ['service', 'version'];

interface Props {
  readonly service: string;
  readonly version: number;
}

/** Holds a message against a service version, drafts included; its errors appear at their lines. */
export function TryIt({ service, version }: Props) {
  const t = useValidationTexts();
  const kept = useKeptText(HANGS_ON);
  const [type, setType] = useState<string>((kept?.more as string | undefined) ?? TYPES[0]);
  const body = useRef(kept?.text ?? '');
  const question = useUnsavedText(() => body.current !== '', HANGS_ON, { text: () => body.current, more: () => type });
  const check = useMutation({
    mutationFn: async (parties: object) => {
      const params = { path: { id: service, version }, query: parties };
      const { data } = await api.POST('/admin/services/{id}/versions/{version}/validate', {
        params,
        headers: { 'content-type': type },
        body: body.current as never,
        bodySerializer: (text: unknown) => text as string,
      });
      return data!;
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = [...new FormData(event.currentTarget)].filter(([, value]) => String(value).trim() !== '');
    check.mutate(Object.fromEntries(form));
  };
  return (
    <form onSubmit={submit}>
      <p>
        <strong>{t('chosen', { key: `${service} v${version}` })}</strong>
      </p>
      <div className="console-filters">
        <label className="console-filter">
          {t('type')}
          <select className="form-select form-select-sm" value={type} onChange={(event) => setType(event.target.value)}>
            {TYPES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {(['consumer', 'provider', 'path'] as const).map((name) => (
          <Field key={name} name={name} label={t(name)} className="console-filter" />
        ))}
        <button type="submit" className="btn btn-xs btn-primary" disabled={check.isPending}>
          {t('check')}
        </button>
      </div>
      {kept && <KeptNote />}
      <Suspense fallback={<Loading />}>
        <CodeView
          label={t('message')}
          text={kept?.text ?? ''}
          type={type}
          violations={check.data?.faults.flatMap(({ violations }) => violations) ?? NONE}
          onChange={(text) => (body.current = text)}
        />
      </Suspense>
      {question}
      {check.error && <ProblemNote error={check.error} />}
      {check.data && <Verdict rehearsal={check.data} />}
    </form>
  );
}

const NONE: readonly Schemas['Violation'][] = [];

function Verdict({
  rehearsal: { wouldBe, operation, agreement, route, faults },
}: {
  readonly rehearsal: Schemas['Rehearsal'];
}) {
  const t = useValidationTexts();
  return (
    <div className="mt-3" data-verdict={wouldBe}>
      <p role="status">
        <strong>{t(wouldBe)}</strong>
      </p>
      <dl className="console-facts">
        <div>
          <dt>{t('operation')}</dt>
          <dd>{operation ?? '—'}</dd>
        </div>
        <div>
          <dt>{t('agreement')}</dt>
          <dd>{agreement ? `${agreement.id} (${agreement.status})` : '—'}</dd>
        </div>
        <div>
          <dt>{t('route')}</dt>
          <dd>
            {route
              .map(({ participant, system, channel }) => `${participant} · ${system} · ${channel ?? '—'}`)
              .join('; ') || t('noRoute')}
          </dd>
        </div>
      </dl>
      {faults.map((fault, n) => (
        <FaultView key={n} fault={fault} />
      ))}
    </div>
  );
}
