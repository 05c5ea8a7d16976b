import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ErrorReply, encodeCommand, type Reply, RespReader } from "./resp.ts";

function readAll(...chunks: (string | Uint8Array)[]): Reply[] {
  const replies: Reply[] = [];
  const reader = new RespReader((reply) => replies.push(reply));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return replies;
}

/** What a server sends for a value: texts are bulk strings, whole numbers are integers. */
function encodeReply(reply: Reply): string {
  if (reply === null) return "$-1\r\n";
  if (reply instanceof ErrorReply) return `-${reply.message}\r\n`;
  if (typeof reply === "number") return `:${reply}\r\n`;
  if (typeof reply === "string") return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  return `*${reply.length}\r\n${reply.map(encodeReply).join("")}`;
}

test.each<[string, string, Reply]>([
  ["a simple string", "+OK\r\n", "OK"],
  ["an empty simple string", "+\r\n", ""],
  ["an error", "-ERR unknown command\r\n", new ErrorReply("ERR unknown command")],
  ["a number", ":1234\r\n", 1234],
  ["a negative number", ":-1\r\n", -1],
  ["a bulk string", "$5\r\nhello\r\n", "hello"],
  ["a bulk string with line ends", "$6\r\n\r\n$1\r\n\r\n", "\r\n$1\r\n"],
  ["an empty bulk string", "$0\r\n\r\n", ""],
  ["no bulk string", "$-1\r\n", null],
  ["an empty array", "*0\r\n", []],
  ["no array", "*-1\r\n", null],
  ["an array of arrays", "*3\r\n*0\r\n*2\r\n:1\r\n*1\r\n+a\r\n$1\r\nb\r\n", [[], [1, ["a"]], "b"]],
  ["an error within an array", "*2\r\n-ERR a\r\n$-1\r\n", [new ErrorReply("ERR a"), null]],
])("%s", (_what, text, reply) => expect(readAll(text)).toEqual([reply]));

test("bytes of several letters that are split", () => {
  const bytes = Buffer.from("$4\r\n😀\r\n");
  expect(readAll(bytes.subarray(0, 6), bytes.subarray(6))).toEqual(["😀"]);
});

const { reply: anyReply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.constant(null),
    fc.string({ unit: "grapheme-ascii" }).map((text) => new ErrorReply(text)),
    fc.array(tie("reply"), { maxLength: 5 }),
  ),
}));

test("any replies are read, however their bytes are split", () => {
  fc.assert(
    fc.property(fc.array(anyReply), fc.array(fc.nat(1_000)), (replies, cuts) => {
      const bytes = Buffer.from(replies.map(encodeReply).join(""));
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      expect(readAll(...chunks)).toEqual(replies);
      expect(readAll(...Array.from(bytes, (byte) => new Uint8Array([byte])))).toEqual(replies);
    }),
  );
});

test("a command is encoded as an array of bulk strings, whatever its arguments contain", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (args) => {
      expect(readAll(encodeCommand(args))).toEqual([args]);
    }),
  );
  expect(readAll(encodeCommand(["half \ud83d"]))).toEqual([["half \ufffd"]]);
});

describe("what is not RESP 2 is refused:", () => {
  test.each([
    ["a map of RESP 3", "%1\r\n", "begins with the byte 37"],
    ["an answer of another protocol", "HTTP/1.1 400 Bad Request\r\n", "begins with the byte 72"],
    ["a length that is no number", "$x\r\n", "other characters than digits"],
    ["a fraction", ":1.5\r\n", "other characters than digits"],
    ["a length without digits", "$\r\n", "without digits"],
    ["a sign alone", ":-\r\n", "without digits"],
  ])("%s", (_what, text, problem) => expect(() => readAll(text)).toThrow(problem));
});
