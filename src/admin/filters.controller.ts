import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { ApiBadRequestResponse, ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { json, problem, schemaOf } from './answers.js';
import { filtersIn, pageIn } from './filter-schemas.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { wrong } from './query-values.js';
import { AnyOperator, CurrentOperator } from './requires.js';

/** More than the console has. */
const PAGES = 50;

/** What an operator looks for again and again: its own, at whatever browser. */
@ApiTags('session')
@Controller('admin/session/filters')
export class FiltersController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @AnyOperator()
  @ApiOperation({ summary: 'The filters that the operator has saved, by page of the console' })
  @ApiOkResponse(json('Of every page that has some.', 'AllFilters'))
  async list(@CurrentOperator() { id }: ActingOperator) {
    return { items: await this.parts.filters.list(id) };
  }

  @Put(':page')
  @AnyOperator()
  @ApiOperation({ summary: 'Saves the filters of a page, in place of those it had' })
  @ApiParam({ name: 'page', schema: { type: 'string' }, description: 'of the console: `messages`' })
  @ApiBody({ schema: schemaOf('SavedFilters') })
  @ApiOkResponse(json('As they are now.', 'PageFilters'))
  @ApiBadRequestResponse(problem('They are too many, too long, or of one name: `parameter-wrong`.'))
  async save(@Param('page') name: string, @Body() body: unknown, @CurrentOperator() { id }: ActingOperator) {
    const [page, filters] = [pageIn(name), filtersIn(body)];
    if (filters.length === 0) await this.parts.filters.forget(id, page);
    else if (!(await this.parts.filters.keep(id, page, filters, PAGES))) throw wrong('page', `one of ${PAGES} at most`);
    return { page, filters };
  }
}
