import type { FormEvent, ReactNode } from 'react';
import { Dialog } from './dialog';
import { Field } from './field';
import { usePartTexts } from './part-texts';
import { ProblemNote } from './problem-note';

interface Props {
  readonly title: string;
  /** In plain language: what will happen, and whether it can be taken back. */
  readonly text: string;
  /** The name of the button that does it. */
  readonly confirm: string;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly children?: ReactNode;
  readonly wide?: boolean;
  readonly onConfirm: (reason: string) => void;
  readonly onClose: () => void;
}

/** Says what will happen and asks why, before anything is done. */
export function ConfirmDialog({ title, text, confirm, error, isPending, children, wide, onConfirm, onClose }: Props) {
  const t = usePartTexts();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onConfirm(String(new FormData(event.currentTarget).get('reason')).trim());
  };
  return (
    <Dialog title={title} onClose={onClose} {...(wide && { wide })}>
      <p>{text}</p>
      {error !== null && error !== undefined && <ProblemNote error={error} />}
      <form onSubmit={submit}>
        {children}
        <Field name="reason" label={t('reason')} hint={t('reasonHint')} maxLength={500} pattern=".*\S.*" required />
        <div className="d-flex gap-2">
          <button type="submit" className="btn btn-sm btn-primary" disabled={isPending}>
            {confirm}
          </button>
          <button type="button" className="btn btn-sm btn-outline-primary" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
