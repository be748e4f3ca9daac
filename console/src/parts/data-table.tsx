import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, type ReactNode } from 'react';
import { usePartTexts } from './part-texts';

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
}

interface Props<T extends object> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowId: (row: T) => string;
  /** Asks for the next page; left out: there is none. */
  readonly more?: (() => void) | undefined;
  readonly isLoadingMore?: boolean;
}

const ROW_PX = 41;
const FEATURES = tableFeatures({});

function useRows<T extends object>(columns: readonly Column<T>[], rows: readonly T[], rowId: (row: T) => string) {
  const defined = useMemo(() => {
    const column = createColumnHelper<typeof FEATURES, T>();
    return column.columns(
      columns.map(({ id, header, cell }) => column.display({ id, header, cell: ({ row }) => cell(row.original) })),
    );
  }, [columns]);
  return useTable({ features: FEATURES, columns: defined, data: rows as T[], getRowId: rowId });
}

/**
 * A real table: caption, column headers, links inside rows. Only the rows that are seen are in the page, however many there are; the
 * others are told to a screen reader by aria-rowcount and aria-rowindex (WAI-ARIA 1.2 §6.6).
 */
export function DataTable<T extends object>({ caption, columns, rows, rowId, more, isLoadingMore = false }: Props<T>) {
  const t = usePartTexts();
  const frame = useRef<HTMLDivElement>(null);
  const table = useRows(columns, rows, rowId);
  const all = table.getRowModel().rows;
  const seen = useVirtualizer({
    count: all.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: { width: 1_000, height: 800 },
  });
  const shown = seen.getVirtualItems();
  const above = shown[0]?.start ?? 0;
  const below = Math.max(0, seen.getTotalSize() - (shown.at(-1)?.end ?? 0));
  return (
    <>
      <div className="console-table" ref={frame} tabIndex={0} role="region" aria-label={caption}>
        <table className="table table-hover" aria-rowcount={all.length + 1}>
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} aria-rowindex={1}>
                {group.headers.map((header) => (
                  <th key={header.id} scope="col">
                    <table.FlexRender header={header} />
                  </th>
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            <Gap height={above} />
            {shown.map(({ index }) => {
              const row = all[index]!;
              return (
                <tr key={row.id} data-index={index} ref={seen.measureElement} aria-rowindex={index + 2}>
                  {row.getAllCells().map((cell) => (
                    <td key={cell.id}>
                      <table.FlexRender cell={cell} />
                    </td>
                  ))}
                </tr>
              );
            })}
            <Gap height={below} />
          </tbody>
        </table>
        {all.length === 0 && <p className="p-3 mb-0">{t('none')}</p>}
      </div>
      <p className="console-table-foot">
        <span role="status">{t('rows', { count: all.length })}</span>
        {more && (
          <button type="button" className="btn btn-xs btn-outline-primary" onClick={more} disabled={isLoadingMore}>
            {t('more')}
          </button>
        )}
      </p>
    </>
  );
}

/** Stands for the rows that are not in the page. */
const Gap = ({ height }: { readonly height: number }) =>
  height > 0 ? (
    <tr aria-hidden="true">
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  ) : null;
