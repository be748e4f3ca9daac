/** What was written for each service, and what of it was sent: whoever chooses another service finds it again. */
export interface Written {
  of(service: string): string | undefined;
  write(service: string, text: string): void;
  wasSent(service: string, text: string): void;
  hasUnsent(): boolean;
}

export function createWritten(): Written {
  const written = new Map<string, string>();
  const sent = new Map<string, string>();
  return {
    of: (service) => written.get(service),
    write: (service, text) => void written.set(service, text),
    wasSent: (service, text) => void sent.set(service, text),
    hasUnsent: () => [...written].some(([service, text]) => sent.get(service) !== text),
  };
}
