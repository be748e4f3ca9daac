import type { FormEvent } from 'react';
import { Field } from './field';
import { usePartTexts } from './part-texts';
import { ProblemNote } from './problem-note';
import { filterOf, searchOf, useSavedFilters, type SavedFilter } from './saved-filters-data';
import { useSearchState } from './search-state';

/** What an operator looks for again and again on one page, kept by the gateway under names. */
export function SavedFilters() {
  const t = usePartTexts();
  const [search, change] = useSearchState();
  const { saved, saving, error } = useSavedFilters();
  const isSet = Object.values(search).some(Boolean);
  const apply = ({ filter }: SavedFilter) =>
    change({ ...Object.fromEntries(Object.keys(search).map((name) => [name, undefined])), ...searchOf(filter) });
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get('name')).trim();
    const others = saved!.filter((one) => one.name !== name);
    saving.mutate([...others, { name, filter: filterOf(search) }], { onSuccess: () => form.reset() });
  };
  if (saved === undefined) return error && <p className="console-quiet">{t('filtersAway')}</p>;
  if (saved.length === 0 && !isSet && !saving.error) return null;
  return (
    <details className="console-saved">
      <summary>{t('savedFilters', { count: saved.length })}</summary>
      {saving.error && <ProblemNote error={saving.error} />}
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
              onClick={() => saving.mutate(saved.filter(({ name }) => name !== one.name))}
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
            maxLength={80}
            pattern=".*\S.*"
            required
            className="console-filter"
          />
          <button type="submit" className="btn btn-xs btn-primary" disabled={saving.isPending}>
            {t('saveFilter')}
          </button>
        </form>
      )}
    </details>
  );
}
