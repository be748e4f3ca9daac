import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, hooks, type Schemas } from '../../api/client';
import { useLiveRefresh } from '../../live/use-live';
import { FaultView } from '../../parts/fault-view';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { useUnsavedText } from '../../parts/unsaved-text';
import { Timeline } from '../message/timeline';
import { Choice } from './choice';
import type { StepProps } from './onboarding-page';
import { useOnboardingTexts } from './onboarding-texts';
import { useDocument, type SystemDocument } from './registry-documents';
import { agreeWithItself } from './services-step';
import { StepFoot } from './step-foot';
import { createWritten } from './written';

const CodeView = lazy(() => import('../../parts/code-view'));
const NONE: readonly Schemas['Violation'][] = [];

/** Sends a message to the new system in its own name, and follows it until it has arrived. */
export function TestStep({ participant, system, go }: StepProps) {
  const t = useOnboardingTexts();
  const [{ message }, change] = useSearchState();
  const known = useDocument<SystemDocument>('system', system);
  if (known.isPending) return <Loading />;
  const provides = known.data?.provides ?? [];
  return (
    <>
      <p>{t('testText')}</p>
      {provides.length === 0 && <p>{t('noOffer')}</p>}
      {provides.length > 0 && (
        <TestForm
          participant={participant}
          system={system}
          provides={provides}
          sent={(id) => change({ message: id })}
        />
      )}
      {message && <Arrival id={message} />}
      <StepFoot onBack={() => go('services')}>
        <Link to={`/participants/${participant}` as string} className="btn btn-sm btn-primary">
          {t('finish')}
        </Link>
      </StepFoot>
    </>
  );
}

interface FormProps extends Pick<StepProps, 'participant' | 'system'> {
  readonly provides: NonNullable<SystemDocument['provides']>;
  readonly sent: (id: string) => void;
}

function TestForm({ participant, system, provides, sent }: FormProps) {
  const t = useOnboardingTexts();
  const [key, setKey] = useState(() => nameOf(provides[0]!));
  const chosen = provides.find((one) => nameOf(one) === key) ?? provides[0]!;
  const query = { consumer: participant, provider: participant };
  const path = { id: chosen.service, version: chosen.version };
  const example = hooks.useQuery('get', '/admin/services/{id}/versions/{version}/example', {
    params: { path, query },
  });
  const [written] = useState(createWritten);
  // As it was when the service was chosen: the editor is not made anew with each letter.
  const [kept, setKept] = useState<string>();
  const question = useUnsavedText(written.hasUnsent, ['step', 'participant', 'system']);
  const test = useMutation({
    mutationFn: async (text: string) => {
      await agreeWithItself(chosen, participant);
      return send(system, chosen, text);
    },
    onSuccess: ({ id }, text) => {
      if (id === null) return;
      written.wasSent(key, text);
      sent(id);
    },
  });
  const choose = (next: string) => {
    // What was found in the one is not in the other.
    test.reset();
    setKept(written.of(next));
    setKey(next);
  };
  return (
    <>
      <Choice
        name="service"
        label={t('testService')}
        choices={provides.map((one) => [nameOf(one), nameOf(one)])}
        value={key}
        onChange={choose}
      />
      {example.error && <ProblemNote error={example.error} />}
      {example.data && (
        <Editor
          key={key}
          example={example.data.body}
          kept={kept}
          violations={violationsIn(test.data)}
          onChange={(text) => written.write(key, text)}
        />
      )}
      <button
        type="button"
        className="btn btn-sm btn-primary mt-3"
        disabled={test.isPending || !example.data}
        onClick={() => test.mutate(written.of(key) ?? example.data?.body ?? '')}
      >
        {t('send')}
      </button>
      {question}
      {test.error && <ProblemNote error={test.error} />}
      {test.data && <Refused told={test.data} />}
    </>
  );
}

interface EditorProps {
  /** Null: no example can be made. */
  readonly example: string | null;
  /** What was written in its place before. */
  readonly kept: string | undefined;
  readonly violations: readonly Schemas['Violation'][];
  readonly onChange: (text: string) => void;
}

function Editor({ example, kept, ...rest }: EditorProps) {
  const t = useOnboardingTexts();
  return (
    <>
      {example === null && <p>{t('noExample')}</p>}
      <Suspense fallback={<Loading />}>
        <CodeView
          label={t('example')}
          text={kept ?? example ?? ''}
          type={example === null ? 'text/xml' : 'application/json'}
          {...rest}
        />
      </Suspense>
    </>
  );
}

/** Why it was not sent; nothing where it was. */
function Refused({ told: { id, faults, answer } }: { readonly told: Schemas['TestMessage'] }) {
  return (
    <>
      {faults.map((fault, n) => (
        <FaultView key={n} fault={fault} />
      ))}
      {id === null && answer !== '' && <pre className="console-answer">{answer}</pre>}
    </>
  );
}

const violationsIn = (told: Schemas['TestMessage'] | undefined) =>
  told?.faults.flatMap(({ violations }) => violations) ?? NONE;

const nameOf = ({ service, version }: { readonly service: string; readonly version: number }) =>
  `${service} v${version}`;

async function send(
  system: string,
  { service, version }: { readonly service: string; readonly version: number },
  body: string,
) {
  const params = { path: { id: system }, query: { service, version } };
  const { data } = await api.POST('/admin/systems/{id}/test-messages', {
    params,
    headers: { 'content-type': body.trimStart().startsWith('<') ? 'text/xml' : 'application/json' },
    body: body as never,
    bodySerializer: (text: unknown) => text as string,
  });
  return data!;
}

/** Where the test stands, live. */
function Arrival({ id }: { readonly id: string }) {
  const t = useOnboardingTexts();
  const params = { params: { path: { id } } };
  const { data, error } = hooks.useQuery('get', '/admin/messages/{id}', params, {
    refetchInterval: ({ state }) => (hasEnded(state.data) ? false : 2_000),
  });
  useLiveRefresh(['get', '/admin/messages/{id}', params], ({ messageId }) => messageId === id);
  const state = data?.deliveries[0]?.state;
  const said = state === 'DELIVERED' || state === 'AVAILABLE' ? 'arrived' : hasEnded(data) ? 'failedText' : 'onItsWay';
  return (
    <div className="mt-3" data-arrival={said}>
      <p role="status">
        {t('sent', { id })} <strong>{t(said)}</strong> {state === 'AVAILABLE' && t('inBox')}
      </p>
      {error && <ProblemNote error={error} />}
      <p>
        <Link to={`/messages/${id}` as string}>{t('openMessage')}</Link>
      </p>
      <Timeline id={id} />
    </div>
  );
}

const hasEnded = (data: Schemas['MessageDetail'] | undefined) =>
  ['DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED'].includes(data?.deliveries[0]?.state ?? '');
