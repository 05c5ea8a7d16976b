/** Converts a JSON Schema to the text of a TypeScript type. */

export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/**
 * @param use in a request, an optional property may be undefined: it is not sent
 * @throws if the schema has a form for which it has no type
 */
export function typeOf(schema: Schema, use: "request" | "answer"): string {
  const { $ref, anyOf, oneOf = anyOf, type, items } = schema;
  if ($ref !== undefined) return $ref.replace("#/components/schemas/", "");
  if (oneOf !== undefined) return oneOf.map((each) => typeOf(each, use)).join(" | ");
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(type))
    return type.map((each: string) => typeOf({ ...schema, type: each }, use)).join(" | ");
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `Array<${items === undefined ? "unknown" : typeOf(items, use)}>`;
    case "object":
      return objectOf(schema, use);
    case undefined:
      return "unknown";
    default:
      throw new Error(`There is no type for ${JSON.stringify(schema)}`);
  }
}

function objectOf(schema: Schema, use: "request" | "answer"): string {
  const { properties, required = [], additionalProperties } = schema;
  if (properties === undefined) {
    const value = typeof additionalProperties === "object" ? typeOf(additionalProperties, use) : "unknown";
    return `Record<string, ${value}>`;
  }
  const lines = Object.entries(properties).map(([name, property]) => {
    const isRequired = required.includes(name);
    const undefinedToo = isRequired || use === "answer" ? "" : " | undefined";
    const comment = property.description === undefined ? "" : `/** ${property.description} */\n`;
    return `${comment}${name}${isRequired ? "" : "?"}: ${typeOf(property, use)}${undefinedToo};`;
  });
  return `{\n${lines.join("\n").replace(/^/gm, "  ")}\n}`;
}
