import type { XmlLimits } from './survey.js';

export const XML_LIMITS: XmlLimits = { maxDepth: 100, maxNodes: 400_000 };
