import type { Pages } from '../api/pages';
import { DataTable, type Column } from './data-table';
import { Loading } from './loading';
import { ProblemNote } from './problem-note';

interface Props<T extends object> {
  readonly pages: Pages<T>;
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rowId: (row: T) => string;
}

/** A list of the gateway with whatever state it is in: loading, failed, there, there but no longer refreshed. */
export function PageTable<T extends object>({ pages, ...table }: Props<T>) {
  const { rows, error, isPending, again, more, isLoadingMore } = pages;
  if (isPending) return <Loading />;
  return (
    <>
      {error && <ProblemNote error={error} again={again} />}
      {rows && <DataTable {...table} rows={rows} more={more} isLoadingMore={isLoadingMore} />}
    </>
  );
}
