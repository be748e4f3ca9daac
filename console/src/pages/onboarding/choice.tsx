import { useId } from 'react';

interface Props {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly (readonly [value: string, label: string])[];
  readonly value?: string;
  /** Chosen at first, where the form holds the choice itself. */
  readonly initial?: string | undefined;
  readonly onChange?: (value: string) => void;
}

/** One of several values, by name. */
export function Choice({ name, label, choices, value, initial, onChange }: Props) {
  const id = useId();
  const held = onChange && { value, onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
  return (
    <div className="console-field mb-3">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="form-select" defaultValue={initial} {...held}>
        {choices.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
