/** What both bare pipelines begin and end with: HTTP, and one parse and one validation of a SOAP envelope. */
import { createServer } from 'node:http';
import { ParseOption, XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm';
import { ENVELOPE_XSD, XSD } from './message.js';

xmlRegisterInputProvider(new XmlBufferInputProvider({ 'payload.xsd': Buffer.from(XSD) }));
const validator = XsdValidator.fromDoc(XmlDocument.fromString(ENVELOPE_XSD));
const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE;

/** Throws where the bytes are not a valid envelope of the bench. */
export function validate(body: Buffer): void {
  using document = XmlDocument.fromBuffer(body, { option });
  validator.validate(document);
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Listens on PORT: 200 with what `take` makes of a body, 202 where that is nothing, 500 where it throws. */
export function serve(take: (body: Buffer) => Promise<Buffer>): void {
  createServer((request, reply) => {
    void readAll(request)
      .then(take)
      .then(
        (answer) => reply.writeHead(answer.length > 0 ? 200 : 202, { 'content-type': 'text/xml' }).end(answer),
        (error) => reply.writeHead(500).end(String(error)),
      );
  }).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));
}
