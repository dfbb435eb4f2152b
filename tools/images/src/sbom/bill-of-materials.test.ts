import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { expect, test } from "vitest";
import { writeBill } from "./bill-of-materials.ts";
import { type Component, packageUrl } from "./component.ts";
import { debianPackages, operatingSystem } from "./debian.ts";
import { npmPackage, packedPackages } from "./npm.ts";
import { pythonPackage } from "./python.ts";

const image = {
  name: "ubuntu-python",
  version: "0.1.0",
  description: "Python",
  digest: `sha256:${"a".repeat(64)}`,
  created: "2026-11-30T12:00:00.000Z",
  properties: { "workstation.image.key": "k" },
};

const components: readonly Component[] = [
  ...operatingSystem('ID=debian\nVERSION_ID="12"\n').components,
  ...debianPackages("Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n", {
    id: "debian",
    release: "12",
  }),
  ...pythonPackage(
    "Name: PyYAML\nVersion: 6.0\nLicense: MIT\n\nText",
    "usr/lib/x/PyYAML-6.0.dist-info/METADATA",
  ),
  ...pythonPackage("Name: PyYAML\nVersion: 6.0\n", "opt/y/PyYAML-6.0.dist-info/METADATA"),
  ...npmPackage('{"name":"@a/b","version":"2.0.0","license":"ISC"}', "opt/node_modules/@a/b/package.json"),
  { type: "file", name: "itk-snap", version: "4", sha256: "b".repeat(64), url: "https://example.org/x" },
];

const parse = (bill: Buffer) => JSON.parse(bill.toString());

test("the bill of an image is valid CycloneDX 1.6", async () => {
  const fault = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(
    writeBill(image, components).toString(),
  );
  expect(fault).toBeNull();
});

test("a package that lies in two places is one component with two places, and the bytes are always the same", () => {
  const bill = parse(writeBill(image, components));
  const found = bill.components.filter((each: { name: string }) => each.name === "PyYAML");
  expect(found).toEqual([
    expect.objectContaining({
      purl: "pkg:pypi/pyyaml@6.0",
      licenses: [{ license: { name: "MIT" } }],
      properties: [
        { name: "workstation:path", value: "/opt/y/PyYAML-6.0.dist-info" },
        { name: "workstation:path", value: "/usr/lib/x/PyYAML-6.0.dist-info" },
      ],
    }),
  ]);
  expect(writeBill(image, [...components]).equals(writeBill(image, components))).toBe(true);
});

test.each([
  [
    "deb",
    "debian/g++",
    "4:12.2.0-3",
    { distro: "debian-12", arch: "amd64" },
    "pkg:deb/debian/g%2B%2B@4%3A12.2.0-3?arch=amd64&distro=debian-12",
  ],
  ["npm", "@jupyterlab/apputils", "4.0.0", {}, "pkg:npm/%40jupyterlab/apputils@4.0.0"],
] as const)(
  "a package-url of %s names %s in the form that is agreed on",
  (type, name, version, more, url) => {
    expect(packageUrl(type, { name, version }, more)).toBe(url);
  },
);

test("a package that was removed but for its settings is not listed", () => {
  const status =
    "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: b\nStatus: install ok installed\nVersion: 2\n";
  expect(debianPackages(status, { id: "debian", release: "12" }).map((each) => each.name)).toEqual(["b"]);
});

test("an npm package without a licence is listed all the same", () => {
  expect(npmPackage('{"name":"a","version":"1"}', "a/package.json")).toMatchObject([{ purl: "pkg:npm/a@1" }]);
});

test.each(["not json", "{}", '{"type":"module"}', "[]"])(
  "a package.json that names no package (%s) is none",
  (text) => {
    expect(npmPackage(text, "x/package.json")).toEqual([]);
  },
);

test("the packages of which a program was made one file are listed, as those that lie apart", () => {
  const text = '[{"name":"@a/b","version":"2.0.0","license":"ISC"},{"name":"c","version":"1.0.0"}]';
  const found = packedPackages(text, "usr/lib/x/dist/packed-packages.json");
  expect(found).toEqual([
    {
      ...npmPackage('{"name":"@a/b","version":"2.0.0","license":"ISC"}', "y/package.json")[0],
      path: "/usr/lib/x/dist",
    },
    expect.objectContaining({ purl: "pkg:npm/c@1.0.0" }),
  ]);
  expect(packedPackages("no list", "packed-packages.json")).toEqual([]);
});
