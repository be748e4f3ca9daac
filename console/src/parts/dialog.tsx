import { useEffect, useId, useRef, type ReactNode } from 'react';
import { usePartTexts } from './part-texts';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly wide?: boolean;
}

/** A modal dialog of the browser: it keeps the focus, closes with Escape and gives the focus back. */
export function Dialog({ title, children, onClose, wide = false }: Props) {
  const t = usePartTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => void (before instanceof HTMLElement && before.isConnected && before.focus());
  }, []);
  const cancel = (event: { preventDefault(): void }) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} className={`console-dialog${wide ? ' wide' : ''}`} onCancel={cancel}>
      <div className="console-dialog-head">
        <h2 id={id} className="h5">
          {title}
        </h2>
        <button type="button" className="btn btn-xs btn-link" onClick={onClose}>
          {t('close')}
        </button>
      </div>
      {children}
    </dialog>
  );
}
