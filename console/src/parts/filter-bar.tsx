import type { FormEvent, ReactNode } from 'react';
import { usePartTexts } from './part-texts';
import { SavedFilters } from './saved-filters';
import { useSearchState } from './search-state';

interface Props {
  readonly label: string;
  readonly children: ReactNode;
}

/** Filters that stand in the address of the page: what is chosen can be sent to a colleague as a link. */
export function FilterBar({ label, children }: Props) {
  const t = usePartTexts();
  const [search, change] = useSearchState();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change(Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)])));
  };
  const reset = () => change(Object.fromEntries(Object.keys(search).map((name) => [name, undefined])));
  return (
    <>
      {/* A new key where the address has changed otherwise, so that the fields show it. */}
      <form className="console-filters" aria-label={label} onSubmit={submit} key={JSON.stringify(search)}>
        {children}
        <div className="console-filter-buttons">
          <button type="submit" className="btn btn-xs btn-primary">
            {t('apply')}
          </button>
          <button type="button" className="btn btn-xs btn-outline-primary" onClick={reset}>
            {t('reset')}
          </button>
        </div>
      </form>
      <SavedFilters />
    </>
  );
}

interface FilterProps {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'search' | 'number' | 'datetime-local';
}

export function TextFilter({ name, label, type = 'text' }: FilterProps) {
  const [search] = useSearchState();
  return (
    <label className="console-filter">
      {label}
      <input
        className="form-control form-control-sm"
        name={name}
        type={type}
        defaultValue={type === 'datetime-local' ? clockTime(search[name]) : (search[name] ?? '')}
        maxLength={200}
      />
    </label>
  );
}

/** What a link says as a moment of UTC, by the clock of who looks: an input of a time takes no zone. */
function clockTime(text = ''): string {
  const at = new Date(text);
  if (!text.endsWith('Z') || Number.isNaN(at.getTime())) return text;
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  /** Value and what is shown for it. */
  readonly choices: readonly (readonly [string, string])[];
  /** True: one of them it must be; the first where the address says nothing. */
  readonly isRequired?: boolean;
}

export function ChoiceFilter({ name, label, choices, isRequired = false }: ChoiceProps) {
  const t = usePartTexts();
  const [search] = useSearchState();
  return (
    <label className="console-filter">
      {label}
      <select className="form-select form-select-sm" name={name} defaultValue={search[name] ?? ''}>
        {!isRequired && <option value="">{t('all')}</option>}
        {choices.map(([value, shown]) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}

interface DayProps {
  readonly name: string;
  readonly label: string;
  /** YYYY-MM-DD, where the address says nothing. */
  readonly initial: string;
}

export function DayFilter({ name, label, initial }: DayProps) {
  const [search] = useSearchState();
  return (
    <label className="console-filter">
      {label}
      <input
        className="form-control form-control-sm"
        name={name}
        type="date"
        defaultValue={search[name] ?? initial}
        required
      />
    </label>
  );
}
