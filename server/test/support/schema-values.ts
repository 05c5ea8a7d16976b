/** Generates values that fit a JSON Schema of the OpenAPI document. */
import fc from "fast-check";

export interface ValueSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly ValueSchema[];
  readonly oneOf?: readonly ValueSchema[];
  readonly allOf?: readonly { readonly anyOf: readonly ValueSchema[] }[];
  readonly items?: ValueSchema;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | ValueSchema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
}

export type Schemas = Readonly<Record<string, ValueSchema>>;

/** @param named the schemas that a `$ref` can name */
export function valuesOf(schema: ValueSchema, named: Schemas): fc.Arbitrary<unknown> {
  const { $ref, anyOf, oneOf = anyOf, type } = schema;
  if ($ref !== undefined) return valuesOf(named[$ref.replace("#/components/schemas/", "")] ?? {}, named);
  if (oneOf !== undefined) return fc.oneof(...oneOf.map((each) => valuesOf(each, named)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (type) {
    case "string":
      return textsOf(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "integer":
    case "number":
      return fc.integer({
        min: schema.minimum ?? -1_000,
        max: Math.min(schema.maximum ?? 1_000, 2 ** 31 - 1),
      });
    case "array": {
      const { items = {}, minItems = 0, maxItems = 5 } = schema;
      return fc.array(valuesOf(items, named), {
        minLength: minItems,
        maxLength: Math.min(maxItems, minItems + 2),
      });
    }
    case "object":
      return objectsOf(schema, named);
    default:
      throw new Error(`There are no values for ${JSON.stringify(schema)}`);
  }
}

function objectsOf(schema: ValueSchema, named: Schemas): fc.Arbitrary<unknown> {
  const { properties, required = [], additionalProperties, allOf = [], maxProperties = 3 } = schema;
  if (properties === undefined) {
    const values = typeof additionalProperties === "object" ? additionalProperties : { type: "string" };
    return fc.dictionary(fc.string({ minLength: 1 }), valuesOf(values, named), {
      maxKeys: Math.min(maxProperties, 3),
    });
  }
  const choices = allOf.flatMap(({ anyOf }) => anyOf);
  const objects = (choice: ValueSchema) => {
    const entries = Object.entries(properties).map(([name, property]) => {
      const { anyOf = [], ...rest } = { ...property, ...choice.properties?.[name] };
      const wanted = choice.properties?.[name]?.type;
      const left = anyOf.filter((each) => wanted === undefined || each.type === wanted);
      const chosen = choice.properties?.[name]?.const ?? choice.properties?.[name]?.enum;
      if (chosen !== undefined) return [name, valuesOf(choice.properties?.[name] ?? {}, named)] as const;
      return [name, valuesOf(left.length === 0 ? rest : { anyOf: left }, named)] as const;
    });
    return fc.record(Object.fromEntries(entries), { requiredKeys: [...required] });
  };
  return choices.length === 0 ? objects({}) : fc.oneof(...choices.map(objects));
}

function textsOf({ format, pattern, minLength = 0, maxLength = 1_000 }: ValueSchema): fc.Arbitrary<string> {
  const size = { minLength, maxLength: Math.min(maxLength, minLength + 30) };
  switch (format) {
    case "email":
      return fc.nat().map((number) => `somebody-${number}@example.com`);
    case "date-time":
      return fc
        .date({ min: new Date(0), max: new Date("2099-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString());
    case "uri":
      return fc.webUrl({ validSchemes: ["http", "https"] });
    default: {
      const fits = new RegExp(pattern ?? "");
      // fast-check makes no texts for lookaheads.
      const isMade = pattern !== undefined && !pattern.includes("(?!");
      const texts = isMade ? fc.oneof(fc.stringMatching(fits), fc.string(size)) : fc.string(size);
      return texts.filter(
        (text) =>
          text.length >= minLength && text.length <= maxLength && fits.test(text) && !text.includes("\0"),
      );
    }
  }
}
