/** Compares the types of the client with those of the server. The compiler does it: `npm run check:types`. */
import { expect, test } from "bun:test";
import type {
  EndpointAnswer,
  EndpointInput,
  EndpointName,
  Endpoints,
} from "../../../server/src/admin-api/endpoints.ts";
import type { Answer, Input, Route } from "../src/admin.ts";

type RouteOf<Name extends EndpointName> =
  `${Uppercase<Endpoints[Name]["method"]>} ${Endpoints[Name]["path"]}` & Route;

/** Parsed JSON contains no `undefined` and no read-only properties. */
type Json<Value> = Value extends Response
  ? Value
  : Value extends object
    ? { -readonly [Key in keyof Value]: Json<Exclude<Value[Key], undefined>> }
    : Value;

type Equal<A, B> = [Json<A>, Json<B>] extends [Json<B>, Json<A>] ? true : false;

type BodyOf<Of> = "body" extends keyof Of ? Exclude<Of["body"], undefined> : undefined;

type Compared = {
  [Name in EndpointName]: [
    Equal<EndpointAnswer<Name>, Answer<RouteOf<Name>>>,
    Equal<EndpointInput<Name, "body">, BodyOf<Input<RouteOf<Name>>>>,
  ];
};

test("answers and bodies have the same types in the client and in the server", () => {
  const different: { [Name in EndpointName as Compared[Name] extends [true, true] ? never : Name]: never } =
    {};
  expect(different).toEqual({});
});
