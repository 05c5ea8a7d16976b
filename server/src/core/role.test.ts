import { expect, test } from "bun:test";
import { isDemotion, type RoleAndApps } from "./role.ts";

const owner: RoleAndApps = { role: "owner", appIds: null };
const admin: RoleAndApps = { role: "admin", appIds: null };
const viewer = (appIds: string[] | null): RoleAndApps => ({ role: "viewer", appIds });
const developer = (...appIds: string[]): RoleAndApps => ({ role: "developer", appIds });

test.each([
  ["from owner to admin", owner, admin],
  ["from admin to viewer", admin, viewer(null)],
  ["from developer to viewer of the same app", developer("1"), viewer(["1"])],
  ["to fewer apps", developer("1", "2"), developer("1")],
  ["to other apps", developer("1"), developer("2")],
  ["from a viewer of all apps to a developer of one", viewer(null), developer("1")],
])("a change %s removes a permission", (_, before, after) => {
  expect(isDemotion(before, after)).toBe(true);
});

test.each([
  ["to the same", developer("1"), developer("1")],
  ["from viewer to admin", viewer(["1"]), admin],
  ["from admin to owner", admin, owner],
  ["to more apps", developer("1"), developer("1", "2")],
  ["from a viewer of an app to its developer", viewer(["1"]), developer("1")],
  ["from a viewer of an app to a viewer of all", viewer(["1"]), viewer(null)],
])("a change %s removes no permission", (_, before, after) => {
  expect(isDemotion(before, after)).toBe(false);
});
