import { Body, Controller, Get, HttpCode, Inject, Post, Query, StreamableFile } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { planOf, type PlannedChange, plannedChanges } from '../registry/documents/plan.js';
import type { PortableDocument } from '../registry/documents/portable.js';
import { interfaceProblems } from '../registry/publish/publish.js';
import { RegistryError } from '../registry/registry.js';
import { packTransfer, readTransfer } from '../registry/bundle/transfer.js';
import type { Documents } from '../registry/registry-store.js';
import { maskedDocument } from '../secrets/masked-documents.js';
import { json, problem } from './answers.js';
import { zipFrom } from './document-answers.js';
import { REASON } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf } from './query-values.js';
import { withStoredValues } from './stored-values.js';
import { writerOf } from './registry-documents.controller.js';
import { CurrentOperator, Requires } from './requires.js';

const PRUNE = {
  name: 'prune',
  required: false,
  schema: { type: 'boolean', default: false },
  description: 'the archive is the whole registry: what it does not hold goes',
} as const;
const ARCHIVE = { schema: { type: 'string', format: 'binary' } } as const;

/** The whole registry as an archive of documents and interface files: taken out, compared, applied. */
@ApiTags('registry')
@Controller('admin/registry')
export class RegistryTransferController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('export')
  @Requires('registry.transfer')
  @ApiOperation({
    summary: 'The registry as an archive; the same registry gives the same bytes',
    description:
      'Header values and passwords in addresses are `***` in it. Where such an archive is planned or applied they stand for what is stored for the same address of the same system.',
  })
  @ApiProduces('application/zip')
  @ApiOkResponse({ description: 'A ZIP archive.', content: { 'application/zip': { schema: ARCHIVE.schema } } })
  async export() {
    const archive = await packTransfer(await this.inputs());
    return new StreamableFile(archive, { type: 'application/zip', disposition: 'attachment; filename="registry.zip"' });
  }

  @Post('plan')
  @HttpCode(200)
  @Requires('registry.transfer')
  @ApiOperation({ summary: 'What applying the archive would change; nothing is changed' })
  @ApiConsumes('application/zip')
  @ApiBody(ARCHIVE)
  @ApiQuery(PRUNE)
  @ApiOkResponse(json('The changes, and the problems that would stop them.', 'Plan'))
  @ApiUnprocessableEntityResponse(problem('The archive is wrong: `problems` names each.'))
  async plan(@Body() body: unknown, @Query('prune') prune: string | undefined) {
    const inputs = await readTransfer(zipFrom(body));
    const { documents, decision, problems } = await this.parts.desk.tryOut(deciding(inputs, prune));
    const changes = plannedChanges(documents, decision);
    return { changes, problems: [...problems, ...(await interfaceProblems(inputs, decision))] };
  }

  @Post('apply')
  @HttpCode(200)
  @Requires('registry.transfer')
  @ApiOperation({ summary: 'Makes the registry as the archive says; all of it or nothing' })
  @ApiConsumes('application/zip')
  @ApiBody(ARCHIVE)
  @ApiQuery(PRUNE)
  @ApiQuery(REASON)
  @ApiOkResponse(json('What was changed.', 'Applied'))
  @ApiUnprocessableEntityResponse(problem('Not right: `problems` names each; nothing was changed.'))
  async apply(
    @Body() body: unknown,
    @Query() { prune, reason }: { prune?: string; reason?: string },
    @CurrentOperator() operator: ActingOperator,
  ) {
    const inputs = await readTransfer(zipFrom(body));
    const planned = deciding(inputs, prune)(this.parts.desk.documents());
    const problems = await interfaceProblems(inputs, planned);
    if (problems.length > 0) throw new RegistryError(problems);
    let changes: readonly PlannedChange[] = [];
    await this.parts.desk.write(
      (documents) => {
        const decision = deciding(inputs, prune)(documents);
        changes = plannedChanges(documents, decision);
        return decision;
      },
      writerOf(operator, reason),
    );
    return { revision: this.parts.registry.revision(), changes };
  }

  private async inputs(): Promise<readonly PortableDocument[]> {
    const documents = [...this.parts.desk.documents().values()];
    const bytes = await this.parts.desk.files([...new Set(documents.flatMap(({ files }) => Object.values(files)))]);
    return documents.map(({ document, files }) => ({
      document: maskedDocument(document),
      files: new Map(Object.entries(files).map(([path, digest]) => [path, bytes.get(digest) as Buffer])),
    }));
  }
}

const deciding = (inputs: readonly PortableDocument[], prune: string | undefined) => (documents: Documents) =>
  planOf(
    documents,
    withStoredValues(inputs, documents),
    oneOf('prune', prune, ['true', 'false']) === 'true' ? 'all' : 'none',
  );
