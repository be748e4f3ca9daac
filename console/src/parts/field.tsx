import { useId, type InputHTMLAttributes, type ReactNode } from 'react';

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
}

/** A labelled input, with its hint read out with it. */
export function Field({ label, hint, className = 'mb-3', ...input }: Props) {
  const id = useId();
  return (
    <div className={`console-field ${className}`}>
      <label htmlFor={id}>{label}</label>
      <input id={id} className="form-control" aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      {hint && (
        <small id={`${id}-hint`} className="form-text">
          {hint}
        </small>
      )}
    </div>
  );
}
