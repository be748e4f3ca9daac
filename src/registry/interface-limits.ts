/** What one published interface may bring. */
export const INTERFACE_LIMITS = {
  maxFiles: 500,
  /** Steps of include and import from the first file. */
  maxImportLevels: 50,
  /** Of all files together. */
  maxBytes: 20 * 1024 * 1024,
  /** Elements inside each other in one WSDL or XSD. */
  maxElementDepth: 200,
} as const;
