import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { api, type Schemas } from '../../api/client';
import { Dialog } from '../../parts/dialog';
import { Field } from '../../parts/field';
import { ProblemNote } from '../../parts/problem-note';
import { usePartTexts } from '../../parts/part-texts';
import { Changes } from './changes';
import { useServiceTexts } from './service-texts';

/** Takes the files of an interface as a draft, and tells what was found in them. */
export function UploadDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useServiceTexts();
  const client = useQueryClient();
  const upload = useMutation({
    mutationFn: publish,
    onSuccess: () => client.invalidateQueries({ queryKey: ['services'] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    upload.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog title={t('upload')} onClose={onClose} wide>
      {upload.data ? (
        <Uploaded publication={upload.data} />
      ) : (
        <UploadForm submit={submit} isPending={upload.isPending} />
      )}
      {upload.error && <ProblemNote error={upload.error} />}
    </Dialog>
  );
}

async function publish(form: FormData): Promise<Schemas['Publication']> {
  const { bundle, ...texts } = Object.fromEntries(form);
  const query = Object.fromEntries(Object.entries(texts).filter(([, value]) => String(value).trim() !== ''));
  const { data } = await api.POST('/admin/services', {
    params: { query: query as never },
    headers: { 'content-type': 'application/zip' },
    body: bundle as never,
    bodySerializer: (file: unknown) => file as Blob,
  });
  return data!;
}

interface FormProps {
  readonly submit: (event: FormEvent<HTMLFormElement>) => void;
  readonly isPending: boolean;
}

function UploadForm({ submit, isPending }: FormProps) {
  const t = useServiceTexts();
  const part = usePartTexts();
  return (
    <form onSubmit={submit}>
      <p>{t('uploadText')}</p>
      <Field name="bundle" label={t('file')} type="file" accept=".zip,application/zip" required />
      <Field name="id" label={t('id')} hint={t('idHint')} maxLength={64} />
      <Field name="version" label={t('version')} type="number" min={1} max={9999} />
      <Field name="title" label={t('name')} maxLength={200} />
      <Field name="owner" label={t('owner')} maxLength={64} />
      <Field name="reason" label={part('reason')} hint={part('reasonHint')} maxLength={500} required />
      <button type="submit" className="btn btn-sm btn-primary" disabled={isPending}>
        {t('upload')}
      </button>
    </form>
  );
}

function Uploaded({
  publication: { key, revision, report, compatibility },
}: {
  readonly publication: Schemas['Publication'];
}) {
  const t = useServiceTexts();
  const [, id, version] = key.split(' ');
  const operations = report.operations.map((one) => String((one as { name?: string }).name)).join(', ');
  return (
    <>
      <p role="status">
        <strong>{t('uploaded', { key, revision })}</strong> {t('found', { operations })}
      </p>
      {report.problems.length > 0 && (
        <ul className="console-violations">
          {report.problems.map(({ file, line, message, hint }, n) => (
            <li key={n}>
              <code>
                {file}:{line}
              </code>{' '}
              {message} ({hint})
            </li>
          ))}
        </ul>
      )}
      {compatibility && <Changes changes={compatibility} />}
      <Link className="btn btn-sm btn-primary" to={`/services/${id}/${version?.slice(1)}` as string}>
        {t('open')}
      </Link>
    </>
  );
}
