/**
 * Finds the section of a version in a changelog.
 *
 * @param changelog Markdown with one `## VERSION` heading for each version, newest first
 * @returns the section of the version without its heading; the section "Unreleased" if the version has none yet
 * @throws Error if it has neither
 */
export function changelogSection(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section =
    sections.find((text) => headingOf(text).split(" ")[0] === version) ??
    sections.find((text) => headingOf(text) === "Unreleased");
  if (section === undefined)
    throw new Error(`CHANGELOG.md has no section "${version}" and no section "Unreleased"`);
  return `${section.slice(headingOf(section).length).trim()}\n`;
}

function headingOf(section: string): string {
  return section.split("\n", 1)[0] ?? "";
}
