export interface Stored {
  readonly key: string;
  readonly revision: number;
  readonly document: Record<string, unknown>;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | number | null;
}

export const RAIANO = {
  kind: 'participant',
  id: 'c_h166',
  name: 'Comune di Raiano',
  type: 'municipality',
  parent: 'r_abruzz',
};
export const RAIANO_TO_REGION = {
  id: 'raiano-regione',
  consumer: 'c_h166',
  provider: 'r_abruzz',
  service: 'VariazioneAnagrafica',
  version: 1,
  operations: ['notificaVariazione'],
  filtersDuplicates: false,
  perMinute: 3,
};
