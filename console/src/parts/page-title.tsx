import { useEffect, type ReactNode } from 'react';

/** The one heading of a page, which is the title of its tab too. */
export function PageTitle({ children, aside }: { readonly children: string; readonly aside?: ReactNode }) {
  useEffect(() => {
    document.title = `${children} · Crocevia`;
  }, [children]);
  return (
    <div className="console-title">
      <h1 className="h3">{children}</h1>
      {aside}
    </div>
  );
}
