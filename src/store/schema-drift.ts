import type { DataSource } from 'typeorm';

/** The statements by which TypeORM would make the tables fit the entities; a partition belongs to its parent. */
export async function schemaDrift(source: DataSource): Promise<string[]> {
  const log = await source.driver.createSchemaBuilder().log();
  return log.upQueries.map((query) => query.query);
}
