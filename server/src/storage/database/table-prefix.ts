/** Adds the operator's prefix to the names of all tables, indexes and constraints, for a database that is shared. */
import {
  type ConstraintNode,
  type CreateIndexNode,
  type DropConstraintNode,
  type DropIndexNode,
  type ForeignKeyConstraintNode,
  IdentifierNode,
  type Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type PrimaryKeyConstraintNode,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
  type SchemableIdentifierNode,
  type TableNode,
  type UniqueConstraintNode,
  type UnknownRow,
} from "kysely";
import { tableNames } from "./table-names.ts";

/** Must come after CamelCasePlugin, because it uses the tables' names in the database. */
export class TablePrefixPlugin implements KyselyPlugin {
  readonly prefix: string;
  readonly #transformer: PrefixTransformer;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.#transformer = new PrefixTransformer(prefix);
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#transformer.transformNode(node, queryId);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

/** The prefix of this database; empty if there is none. */
export function tablePrefixOf(db: Pick<Kysely<unknown>, "getExecutor">): string {
  const plugin = db.getExecutor().plugins.find((one) => one instanceof TablePrefixPlugin);
  return plugin?.prefix ?? "";
}

class PrefixTransformer extends OperationNodeTransformer {
  readonly #prefix: string;
  readonly #tables: ReadonlySet<string> = new Set(tableNames);

  constructor(prefix: string) {
    super();
    this.#prefix = prefix;
  }

  /** Leaves aliases unchanged. So an alias must not have the name of a table. */
  protected override transformTable(node: TableNode, queryId?: QueryId): TableNode {
    const table = super.transformTable(node, queryId);
    const { schema, identifier } = table.table;
    if (schema !== undefined || !this.#tables.has(identifier.name)) return table;
    return { ...table, table: this.#prefixed(table.table) };
  }

  // On some servers the names of indexes and constraints must be unique in the whole database.

  protected override transformCreateIndex(node: CreateIndexNode, queryId?: QueryId): CreateIndexNode {
    return this.#named(super.transformCreateIndex(node, queryId));
  }

  protected override transformDropIndex(node: DropIndexNode, queryId?: QueryId): DropIndexNode {
    const index = super.transformDropIndex(node, queryId);
    return { ...index, name: this.#prefixed(index.name) };
  }

  protected override transformForeignKeyConstraint(
    node: ForeignKeyConstraintNode,
    queryId?: QueryId,
  ): ForeignKeyConstraintNode {
    return this.#named(super.transformForeignKeyConstraint(node, queryId));
  }

  protected override transformUniqueConstraint(
    node: UniqueConstraintNode,
    queryId?: QueryId,
  ): UniqueConstraintNode {
    return this.#named(super.transformUniqueConstraint(node, queryId));
  }

  protected override transformPrimaryKeyConstraint(
    node: PrimaryKeyConstraintNode,
    queryId?: QueryId,
  ): PrimaryKeyConstraintNode {
    return this.#named(super.transformPrimaryKeyConstraint(node, queryId));
  }

  protected override transformDropConstraint(
    node: DropConstraintNode,
    queryId?: QueryId,
  ): DropConstraintNode {
    const dropped = super.transformDropConstraint(node, queryId);
    return { ...dropped, constraintName: this.#identifier(dropped.constraintName) };
  }

  #named<Node extends CreateIndexNode | ConstraintNode>(node: Node): Node {
    return node.name === undefined ? node : { ...node, name: this.#identifier(node.name) };
  }

  #prefixed(node: SchemableIdentifierNode): SchemableIdentifierNode {
    return { ...node, identifier: this.#identifier(node.identifier) };
  }

  #identifier(node: IdentifierNode): IdentifierNode {
    return IdentifierNode.create(this.#prefix + node.name);
  }
}
