/** What one published interface may cost, whoever sends it. */
export const INTERFACE_LIMITS = {
  /** One JSON or YAML document. */
  documentBytes: 5 * 1024 * 1024,
  /** Arrays and objects inside one another. */
  documentLevels: 200,
  /** Members and items of one document, each YAML alias counted as what it stands for. */
  documentNodes: 500_000,
  /** Uses of YAML anchors in one document, an anchor inside another counted each time. */
  yamlAliases: 1_000,
  openApiOperations: 500,
  /** The schemas of one OpenAPI description together, each with all that it refers to. */
  openApiSchemaBytes: 10 * 1024 * 1024,
  maxFiles: 500,
  /** Steps of include and import from the first file. */
  maxImportLevels: 50,
  /** Of all files together. */
  maxBytes: 20 * 1024 * 1024,
  /** Elements inside each other in one WSDL or XSD. */
  maxElementDepth: 200,
} as const;

/** What one ZIP archive of interface files may cost. */
export const BUNDLE_LIMITS = {
  files: 500,
  /** Folders and what is passed over counted too. */
  entries: 2_000,
  /** All files together, bytes, counted while they are unpacked. */
  unpacked: 20 * 1024 * 1024,
  /** A file may grow to this many times its packed size; DEFLATE cannot pass 1,032. */
  ratio: 200,
  /** Below this many bytes the ratio says nothing. */
  ratioFrom: 64 * 1024,
  /** Folders and the file's own name. */
  pathLevels: 12,
  pathLength: 200,
} as const;

export type BundleLimits = Readonly<Record<keyof typeof BUNDLE_LIMITS, number>>;

/** What one archive of a whole registry may cost: service bundles in folders of their own, and the documents. */
export const TRANSFER_LIMITS = {
  files: 20_000,
  entries: 40_000,
  unpacked: 64 * 1024 * 1024,
  /** More than DEFLATE can pass: whatever was packed must be readable, and all bytes are counted. */
  ratio: 1_040,
  ratioFrom: 64 * 1024,
  pathLevels: BUNDLE_LIMITS.pathLevels + 2,
  /** `services/{id}-v{version}/` is 80 characters at most. */
  pathLength: BUNDLE_LIMITS.pathLength + 80,
  documents: 50_000,
  /** One document of the registry. */
  documentBytes: 256 * 1024,
  /** After so many the rest is not looked at. */
  problems: 200,
} as const;
