import { expect, test } from "bun:test";
import { changelogSection } from "./changelog-section.ts";

const changelog =
  "# Changelog\n\n## Unreleased\n\n- next\n\n## 1.1.0 (2027-01-02)\n\n- a\n- b\n\n## 1.1.0-beta\n\n- c\n";

test("the section of a version is taken, without its heading and the other sections", () => {
  expect(changelogSection(changelog, "1.1.0")).toBe("- a\n- b\n");
  expect(changelogSection(changelog, "1.1.0-beta")).toBe("- c\n");
});

test("a version without a section gets the unreleased changes", () => {
  expect(changelogSection(changelog, "2.0.0")).toBe("- next\n");
});

test("a changelog with neither is refused", () => {
  expect(() => changelogSection("# Changelog\n", "1.0.0")).toThrow('no section "1.0.0"');
});
