import { useId } from 'react';

interface Props {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly (readonly [value: string, label: string])[];
  readonly value?: string;
  readonly onChange?: (value: string) => void;
}

/** One of several values, by name. */
export function Choice({ name, label, choices, value, onChange }: Props) {
  const id = useId();
  const held = onChange && { value, onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
  return (
    <div className="console-field mb-3">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="form-select" {...held}>
        {choices.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
