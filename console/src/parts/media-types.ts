export const isXml = (type: string) => /\bxml\b/.test(type);
export const isJson = (type: string) => /\bjson\b/.test(type);
