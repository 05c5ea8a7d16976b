/**
 * The common pattern of texts that differ only in names: quoted texts, dates, UUIDs, hexadecimal ids and numbers become
 * `*`. So `private-user-17` and `private-user-18` are both `private-user-*`.
 */
export function causePattern(text: string): string {
  return text.replace(variable, "*");
}

const variable =
  /"[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|\d[\d.:]*(?:-\d+)*(?:T[\d:.]+Z?)?/gi;
