import { describe, expect, it } from "vitest";
import { parseImageList } from "./image-list.js";

const parse = (text: string) => parseImageList(text, "list.txt");

describe("parseImageList", () => {
  it("takes the last three parts of each line", () => {
    expect(
      parse("FaMoS_1_TA/selfie/IMG_0001.jpg\r\n\n./a/b/S 2/multiview_neutral/x.y.png\n"),
    ).toEqual([
      { subject: "FaMoS_1_TA", challenge: "selfie", name: "IMG_0001", file: "IMG_0001.jpg" },
      { subject: "S 2", challenge: "multiview_neutral", name: "x.y", file: "x.y.png" },
    ]);
  });

  it.each([
    ["selfie/a.jpg", "line 2"],
    ["s/portrait/a.jpg", "line 2"],
    ["s/selfie/a", "line 2"],
    ["../selfie/a.jpg", "line 2"],
    ["s/selfie/...jpg", "line 2"],
    ["s\\t/selfie/a.jpg", "line 2"],
    ["ok/selfie/a.png", "second time"],
  ])("refuses %s", (line, message) => {
    expect(() => parse(`ok/selfie/a.jpg\n${line}`)).toThrow(message);
  });

  it("refuses a list of nothing", () => {
    expect(() => parse("\n \n")).toThrow("lists no photo");
  });
});
