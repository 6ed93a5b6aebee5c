import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { HOSTILE, REPORT } from "../../test/report-fixture.js";
import { htmlOf } from "./html.js";

/** The address of `pictures/a b'(1):#?.png`. */
const PICTURE = "pictures/a%20b'(1)%3A%23%3F.png";

/** The page as XML: void elements are closed first; all else this page writes as XML has it. */
function asXml(html: string): string {
  return html
    .replace("<!doctype html>", "")
    .replace(/<(meta|img|link)\b([^>]*)>/g, "<$1$2/>")
    .replaceAll("&#39;", "&apos;");
}

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
  readonly text: string;
}

function nodesOf(html: string): Node[] {
  const xml = asXml(html);
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    trimValues: false,
  });
  const convert = (list: Record<string, unknown>[]): Node[] =>
    list.map((entry) => {
      const name = Object.keys(entry).find((key) => key !== ":@")!;
      const value = entry[name];
      const children = Array.isArray(value) ? convert(value) : [];
      const attributes = (entry[":@"] ?? {}) as Record<string, string>;
      const text = name === "#text" ? String(value) : children.map((child) => child.text).join("");
      return { name, attributes, children, text };
    });
  const flat = (node: Node): Node[] => [node, ...node.children.flatMap(flat)];
  return convert(parser.parse(xml)).flatMap(flat);
}

describe("htmlOf", () => {
  const html = htmlOf(REPORT, "1.2.3");
  const nodes = nodesOf(html);
  const named = (name: string) => nodes.filter((node) => node.name === name);

  test("hostile names are text, nothing of them is markup", () => {
    expect(named("script")).toEqual([]);
    expect(html).not.toMatch(/<script|\son\w+=/i);
    expect(named("h1")[0]!.text).toBe(`Title ${HOSTILE}`);
    expect(named("li").map(({ text }) => text)).toEqual(REPORT.protocol);
    expect(named("h3").map(({ text }) => text)).toEqual(["s_1/indoor", HOSTILE]);
    expect(named("td").map(({ text }) => text)).toContain(`There is no file ${HOSTILE}.`);
    expect(html).toContain("script-src 'none'");
  });

  test("tables are rounded, and the best of each column is bold", () => {
    expect(named("strong").map(({ text }) => text)).toEqual(["1.10", "0.9"]);
    const rows = named("table")[0]!.children.flatMap(({ children }) => children);
    expect(
      rows.filter(({ name }) => name === "tr").map((row) => row.children.map((c) => c.text)),
    ).toEqual([
      ["system", "mean", "area", "subjects"],
      [HOSTILE, "1.23", "0.5", "2"],
      ["other", "1.24", "–", "1"],
      ["third", "1.10", "0.9", "2"],
    ]);
  });

  test("systems stand side by side for each subject, with pictures at relative addresses", () => {
    const [first] = named("article");
    expect(first!.children.find(({ name }) => name === "h3")!.text).toBe("s_1/indoor");
    const images = named("img");
    expect(images.map(({ attributes }) => attributes.src)).toEqual([PICTURE]);
    expect(images[0]!.attributes.alt).toBe(`nose ${HOSTILE}: s_1/indoor by ${HOSTILE}`);
    expect(named("h4").map(({ text }) => text)).toEqual([HOSTILE, "=other"]);
  });

  test("charts are in the page, and it loads nothing but pictures", () => {
    expect(named("svg").length).toBe(1);
    const addresses = nodes.flatMap(({ attributes }) => [attributes.src, attributes.href]);
    expect(new Set(addresses.filter((address) => address !== undefined))).toEqual(
      new Set(["report.csv", "summary.csv", "report.json", PICTURE]),
    );
    expect(html).not.toMatch(/@import|url\(/);
  });

  test("many subjects: the rest is behind a click", () => {
    const subjects = Array.from({ length: 15 }, (_, i) => ({
      system: "a",
      subject: `s${i}`,
      figures: { d: 30 - i },
      pictures: [],
    }));
    const many = nodesOf(htmlOf({ ...REPORT, subjects }, "1"));
    const details = many.find(({ name }) => name === "details")!;
    expect(details.children.filter(({ name }) => name === "article").length).toBe(3);
    expect(details.text).toContain("The other 3 subjects");
  });

  test("what is empty leaves no heading behind", () => {
    const bare = { ...REPORT, charts: [], subjects: [], problems: [] };
    const headings = nodesOf(htmlOf(bare, "1")).filter(({ name }) => name === "h2");
    expect(headings.map(({ text }) => text)).toEqual(["Cooperative", "Regions"]);
  });
});
