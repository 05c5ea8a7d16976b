import { optionalText, text } from "./option.ts";

const token = /^[\x21-\x7e]{16,512}$/;

export const loginOptions = {
  adminToken: optionalText("Bearer token for the admin API", {
    pattern: token,
    expected: "16 to 512 visible ASCII characters without a space",
    isSecret: true,
  }),
  adminEmail: optionalText("E-mail address of the dashboard's owner; with adminPassword", {
    pattern: /^[^\s@]+@[^\s@]+$/,
    expected: "an e-mail address",
  }),
  adminPassword: optionalText("Password of the dashboard's owner at the first start", {
    pattern: /^.{8,256}$/s,
    expected: "at least 10 characters, and not one of the most common passwords",
    isSecret: true,
  }),
  oidcIssuer: optionalText(
    "OpenID Connect issuer for logins to the dashboard; with oidcClientId and oidcClientSecret",
    {
      pattern: /^https?:\/\/[^\s?#]+$/,
      isRight: (url) => URL.canParse(url),
      expected: "a URL such as https://login.example.com/realms/staff",
    },
  ),
  oidcClientId: optionalText(
    "This server's client id at that issuer; the redirect URI ends in /api/auth/callback/oidc",
  ),
  oidcClientSecret: optionalText("This server's client secret at that issuer", {
    pattern: /^[\x21-\x7e]{1,512}$/,
    expected: "1 to 512 visible ASCII characters without a space",
    isSecret: true,
  }),
  oidcName: text("single sign-on", "Name of that issuer on the dashboard's login button"),
} as const;
