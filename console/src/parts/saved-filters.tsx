import { useState, type FormEvent } from 'react';
import { useRouterState } from '@tanstack/react-router';
import { useSession } from '../api/session';
import type { Search } from '../router';
import { Field } from './field';
import { usePartTexts } from './part-texts';
import { useSearchState } from './search-state';

interface Saved {
  readonly name: string;
  readonly search: Search;
}

const MOST = 20;

/** What an operator looks for again and again on one page, kept in this browser under names. */
export function SavedFilters() {
  const t = usePartTexts();
  const [search, change] = useSearchState();
  const [saved, keep] = useSaved();
  const isSet = Object.values(search).some(Boolean);
  const apply = (one: Saved) =>
    change({ ...Object.fromEntries(Object.keys(search).map((name) => [name, undefined])), ...one.search });
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    keep([...saved.filter((one) => one.name !== name), { name, search }].slice(-MOST));
    event.currentTarget.reset();
  };
  if (saved.length === 0 && !isSet) return null;
  return (
    <details className="console-saved">
      <summary>{t('savedFilters', { count: saved.length })}</summary>
      <ul>
        {saved.map((one) => (
          <li key={one.name}>
            <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => apply(one)}>
              {one.name}
            </button>
            <button
              type="button"
              className="btn btn-xs btn-link"
              aria-label={t('forgetFilter', { name: one.name })}
              onClick={() => keep(saved.filter(({ name }) => name !== one.name))}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      {isSet && (
        <form onSubmit={save} className="console-filters">
          <Field
            name="name"
            label={t('filterName')}
            maxLength={60}
            pattern=".*\S.*"
            required
            className="console-filter"
          />
          <button type="submit" className="btn btn-xs btn-primary">
            {t('saveFilter')}
          </button>
        </form>
      )}
    </details>
  );
}

function useSaved(): readonly [readonly Saved[], (next: readonly Saved[]) => void] {
  const operator = useSession()?.operator.id ?? '';
  const page = useRouterState({ select: ({ location }) => location.pathname });
  const key = `crocevia.filters ${operator} ${page}`;
  const [saved, setSaved] = useState(() => read(key));
  const keep = (next: readonly Saved[]) => {
    window.localStorage.setItem(key, JSON.stringify(next));
    setSaved(next);
  };
  return [saved, keep];
}

/** None where somebody has written something else there. */
function read(key: string): readonly Saved[] {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(key) ?? '[]');
    return Array.isArray(kept)
      ? (kept as Saved[]).filter(({ name, search }) => typeof name === 'string' && search)
      : [];
  } catch {
    return [];
  }
}
