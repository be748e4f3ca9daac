import { useMutation } from '@tanstack/react-query';
import qrcode from 'qrcode-generator';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { enter, useSession } from '../../api/session';
import { Field } from '../../parts/field';
import { ProblemNote } from '../../parts/problem-note';
import { useAccountTexts } from './account-texts';

const valueOf = (event: FormEvent<HTMLFormElement>, name: string): string => {
  event.preventDefault();
  return String(new FormData(event.currentTarget).get(name) ?? '');
};

/** The codes of an authenticator app (RFC 6238): whether they are asked for, and the way to the other; both ask for the password. */
export function SecondFactor() {
  const t = useAccountTexts();
  const isOn = useSession()?.session?.secondFactor ?? false;
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  return (
    <section aria-labelledby="second" className="console-narrow">
      <h2 id="second" className="h5">
        {t('second')}
      </h2>
      <p>{t('secondText')}</p>
      <p role="status" data-second-factor={isOn ? 'on' : 'off'}>
        {t(isOn ? 'isOn' : 'isOff')}
      </p>
      {codes && <RecoveryCodes codes={codes} />}
      {isOn ? <Removal onRemoved={() => setCodes(null)} /> : <SetUp onCodes={setCodes} />}
    </section>
  );
}

function SetUp({ onCodes }: Pick<ConfirmationProps, 'onCodes'>) {
  const t = useAccountTexts();
  const begin = useMutation({
    mutationFn: async (password: string) =>
      (await api.POST('/admin/session/second-factor', { body: { password } })).data!,
  });
  return (
    <>
      {begin.error && <ProblemNote error={begin.error} />}
      {!begin.data && (
        <form onSubmit={(event) => begin.mutate(valueOf(event, 'password'))}>
          <Field name="password" label={t('current')} type="password" autoComplete="current-password" required />
          <button type="submit" className="btn btn-sm btn-primary">
            {t('setUp')}
          </button>
        </form>
      )}
      {begin.data && <Confirmation {...begin.data} onCodes={onCodes} />}
    </>
  );
}

interface ConfirmationProps {
  readonly secret: string;
  readonly uri: string;
  readonly onCodes: (codes: readonly string[]) => void;
}

function Confirmation({ secret, uri, onCodes }: ConfirmationProps) {
  const t = useAccountTexts();
  const confirm = useMutation({
    mutationFn: async (code: string) =>
      (await api.POST('/admin/session/second-factor/confirmation', { body: { code } })).data!,
    onSuccess: ({ recoveryCodes, ...session }) => {
      onCodes(recoveryCodes);
      enter(session);
    },
  });
  return (
    <form onSubmit={(event) => confirm.mutate(valueOf(event, 'code'))}>
      {confirm.error && <ProblemNote error={confirm.error} />}
      <p>{t('scan')}</p>
      <QrCode text={uri} />
      <p>
        {t('secret')}: <code>{secret}</code>
      </p>
      <Field name="code" label={t('code')} inputMode="numeric" autoComplete="one-time-code" required />
      <button type="submit" className="btn btn-sm btn-primary">
        {t('confirm')}
      </button>
    </form>
  );
}

function QrCode({ text }: { readonly text: string }) {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const dark = [...Array(size * size).keys()].filter((n) => code.isDark(Math.floor(n / size), n % size));
  const path = dark.map((n) => `M${n % size} ${Math.floor(n / size)}h1v1h-1z`).join('');
  return (
    <svg viewBox={`-2 -2 ${size + 4} ${size + 4}`} width="200" height="200" role="img" aria-label="QR">
      <rect x="-2" y="-2" width={size + 4} height={size + 4} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  const t = useAccountTexts();
  return (
    <div role="status">
      <p>{t('recovery')}</p>
      <ul>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Removal({ onRemoved }: { readonly onRemoved: () => void }) {
  const t = useAccountTexts();
  const remove = useMutation({
    mutationFn: async (body: { password: string; code: string }) =>
      enter((await api.POST('/admin/session/second-factor/removal', { body })).data!),
    onSuccess: onRemoved,
  });
  const submit = (event: FormEvent<HTMLFormElement>) =>
    remove.mutate({ password: valueOf(event, 'password'), code: valueOf(event, 'code') });
  return (
    <form className="mt-4" onSubmit={submit}>
      {remove.error && <ProblemNote error={remove.error} />}
      <Field name="password" label={t('current')} type="password" autoComplete="current-password" required />
      <Field name="code" label={t('code')} autoComplete="one-time-code" required />
      <button type="submit" className="btn btn-sm btn-outline-danger">
        {t('remove')}
      </button>
    </form>
  );
}
