import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { layout } from '../../lake/layout.ts';
import type { Plan } from '../../plan/schema.ts';
import { type TableContract, tableContracts } from './table-contracts.ts';

export interface DeltaCatalogProps {
  plan: Plan;
  databaseName: string;
  lakeBucketName: string;
}

/** The Glue database of one pipeline, with tables from the contracts, without a crawler. Athena and Spark read them as native Delta. */
export class DeltaCatalog extends Construct {
  constructor(scope: Construct, id: string, props: DeltaCatalogProps) {
    super(scope, id);
    const { plan, databaseName, lakeBucketName } = props;
    const catalogId = Stack.of(this).account;
    const lake = `s3://${lakeBucketName}/`;
    const description = `Tables of the Millrace pipeline ${plan.pipeline}`;
    const database = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: { name: databaseName, description, locationUri: lake + layout.tables(plan.pipeline) },
    });
    for (const contract of tableContracts(plan)) {
      const table = new CfnTable(this, `Table-${contract.name}`, {
        catalogId,
        databaseName,
        tableInput: tableInput(
          contract,
          lake + layout.table(plan.pipeline, contract.layer, contract.name).slice(0, -1),
        ),
      });
      table.addResourceDependency(database);
    }
  }
}

/** The same entry that Spark registers for a Delta table: readers take everything but the location from the table's log. */
function tableInput(contract: TableContract, location: string): CfnTable.TableInputProperty {
  return {
    name: contract.name,
    description: `${contract.layer}, written by the task ${contract.task}`,
    tableType: 'EXTERNAL_TABLE',
    parameters: {
      EXTERNAL: 'TRUE',
      classification: 'delta',
      table_type: 'DELTA',
      'spark.sql.sources.provider': 'delta',
      'millrace.layer': contract.layer,
      'millrace.task': contract.task,
      ...(contract.partitionBy.length > 0 && { 'millrace.partitionBy': contract.partitionBy.join(',') }),
    },
    // Delta's log has the partitions; with Hive partition keys, readers would look for registered partitions.
    partitionKeys: [],
    storageDescriptor: {
      columns: contract.columns,
      location,
      inputFormat: 'org.apache.hadoop.mapred.SequenceFileInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat',
      serdeInfo: {
        serializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
        parameters: { 'serialization.format': '1', path: location },
      },
    },
  };
}
